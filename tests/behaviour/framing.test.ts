// Framing of requests and answers (RFC 9112): what is in doubt is refused and closed; what is not keeps the connection.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite, type TestSite } from '../support/start-site.ts';

const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;
const FILES = {
  'cgi-bin/cat': sh`${HEADER}; printf '%s ' "$CONTENT_LENGTH"; cat`,
  'public/page.txt': 'page',
};
const POST = 'POST /cgi-bin/cat HTTP/1.1\r\nHost: a\r\n';

const REFUSED: Readonly<Record<string, string>> = {
  'two lengths that differ': `${POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nbody`,
  'two lengths in one field': `${POST}Content-Length: 4, 4\r\n\r\nbody`,
  'a length with chunks': `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
  'chunks with a length': `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
  'a length below zero': `${POST}Content-Length: -1\r\n\r\n`,
  'a length with a plus': `${POST}Content-Length: +4\r\n\r\nbody`,
  'a hexadecimal length': `${POST}Content-Length: 0x4\r\n\r\nbody`,
  'a length beyond all numbers': `${POST}Content-Length: 99999999999999999999999\r\n\r\nbody`,
  'an empty length': `${POST}Content-Length: \r\n\r\n`,
  'chunks inside another coding': `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'an unknown transfer coding': `${POST}Transfer-Encoding: identity\r\n\r\n`,
  'a transfer coding that only looks chunked': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunks twice': `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunks in HTTP/1.0': 'POST /cgi-bin/cat HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'white space before the colon': `${POST}Content-Length : 4\r\n\r\nbody`,
  'a folded field': `${POST}X-Folded: a\r\n b\r\n\r\n`,
  'a name with a space': `${POST}X Name: a\r\n\r\n`,
  'a line without a colon': `${POST}nonsense\r\n\r\n`,
  'a bare CR in a value': `${POST}X-A: a\rX-B: b\r\n\r\n`,
  'a NUL in a value': `${POST}X-A: a\0b\r\n\r\n`,
  'bare LF line ends': 'GET /page.txt HTTP/1.1\nHost: a\n\n',
  'a second Host': 'GET /page.txt HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'no Host': 'GET /page.txt HTTP/1.1\r\n\r\n',
  'a chunk size that is no number': `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n0\r\n\r\n`,
  'a chunk size beyond all numbers': `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nbody\r\n`,
  'a chunk longer than it says': `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nbody\r\n0\r\n\r\n`,
  'HTTP/0.9 with fields': 'GET /page.txt\r\nHost: a\r\n\r\n',
  'HTTP/2 without TLS': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/3.0': 'GET /page.txt HTTP/3.0\r\nHost: a\r\n\r\n',
  'no method': ' /page.txt HTTP/1.1\r\nHost: a\r\n\r\n',
  'an unknown method': 'BREW /page.txt HTTP/1.1\r\nHost: a\r\n\r\n',
  'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
};

describe('a request with doubtful framing (RFC 9112)', { concurrency: 8 }, () => {
  for (const [what, bytes] of Object.entries(REFUSED))
    it(`is refused and the connection closed: ${what}`, async (t) => {
      const site = await startSite(t, FILES);
      // What is smuggled behind it must never be answered.
      const client = await rawClient(site.port, bytes + requestText('GET /page.txt?smuggled'));
      await client.over(5000);
      assert.match(client.received, /^(HTTP\/1\.1 (4\d\d|50[15]) |$)/);
      assert.doesNotMatch(client.received, / 200 /);
      await assertAlive(site);
    });
});

