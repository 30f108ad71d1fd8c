import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { GET, type HttpAnswer, httpAnswer } from '../support/http-answer.ts';
import { startSite } from '../support/start-site.ts';

/** A script that prints these bytes: \r, \n, \0 and \xhh as in a Perl string. */
function prints(text: string): string {
  return `#!/usr/bin/perl\nbinmode STDOUT; print "${text.replaceAll('"', '\\"').replaceAll('$', '\\$').replaceAll('@', '\\@')}";\n`;
}

async function answerTo(t: TestContext, output: string, request = GET('/cgi-bin/x')): Promise<HttpAnswer> {
  const site = await startSite(t, {
    'cgi-bin/x': prints(output),
    'public/page.txt': 'a page',
  });
  const answer = httpAnswer(await site.raw(request));
  assert.equal((await site.get('/page.txt')).status, 200, 'the next request is answered');
  return answer;
}

describe('document response (RFC 3875 §6.2.1)', () => {
  const headerEnds = { LF: '\\n', 'CR LF': '\\r\\n', 'CR CR LF': '\\r\\r\\n' };
  for (const [name, end] of Object.entries(headerEnds)) {
    it(`is read with ${name} at the line ends`, async (t) => {
      const answer = await answerTo(t, `Content-Type: text/plain${end}X-A: 1${end}${end}body\\n`);
      assert.equal(answer.statusLine, 'HTTP/1.1 200 OK');
      assert.deepEqual(answer.all('content-type'), ['text/plain']);
      assert.deepEqual(answer.all('x-a'), ['1']);
      assert.equal(answer.body, 'body\n');
    });
  }

  it('is read with line ends mixed, and its body keeps its own', async (t) => {
    const answer = await answerTo(t, 'Content-Type: text/plain\\r\\nX-A: 1\\n\\r\\n\\r\\n\\0\\xff');
    assert.equal(answer.body, '\r\n\0\xff');
  });

  it('has the status and the reason of Status', async (t) => {
    const answer = await answerTo(t, 'Status: 404 Nicht da\\nContent-Type: text/plain\\n\\nx');
    assert.equal(answer.statusLine, 'HTTP/1.1 404 Nicht da');
    assert.deepEqual(answer.all('status'), []);
  });

  it('has the status of a Status without its blank, as Apache reads it', async (t) => {
    assert.equal((await answerTo(t, 'Status: 404Gone\\n\\n')).statusLine, 'HTTP/1.1 404 Gone');
  });

  it('has the usual reason where Status gives none', async (t) => {
    assert.equal((await answerTo(t, 'Status: 418\\n\\n')).statusLine, "HTTP/1.1 418 I'm a Teapot");
  });

  it('keeps repeated fields apart and in order', async (t) => {
    const answer = await answerTo(
      t,
      'Set-Cookie: a=1\\nContent-Type: text/plain\\nSet-Cookie: b=2\\nset-cookie: c=3\\n\\n',
    );
    assert.deepEqual(answer.all('set-cookie'), ['a=1', 'b=2', 'c=3']);
  });

  it('keeps the case of names and the bytes of values', async (t) => {
    const answer = await answerTo(t, 'content-TYPE: text/plain\\nX-Caf: caf\\xe9 \\xe3\\x81\\x82\\n\\n');
    assert.ok(answer.fields.some(([name]) => name === 'content-TYPE'));
    assert.deepEqual(answer.all('x-caf'), ['caf\xe9 \xe3\x81\x82']);
  });

  it('keeps the bytes of values where its body comes later', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/x': '#!/bin/sh\nprintf "Content-Type: a/b\\nX-Caf: caf\\351\\n\\n"; sleep 0.1; echo body\n',
    });
    const answer = httpAnswer(await site.raw(GET('/cgi-bin/x')));
    assert.deepEqual([answer.all('x-caf'), answer.body], [['caf\xe9'], 'body\n']);
  });

  it('declares no charset that the script did not declare', async (t) => {
    assert.deepEqual((await answerTo(t, 'Content-Type: text/html\\n\\nx')).all('content-type'), ['text/html']);
  });

  it('loses fields that concern one connection only', async (t) => {
    const answer = await answerTo(
      t,
      'Content-Type: text/plain\\nConnection: keep-alive, X-Odd\\nTransfer-Encoding: gzip\\nKeep-Alive: timeout=999\\nUpgrade: x\\n\\nbody',
    );
    assert.deepEqual(answer.all('connection'), ['close']);
    assert.deepEqual(answer.all('keep-alive'), []);
    assert.deepEqual(answer.all('upgrade'), []);
    assert.equal(answer.body, 'body');
  });

  it('has the Content-Length that its script gives', async (t) => {
    const answer = await answerTo(t, 'Content-Type: a/b\\nContent-Length: 4\\n\\nbody');
    assert.deepEqual([answer.all('content-length'), answer.body], [['4'], 'body']);
  });

  it('has the Content-Length that it has where it comes whole within a moment', async (t) => {
    for (const field of ['', 'Content-Length: four\\n']) {
      const site = await startSite(t, { 'cgi-bin/x': prints(`Content-Type: a/b\\n${field}\\nbody`) });
      // On a machine that is busy the end of a script may take longer than that moment.
      const lengths = new Set<string>();
      for (let attempt = 0; attempt < 50 && !lengths.has('4'); attempt += 1) {
        const answer = httpAnswer(await site.raw(GET('/cgi-bin/x')));
        assert.equal(answer.body, 'body');
        lengths.add(answer.all('content-length').join());
      }
      assert.ok(lengths.has('4'), [...lengths].join('|'));
    }
  });

  it('has no Content-Length where its first part is sent before the last is there', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/x': '#!/bin/sh\nprintf "Content-Type: a/b\\n\\n"; echo first; sleep 0.3; echo second\n',
    });
    const answer = await site.get('/cgi-bin/x');
    assert.deepEqual([answer.headers.get('content-length'), await answer.text()], [null, 'first\nsecond\n']);
  });

  it('has no length with 204 (RFC 9110 §8.6)', async (t) => {
    const answer = await answerTo(t, 'Status: 204\\nContent-Length: 4\\n\\nBODY');
    assert.deepEqual([answer.all('content-length'), answer.all('transfer-encoding'), answer.body], [[], [], '']);
  });

  it('has one Date and one Server, the last ones that the script gave', async (t) => {
    const answer = await answerTo(
      t,
      'Date: Sun, 06 Nov 1994 08:49:37 GMT\\nServer: a\\nDate: Mon, 07 Nov 1994 08:49:37 GMT\\nServer: b\\nStatus: 200\\n\\n',
    );
    assert.deepEqual([answer.all('date'), answer.all('server')], [['Mon, 07 Nov 1994 08:49:37 GMT'], ['b']]);
  });

  it('has no body with 204, 304 and HEAD', async (t) => {
    for (const status of ['204 No Content', '304 Not Modified']) {
      const answer = await answerTo(t, `Status: ${status}\\n\\nbody`);
      assert.deepEqual([answer.status, answer.body], [Number.parseInt(status, 10), '']);
    }
    const head = await answerTo(
      t,
      'Content-Type: a/b\\nContent-Length: 4\\n\\nbody',
      GET('/cgi-bin/x').replace('GET', 'HEAD'),
    );
    assert.deepEqual([head.status, head.all('content-length'), head.body], [200, ['4'], '']);
  });

  it('is whole in however many writes it comes', async (t) => {
    const lines = Array.from({ length: 6 }, (_, index) => `echo ${index}`).join('; ');
    const site = await startSite(t, { 'cgi-bin/x': `#!/bin/sh\necho "Content-Type: text/plain"; echo; ${lines}\n` });
    const bodies = await Promise.all(Array.from({ length: 60 }, async () => (await site.get('/cgi-bin/x')).text()));
    assert.deepEqual(new Set(bodies), new Set(['0\n1\n2\n3\n4\n5\n']));
  });

  it('may be empty', async (t) => {
    const answer = await answerTo(t, 'Content-Type: text/plain\\n\\n');
    assert.deepEqual([answer.status, answer.body], [200, '']);
  });

  it('is an error page with status 500 where Python cgitb printed it', async (t) => {
    const answer = await answerTo(t, '<!--: spam\\nContent-Type: text/html\\n\\n<body>trace');
    assert.deepEqual([answer.status, answer.all('content-type'), answer.body], [500, ['text/html'], '<body>trace']);
  });

  it('gets the fields of site.headers, except those it has itself', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/x': prints('Content-Type: a/b\\nX-One: mine\\n\\n') },
      {
        site: { headers: { 'X-One': 'site', 'X-Two': 'site' } },
      },
    );
    const answer = httpAnswer(await site.raw(GET('/cgi-bin/x')));
    assert.deepEqual([answer.all('x-one'), answer.all('x-two')], [['mine'], ['site']]);
  });

  it('goes to an HTTP/1.0 client without chunks', async (t) => {
    const answer = await answerTo(t, 'Content-Type: text/plain\\n\\nbody', 'GET /cgi-bin/x HTTP/1.0\r\n\r\n');
    assert.deepEqual([answer.all('transfer-encoding'), answer.all('connection'), answer.body], [[], ['close'], 'body']);
  });
});

