// The same small script in sh, Perl and Python: the server must not care in which language a script speaks.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startFolder, temporaryFolder } from '../support/start-site.ts';

const SCRIPTS = path.resolve(import.meta.dirname, '../fixtures/scripts');

async function start(t: TestContext) {
  const folder = await temporaryFolder(t);
  await cp(SCRIPTS, path.join(folder, 'cgi-bin'), { recursive: true });
  await cp(path.resolve(SCRIPTS, '../cgi_test/index.html'), path.join(folder, 'public/index.html'), {
    recursive: true,
  });
  return startFolder(t, folder);
}

for (const language of ['sh', 'pl', 'py']) {
  describe(`a script in ${language}`, () => {
    it('gets a body of any bytes, and gives it back', async (t) => {
      const site = await start(t);
      const body = randomBytes(300_000);
      const response = await site.get(`/cgi-bin/echo-body.${language}`, { method: 'POST', body });
      assert.ok(body.equals(Buffer.from(await response.arrayBuffer())));
    });

    it('gets the words of a query without "=" as arguments', async (t) => {
      const site = await start(t);
      const url = `/cgi-bin/arguments.${language}`;
      assert.equal(await (await site.get(`${url}?one+two%2Bthree+%3D`)).text(), '<one><two+three><=>');
      assert.equal(await (await site.get(`${url}?one=1+two`)).text(), '');
      assert.equal(await (await site.get(`${url}?one+two`, { method: 'POST', body: 'x' })).text(), '');
    });

    it('loses nothing when it leaves its body unread', async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/never-reads.${language}`, {
        method: 'POST',
        body: Buffer.alloc(2_000_000),
      });
      assert.equal(await response.text(), 'not read\n');
    });

    it('is not stuck when it prints much before it reads', async (t) => {
      const site = await start(t);
      const url = `/cgi-bin/prints-before-reading.${language}`;
      const response = await site.get(url, { method: 'POST', body: Buffer.alloc(2_000_000) });
      assert.equal(
        Buffer.from(await response.arrayBuffer())
          .subarray(1_000_000)
          .toString()
          .trim(),
        '2000000',
      );
    });

    it('may set two cookies', async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/repeated-cookies.${language}`);
      assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
    });

    it('may end the lines of its header in CR LF', async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/crlf-header.${language}`);
      assert.equal(response.headers.get('x-made-by'), language);
      assert.equal(await response.text(), 'body\r\n');
    });

    it('may exit with 3 after a good answer', async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/exits-with-3.${language}`);
      assert.deepEqual([response.status, await response.text()], [200, 'said before\n']);
    });

    it('fails with 500 where no empty line ends its header', async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/no-blank-line.${language}`);
      assert.equal(response.status, 500);
      assert.match(await response.text(), /hello/);
    });

    it('fails with 500 and its own words when it dies silently', async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/dies-silently.${language}`);
      assert.equal(response.status, 500);
      assert.match(await response.text(), /no such luck/);
    });

    it('is never sent as text', async (t) => {
      const site = await start(t);
      const source = await readFile(path.join(SCRIPTS, `arguments.${language}`), 'latin1');
      for (const end of ['/', '%00', '.', '%20', '~', '::$DATA', '/../arguments.sh%2f']) {
        const answer = await site.raw(
          `GET /cgi-bin/arguments.${language}${end} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        );
        assert.ok(!answer.toString('latin1').includes(source.slice(0, 20)), end);
      }
    });
  });
}
