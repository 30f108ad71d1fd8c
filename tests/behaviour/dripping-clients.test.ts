// Clients that drip: 200 of them, in every part of a request, do not delay the others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { untilProcessesIn } from '../support/processes.ts';
import { type RawClient, rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const DRIPPING = 200;
const FILES = {
  'cgi-bin/hello': sh`printf 'Content-Type: text/plain\n\nhello'`,
  'cgi-bin/cat': sh`printf 'Content-Type: text/plain\n\n'; exec cat`,
  'public/page.txt': 'page',
};

const KINDS: Readonly<Record<string, string>> = {
  'the request line': 'GET /page.txt',
  'a header': 'GET /page.txt HTTP/1.1\r\nHost: a\r\nX-Drip: ',
  'a chunked body': requestText('POST /cgi-bin/cat', ['Transfer-Encoding: chunked'], '5000\r\n'),
  'a body with its length': requestText('POST /cgi-bin/cat', ['Content-Length: 50000']),
  nothing: '',
};

describe('200 clients that drip', () => {
  for (const [what, start] of Object.entries(KINDS))
    it(`do not delay the others: ${what}`, { timeout: 60_000 }, async (t) => {
      const site = await startSite(t, FILES);
      const clients = await Promise.all(Array.from({ length: DRIPPING }, () => rawClient(site.port, start)));
      const dripping = setInterval(() => drip(clients, start), 200);
      t.after(() => clearInterval(dripping));
      for (let count = 0; count < 5; count += 1) {
        assert.equal(await (await site.get('/page.txt')).text(), 'page');
        assert.equal(await (await site.get('/cgi-bin/hello')).text(), 'hello');
      }
      clearInterval(dripping);
      for (const client of clients) client.reset();
      await untilProcessesIn(site.folder, 0, 15_000);
    });
});

function drip(clients: readonly RawClient[], start: string): void {
  if (start === '') return;
  for (const client of clients) void client.send('x');
}