describe('client redirect (RFC 3875 §6.2.3, §6.2.4)', () => {
  it('is a 302 to an absolute URI', async (t) => {
    const answer = await answerTo(t, 'Location: https://example.org/a?b#c\\n\\n');
    assert.equal(answer.statusLine, 'HTTP/1.1 302 Found');
    assert.deepEqual(answer.all('location'), ['https://example.org/a?b#c']);
  });

  it('keeps the status and the document that come with it', async (t) => {
    const answer = await answerTo(
      t,
      'Status: 301 Moved\\nLocation: http://e.org/\\nContent-Type: text/html\\nSet-Cookie: a=1\\n\\n<a>',
    );
    assert.deepEqual([answer.statusLine, answer.body], ['HTTP/1.1 301 Moved', '<a>']);
    assert.deepEqual(answer.all('set-cookie'), ['a=1']);
  });

  it('keeps a path where the script gives a Status of its own, a relative one, and one with a fragment', async (t) => {
    const given = await answerTo(t, 'Status: 303 See Other\\nLocation: /page.txt\\n\\n');
    assert.deepEqual([given.status, given.all('location')], [303, ['/page.txt']]);
    const relative = await answerTo(t, 'Location: next.html\\n\\n');
    assert.deepEqual([relative.status, relative.all('location')], [302, ['next.html']]);
    const ok = await answerTo(t, 'Status: 200 OK\\nLocation: http://e.org/\\n\\n');
    assert.deepEqual([ok.statusLine, ok.all('location')], ['HTTP/1.1 302 Found', ['http://e.org/']], 'as Apache');
    const fragment = await answerTo(t, 'Location: /page.txt#part\\n\\n');
    assert.deepEqual([fragment.status, fragment.all('location')], [302, ['/page.txt#part']]);
  });
});

