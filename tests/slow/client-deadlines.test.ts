// Deadlines of clients (PRODUCT.md section 6), in real time and all at once: each connection ends when its own is over, not before.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesIn } from '../support/processes.ts';
import { type RawClient, rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite, type TestSite } from '../support/start-site.ts';

const FILES = {
  'cgi-bin/reads': sh`cat > body.txt; printf 'Content-Type: text/plain\n\nread'`,
  'cgi-bin/cat': sh`body=$(cat); printf 'Content-Type: text/plain\n\n%s' "$body"`,
  'public/page.txt': 'page',
};
const CHUNKED = ['Transfer-Encoding: chunked'];
const UPGRADE = [...CHUNKED, 'Connection: upgrade', 'Upgrade: websocket'];

describe('a client that keeps a connection open', { concurrency: true, timeout: 120_000 }, () => {
  let site: TestSite;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    site = await startSite({ after: (cleanup) => void cleanups.push(cleanup as () => void) }, FILES);
  });
  after(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  });

  it('and drips the header of its request gets 408 after 20 s', async (t) => {
    const client = await rawClient(site.port, 'GET /page.txt HTTP/1.1\r\nHost: a\r\nX-Drip: ');
    const dripping = setInterval(() => void client.send('x'), 500);
    t.after(() => clearInterval(dripping));
    const waited = await secondsUntil(client, async () => assert.equal((await client.answer(PATIENT)).status, 408));
    assert.ok(waited > 18 && waited < 40, `${waited} s`);
  });

  it('and asks for nothing more is closed after 15 s', async () => {
    const client = await rawClient(site.port, requestText('GET /page.txt'));
    assert.equal((await client.answer()).body, 'page');
    const waited = await secondsUntil(client);
    assert.ok(waited > 13 && waited < 35, `${waited} s`);
    assert.equal(client.received, '');
  });

  it('and sends no more of its body gets 408 after a minute, and its script is ended', async () => {
    const client = await rawClient(site.port, requestText('POST /cgi-bin/reads', ['Content-Length: 100'], 'half'));
    const waited = await secondsUntil(client, async () => assert.equal((await client.answer(PATIENT)).status, 408));
    assert.ok(waited > 55 && waited < 85, `${waited} s`);
    assert.deepEqual(await processesIn(site.folder), []);
  });

  for (const [name, request] of Object.entries({
    'a chunk': requestText('POST /cgi-bin/cat', CHUNKED, '5\r\nhel'),
    'its first chunk': requestText('POST /cgi-bin/cat', CHUNKED),
    // Node's parser says nothing of what is wrong behind these two fields.
    'what is no chunk, with Upgrade': requestText('POST /cgi-bin/cat', UPGRADE, 'zz\r\n'),
  }))
    it(`and sends no more behind ${name} gets 408 after a minute`, async () => {
      const client = await rawClient(site.port, request);
      const waited = await secondsUntil(client, async () => assert.equal((await client.answer(PATIENT)).status, 408));
      assert.ok(waited > 55 && waited < 85, `${waited} s`);
    });

  it('and sends what is no chunk all the time, with Upgrade, gets 408 after a minute', async (t) => {
    const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', UPGRADE, 'zz\r\n'));
    const dripping = setInterval(() => void client.send('zz\r\n'), 500);
    t.after(() => clearInterval(dripping));
    assert.equal((await client.answer(PATIENT)).status, 408);
  });

  for (const [name, { fields, parts }] of Object.entries({
    'its length told': { fields: ['Content-Length: 9'], parts: ['abc', 'def', 'ghi'] },
    chunks: { fields: CHUNKED, parts: ['9\r\nabc', 'def', 'ghi\r\n0\r\n\r\n'] },
  }))
    it(`and goes on with its body within the minute is answered (${name})`, async (t) => {
      // Its script runs meanwhile, and the one above shall be the last of its site.
      const { port } = await startSite(t, FILES);
      const [first = '', ...later] = parts;
      const client = await rawClient(port, requestText('POST /cgi-bin/cat', fields, first));
      for (const part of later) {
        await sleep(35_000);
        await client.send(part);
      }
      const { status, body } = await client.answer();
      assert.deepEqual([status, body], [200, 'abcdefghi']);
    });
});

const PATIENT = { withinMs: 100_000 };

/** How long the connection stays open. */
async function secondsUntil(client: RawClient, answered: () => Promise<void> = async () => {}): Promise<number> {
  const since = performance.now();
  await answered();
  await client.over(PATIENT.withinMs);
  return (performance.now() - since) / 1000;
}
