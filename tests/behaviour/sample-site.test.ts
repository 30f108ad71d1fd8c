// The sample site: what a newcomer sees first must work whole, and set a good example.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startFolder, temporaryFolder } from '../support/start-site.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');

async function startSample(t: TestContext) {
  const folder = await temporaryFolder(t);
  for (const part of ['public', 'cgi-bin'])
    await cp(path.join(PROJECT, part), path.join(folder, part), { recursive: true });
  return startFolder(t, folder);
}

function formBody(fields: Readonly<Record<string, string>>) {
  return { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' } as const;
}

function linksOf(page: string): readonly string[] {
  return [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => (match[1] ?? '').replaceAll('&amp;', '&'));
}

describe('the page of the sample site', () => {
  it('links to nothing that is not there', async (t) => {
    const site = await startSample(t);
    const links = linksOf(await (await site.get('/')).text());
    // The clock takes its time and the failure fails: each has its own test.
    const quick = links.filter((link) => !/clock|fails/.test(link));
    assert.ok(quick.length > 12);
    for (const link of quick) {
      const { status } = await site.get(link);
      assert.ok(status < 400 || link.includes('teapot'), `${link} answered ${status}`);
    }
  });

  it('links to every script, and asks nobody else for anything', async () => {
    const page = await readFile(path.join(PROJECT, 'public/index.html'), 'utf8');
    for (const script of await readdir(path.join(PROJECT, 'cgi-bin'))) {
      assert.ok(page.includes(`href="/cgi-bin/${script}`), `${script} is not linked`);
    }
    assert.deepEqual(
      linksOf(page).filter((link) => !link.startsWith('/')),
      [],
    );
  });

  it('has only scripts that may be executed', async () => {
    for (const script of await readdir(path.join(PROJECT, 'cgi-bin'))) {
      const { mode } = await stat(path.join(PROJECT, 'cgi-bin', script));
      assert.equal(mode & 0o100, 0o100, script);
    }
  });

  for (const [script, language] of [
    ['hello.sh', 'sh'],
    ['hello.pl', 'Perl'],
    ['hello.py', 'Python'],
  ]) {
    it(`says hello from ${language}`, async (t) => {
      const site = await startSample(t);
      const response = await site.get(`/cgi-bin/${script}`);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.match(await response.text(), new RegExp(`^Hello from ${language}!\n\nIt is [0-9:]{8} UTC\\.\n`));
    });
  }
});

describe('form.pl', () => {
  it('decodes and escapes what comes by GET', async (t) => {
    const site = await startSample(t);
    const page = await (await site.get('/cgi-bin/form.pl?name=Ren%C3%A9e+%3Cb%3E&colour=%22%27%26')).text();
    assert.ok(page.includes('<td>Renée &lt;b&gt;</td>'));
    assert.ok(page.includes('<td>&quot;&#39;&amp;</td>'));
  });

  it('takes fields by POST, and none from the query then', async (t) => {
    const site = await startSample(t);
    const page = await (await site.get('/cgi-bin/form.pl?from=query', formBody({ '<x>': 'body' }))).text();
    assert.ok(page.includes('<th scope="row">&lt;x&gt;</th><td>body</td>'));
    assert.ok(!page.includes('query'));
  });
});

describe('upload.py', () => {
  async function upload(t: TestContext, file: File): Promise<string> {
    const site = await startSample(t);
    const body = new FormData();
    body.append('file', file);
    return (await site.get('/cgi-bin/upload.py', { method: 'POST', body })).text();
  }

  it('names the size and the check sum of any bytes', async (t) => {
    const bytes = Buffer.concat([randomBytes(200_000), Buffer.from('\r\n\r\r\n--\n')]);
    const page = await upload(t, new File([bytes], '<i>été.png', { type: 'image/png' }));
    assert.ok(page.includes(createHash('sha256').update(bytes).digest('hex')));
    assert.ok(page.includes(`${bytes.length.toLocaleString('en')} bytes`));
    assert.ok(page.includes('&lt;i&gt;été.png'));
  });

  it('says so when no file came', async (t) => {
    assert.match(await upload(t, new File([], '')), /No file came in/);
  });

  it('answers 415 to another kind of body', async (t) => {
    const site = await startSample(t);
    assert.equal((await site.get('/cgi-bin/upload.py', formBody({ a: '1' }))).status, 415);
  });
});

describe('visits.pl', () => {
  it('counts by the cookie, and believes only a number', async (t) => {
    const site = await startSample(t);
    const visits = async (cookie: string) => {
      const response = await site.get('/cgi-bin/visits.pl', { headers: { cookie } });
      return response.headers.get('set-cookie')?.split(';')[0];
    };
    assert.equal(await visits(''), 'visits=1');
    assert.equal(await visits('other=9; visits=41'), 'visits=42');
    assert.equal(await visits('visits=<script>'), 'visits=1');
  });
});

describe('path-info.sh', () => {
  it('shows the rest of the path decoded and escaped', async (t) => {
    const site = await startSample(t);
    const page = await (await site.get('/cgi-bin/path-info.sh/caf%C3%A9/%3Cmenu%3E?a=%22<')).text();
    assert.ok(page.includes('<th scope="row">PATH_INFO</th><td>/café/&lt;menu&gt;</td>'));
    assert.ok(!page.includes('<menu>'));
  });
});

describe('clock.sh', () => {
  it('ticks while the script still runs', async (t) => {
    const site = await startSample(t);
    const response = await site.get('/cgi-bin/clock.sh');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('<li>')) break;
    }
    assert.match(text, /<li>[0-9:]{8} UTC<\/li>/);
    assert.ok(!text.includes('That was all'));
  });
});