describe('a Location with blanks, as scripts make it from a form', () => {
  it('reaches the client encoded', async (t) => {
    const answer = await answerTo(t, 'Location: http://e.org/a b?text=two words\tx\\n\\n'.replace('\t', '\\t'));
    assert.deepEqual([answer.status, answer.all('location')], [302, ['http://e.org/a%20b?text=two%20words%09x']]);
  });

  it('is found here where it is local', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/x': prints('Location: /two words.txt\\n\\n'),
      'cgi-bin/y': prints('Location: /voil\\xc3\\xa0.txt\\n\\n'),
      'public/two words.txt': 'found',
      'public/voilà.txt': 'trouvé',
    });
    assert.equal(await (await site.get('/cgi-bin/x')).text(), 'found');
    assert.equal(await (await site.get('/cgi-bin/y')).text(), 'trouvé');
  });
});

describe('output that is no answer', () => {
  const failures: Readonly<Record<string, readonly [output: string, cause: string]>> = {
    'nothing at all': ['', 'noOutput'],
    'no header': ['hello\\n', 'headerMalformed'],
    'no header and no line end': ['hello', 'headerMalformed'],
    'a blank line first': ['\\nContent-Type: text/plain\\n\\nx', 'headerMalformed'],
    'no blank line': ['Content-Type: text/plain\\n', 'headerIncomplete'],
    'a line without colon': ['Content-Type: text/plain\\nhello\\n\\nx', 'headerMalformed'],
    'a space in a name': ['Content Type: text/plain\\n\\nx', 'headerMalformed'],
    'a space before the colon': ['Content-Type : text/plain\\n\\nx', 'headerMalformed'],
    'no name': [': x\\n\\n', 'headerMalformed'],
    'a folded line': ['Content-Type: text/plain\\n ; x=1\\n\\nx', 'headerMalformed'],
    'a bare CR in a value': ['Content-Type: text/plain\\rX-Evil: 1\\n\\nx', 'headerMalformed'],
    'NUL in a value': ['Content-Type: a\\0b\\n\\nx', 'headerMalformed'],
    'a status line': ['HTTP/1.1 200 OK\\nContent-Type: text/plain\\n\\nx', 'headerMalformed'],
    'no CGI field': ['X-Only: 1\\n\\nx', 'headerWithoutCgiField'],
    'a Status that is no number': ['Status: fine\\nContent-Type: a/b\\n\\nx', 'statusMalformed'],
    'a Status of 1xx': ['Status: 101 Switching\\n\\n', 'statusMalformed'],
    'a Status of 600': ['Status: 1000\\n\\n', 'statusMalformed'],
    'an empty Location': ['Location:\\n\\n', 'locationMalformed'],
    'a local Location with bad percent-encoding': ['Location: /%zz\\n\\n', 'locationMalformed'],
  };
  for (const [name, [output, cause]] of Object.entries(failures)) {
    it(`gives 500 and the cause: ${name}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/x': prints(output) });
      const answer = httpAnswer(await site.raw(GET('/cgi-bin/x')));
      assert.equal(answer.status, 500, answer.body);
      assert.equal((await site.logged('/cgi-bin/x')).cause, cause);
      assert.equal(httpAnswer(await site.raw(GET('/cgi-bin/x'))).status, 500, 'the next request is answered');
    });
  }
});

describe('NPH script (RFC 3875 §5)', () => {
  const NPH = 'HTTP/1.0 299 Own  Words\\r\\nX-Odd:1\\r\\n\\r\\n\\0body';

  it('writes to the wire itself, byte for byte, and the connection ends', async (t) => {
    const site = await startSite(t, { 'cgi-bin/nph-x': prints(NPH) });
    const request = 'GET /cgi-bin/nph-x HTTP/1.1\r\nHost: a\r\n\r\n';
    assert.equal(
      (await site.raw(request, { silenceMs: 5000 })).toString('latin1'),
      'HTTP/1.0 299 Own  Words\r\nX-Odd:1\r\n\r\n\0body',
    );
    const { status, ending } = await site.logged('/cgi-bin/nph-x');
    assert.deepEqual([status, ending], [299, 'complete']);
  });

  it('is also what perScript says', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/x': prints(NPH) },
      { cgi: { perScript: { '/cgi-bin/x': { nph: true } } } },
    );
    assert.match((await site.raw(GET('/cgi-bin/x'))).toString('latin1'), /^HTTP\/1\.0 299 Own {2}Words\r\n/);
  });

  it('gets its body, and fails with a page where it prints nothing', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/nph-echo': '#!/bin/sh\nprintf "HTTP/1.0 200 OK\\r\\n\\r\\n"; cat',
      'cgi-bin/nph-nothing': '#!/bin/sh\nexit 4',
    });
    const post = 'POST /cgi-bin/nph-echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    assert.equal((await site.raw(post)).toString('latin1'), 'HTTP/1.0 200 OK\r\n\r\nhello');
    assert.equal((await site.get('/cgi-bin/nph-nothing')).status, 500);
  });
});