describe('a chunked body (RFC 9112 §7.1)', () => {
  it('may have extensions and trailers', async (t) => {
    const site = await startSite(t, FILES);
    const body = '4;ext=1;q="a b"\r\nbody\r\n1\r\n!\r\n0;last\r\nX-Trailer: x\r\n\r\n';
    const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', ['Transfer-Encoding: chunked'], body));
    assert.equal((await client.answer()).body, '5 body!');
    await client.send(requestText('GET /page.txt'));
    assert.equal((await client.answer()).body, 'page');
  });

  it('of nothing is a body of length 0', async (t) => {
    const site = await startSite(t, FILES);
    const client = await rawClient(
      site.port,
      requestText('POST /cgi-bin/cat', ['Transfer-Encoding: chunked'], '0\r\n\r\n'),
    );
    assert.equal((await client.answer()).body.trim(), '0');
  });

  it('may come byte by byte', async (t) => {
    const site = await startSite(t, FILES);
    const client = await rawClient(site.port);
    const text = requestText('POST /cgi-bin/cat', ['Transfer-Encoding: chunked'], '4\r\nbody\r\n0\r\n\r\n');
    for (const byte of text) await client.send(byte);
    assert.equal((await client.answer()).body, '4 body');
  });
});

const ANSWERS: Readonly<Record<string, readonly [script: string, status: number]>> = {
  'a document': [sh`${HEADER}; printf document`, 200],
  'a document with its length': [sh`printf 'Content-Length: 4\nContent-Type: text/plain\n\ndone'`, 200],
  'a length that promises less than comes': [sh`printf 'Content-Length: 2\nContent-Type: text/plain\n\ndone'`, 200],
  'a length of zero with a body': [sh`printf 'Content-Length: 0\nContent-Type: text/plain\n\ndone'`, 200],
  'a length that is no number': [sh`printf 'Content-Length: many\nContent-Type: text/plain\n\ndone'`, 200],
  'a 204 with a body': [sh`printf 'Status: 204\nContent-Length: 4\n\ndone'`, 204],
  'a 304 with a body': [sh`printf 'Status: 304\nContent-Type: text/plain\n\ndone'`, 304],
  'a client redirect': [sh`printf 'Location: http://localhost/\n\n'`, 302],
  'a local redirect': [sh`printf 'Location: /page.txt\n\n'`, 200],
  'a Transfer-Encoding of the script': [sh`printf 'Transfer-Encoding: chunked\nContent-Type: text/plain\n\ndone'`, 200],
  'a Connection field of the script': [sh`printf 'Connection: close\nContent-Type: text/plain\n\ndone'`, 200],
  'no header': [sh`echo hello`, 500],
  'no output': [sh`exit 3`, 500],
  'a bare CR in a field': [sh`printf 'X-A: a\rX-B: b\nContent-Type: text/plain\n\ndone'`, 500],
  'an unlawful Status': [sh`printf 'Status: abc\n\n'`, 500],
};

describe('the connection', { concurrency: 8 }, () => {
  for (const [what, [script, status]] of Object.entries(ANSWERS))
    it(`stays usable after ${what}`, async (t) => {
      const site = await startSite(t, { ...FILES, 'cgi-bin/script': script });
      const client = await rawClient(site.port, requestText('GET /cgi-bin/script') + requestText('GET /page.txt'));
      assert.equal((await client.answer()).status, status);
      assert.equal((await client.answer()).body, 'page');
      await client.send(requestText('HEAD /cgi-bin/script'));
      assert.equal((await client.answer({ isHead: true })).status, status);
      await client.send(requestText('GET /page.txt'));
      assert.equal((await client.answer()).body, 'page');
    });

  it('is closed where a length promises more than comes', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/short': sh`printf 'Content-Length: 9\nContent-Type: text/plain\n\ndone'`,
    });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/short') + requestText('GET /page.txt'));
    const { body, isWhole } = await client.answer();
    assert.deepEqual([body, isWhole], ['done', false]);
    await client.over();
    assert.equal(client.received, '');
  });

  it('is kept for an HTTP/1.0 client that asks, where the length is known', async (t) => {
    const site = await startSite(t, FILES);
    const request = 'GET /page.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
    const client = await rawClient(site.port, request);
    assert.equal((await client.answer()).body, 'page');
    await client.send(request);
    assert.equal((await client.answer()).body, 'page');
  });
});

async function assertAlive(site: TestSite): Promise<void> {
  assert.equal(await (await site.get('/page.txt')).text(), 'page');
}