describe('guestbook.pl', () => {
  const BOOK = '/cgi-bin/guestbook.pl';

  it('keeps an entry, redirects, and shows it escaped', async (t) => {
    const site = await startSample(t);
    const signed = await site.get(BOOK, formBody({ name: '<b>Zoë</b>', text: 'a\tb\r\nc & d' }));
    assert.equal(signed.status, 303);
    assert.equal(signed.headers.get('location'), `${site.url}${BOOK}`);
    const page = await (await site.get(BOOK)).text();
    assert.ok(page.includes('<strong>&lt;b&gt;Zoë&lt;/b&gt;</strong>'));
    assert.ok(page.includes('a b c &amp; d'));
  });

  it('loses none of twenty entries signed at once', async (t) => {
    const site = await startSample(t);
    const names = Array.from({ length: 20 }, (_, index) => `guest-${index}`);
    await Promise.all(names.map((name) => site.get(BOOK, formBody({ name, text: 'hello' }))));
    const page = await (await site.get(BOOK)).text();
    assert.deepEqual(
      names.filter((name) => !page.includes(`<strong>${name}</strong>`)),
      [],
    );
  });

  it('cuts a long entry between two characters', async (t) => {
    const site = await startSample(t);
    await site.get(BOOK, formBody({ name: 'é'.repeat(100), text: 'x' }));
    assert.ok((await (await site.get(BOOK)).text()).includes(`<strong>${'é'.repeat(60)}</strong>`));
  });

  it('explains itself where nothing can be written', async (t) => {
    const site = await startSample(t);
    // A file in the place of the folder: it stops root too, whom no mode stops.
    await writeFile(path.join(site.folder, 'data'), '');
    const answer = await site.get(BOOK, formBody({ name: 'A', text: 'b' }));
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /could not be kept: Not a directory/);
  });

  it('wants a name and a few words', async (t) => {
    const site = await startSample(t);
    await mkdir(path.join(site.folder, 'data'));
    assert.equal((await site.get(BOOK, formBody({ name: ' ', text: '' }))).status, 422);
  });
});

describe('redirect.sh', () => {
  it('sends a visitor on in three ways', async (t) => {
    const site = await startSample(t);
    const go = (query: string) => site.get(`/cgi-bin/redirect.sh${query}`, { redirect: 'manual' });
    const [plain, moved, local] = [await go(''), await go('?moved'), await go('?local')];
    assert.deepEqual([plain.status, moved.status, local.status], [307, 302, 200]);
    assert.equal(plain.headers.get('location'), `${site.url}/cgi-bin/redirect.sh?moved`);
    assert.match(await plain.text(), /Please go on/);
    assert.equal(moved.headers.get('location'), `${site.url}/files/welcome.txt`);
    assert.match(await local.text(), /^Welcome!/);
  });
});

describe('nph-teapot.pl', () => {
  it('puts its own bytes on the wire', async (t) => {
    const site = await startSample(t);
    const answer = await site.raw('GET /cgi-bin/nph-teapot.pl HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.ok(answer.toString('latin1').startsWith("HTTP/1.1 418 I'm a teapot\r\nContent-Type: text/plain"));
    assert.ok(answer.toString('latin1').endsWith('Short and stout.\n'));
  });
});

describe('environment.py', () => {
  it('shows the request, and nothing of the server', async (t) => {
    const site = await startSample(t);
    const page = await (await site.get('/cgi-bin/environment.py?q=%3C', { headers: { 'x-odd': '<s>' } })).text();
    assert.ok(page.includes('<th scope="row">QUERY_STRING</th><td>q=%3C</td>'));
    assert.ok(page.includes('<th scope="row">HTTP_X_ODD</th><td>&lt;s&gt;</td>'));
    assert.ok(!page.includes('NODE_TEST_CONTEXT') && !page.includes('npm_'));
  });
});

describe('fails.py', () => {
  it('is explained, and the next request is answered', async (t) => {
    const site = await startSample(t);
    const failure = await site.get('/cgi-bin/fails.py', { headers: { accept: 'text/html' } });
    assert.equal(failure.status, 500);
    assert.match(await failure.text(), /ZeroDivisionError: division by zero/);
    assert.equal((await site.get('/')).status, 200);
  });
});
