// A script that gives its page an entity tag or a date need not look itself at what the client has (RFC 9110 §13.2.2).
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type HttpAnswer, httpAnswer } from '../support/http-answer.ts';
import { startSite } from '../support/start-site.ts';

const HEADER = String.raw`Content-Type: text/plain\nETag: "a,1"\nLast-Modified: Sat, 01 Jan 2000 00:00:00 GMT\nExpires: 0\nSet-Cookie: a=1`;

const LONG = 'x'.repeat(100_000);

interface Asked {
  readonly fields: string;
  readonly method?: string;
  readonly script?: string;
}

async function asker(t: TestContext): Promise<(asked: Asked) => Promise<HttpAnswer>> {
  const site = await startSite(t, {
    'cgi-bin/tagged': `#!/bin/sh\nprintf '${HEADER}\\nContent-Length: 4\\n\\nbody'\n`,
    'cgi-bin/missing': `#!/bin/sh\nprintf 'Status: 404 Not Found\\n${HEADER}\\n\\nbody'\n`,
    'cgi-bin/bare': `#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nbody'\n`,
  });
  return async ({ fields, method = 'GET', script = 'tagged' }) => {
    const answer = await site.raw(
      `${method} /cgi-bin/${script} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n\r\n`,
    );
    return httpAnswer(answer);
  };
}

describe('a script that gives its page an entity tag or a date', () => {
  it('is a 304 to the client that has it, as in Apache', async (t) => {
    const ask = await asker(t);
    for (const fields of [
      'If-None-Match: "b", W/"a,1"',
      'If-None-Match: *',
      'If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT',
      'If-Modified-Since: Sat Jan  1 00:00:01 2000',
    ])
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask({ fields, method });
        assert.equal(answer.statusLine, 'HTTP/1.1 304 Not Modified', fields);
        assert.deepEqual(answer.all('etag'), ['"a,1"']);
        assert.deepEqual(answer.all('expires'), ['0']);
        assert.deepEqual(answer.all('set-cookie'), ['a=1']);
        for (const name of ['content-type', 'content-length', 'last-modified'])
          assert.deepEqual(answer.all(name), [], name);
        assert.equal(answer.body, '');
      }
  });

  it('is sent whole where the client has another, reloads, sends a form, or the script has a status of its own', async (t) => {
    const ask = await asker(t);
    const old = 'If-None-Match: "a,1"';
    for (const asked of [
      { fields: 'If-None-Match: "b", "a"\r\nIf-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT' },
      { fields: 'If-Modified-Since: Fri, 31 Dec 1999 23:59:59 GMT' },
      { fields: 'If-Modified-Since: 0' },
      { fields: `${old}\r\nCache-Control: no-cache` },
      { fields: `${old}\r\nContent-Length: 0`, method: 'POST' },
      { fields: old, script: 'missing' },
      { fields: 'If-None-Match: *', script: 'bare' },
    ]) {
      const answer = await ask(asked);
      assert.equal(
        answer.statusLine,
        `HTTP/1.1 ${asked.script === 'missing' ? '404 Not Found' : '200 OK'}`,
        asked.fields,
      );
      assert.equal(answer.body, 'body', asked.fields);
    }
  });

  it('runs to its end where a 304 takes its place, and the connection goes on', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/long': `#!/bin/sh\nprintf '${HEADER}\\n\\n'; sleep 0.1; echo ${LONG}; echo done > ../public/done.txt\n`,
      'public/page.txt': 'a page',
    });
    const both = await site.raw(
      'GET /cgi-bin/long HTTP/1.1\r\nHost: x\r\nIf-None-Match: "a,1"\r\n\r\nGET /page.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    assert.match(both.toString('latin1'), /^HTTP\/1\.1 304 .*\r\n\r\nHTTP\/1\.1 200 OK\r\n.*\r\n\r\na page$/s);
    const deadline = Date.now() + 5000;
    while ((await site.get('/done.txt')).status !== 200) assert.ok(Date.now() < deadline, 'the script came to its end');
  });
});
