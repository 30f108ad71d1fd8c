// A client that falls silent in the middle of its body is waited for a minute, here one of the test's own clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const MINUTE = 60_000;
const CHUNKED = ['Transfer-Encoding: chunked'];
const UPGRADE = [...CHUNKED, 'Connection: upgrade', 'Upgrade: websocket'];
const files = { 'cgi-bin/cat': sh`body=$(cat); echo "Content-Type: text/plain"; echo; printf %s "$body"` };

describe('a client that falls silent in the middle of its body', () => {
  const silent: Record<string, string> = {
    'of a length that it told': requestText('POST /cgi-bin/cat', ['Content-Length: 9'], 'hel'),
    'of a long one': requestText('POST /cgi-bin/cat', ['Content-Length: 9000000'], 'hel'),
    'in chunks': requestText('POST /cgi-bin/cat', CHUNKED, '5\r\nhel'),
    'before its first chunk': requestText('POST /cgi-bin/cat', CHUNKED),
    // Node's parser says nothing of what is wrong behind these two fields.
    'behind what is no chunk, with Upgrade': requestText('POST /cgi-bin/cat', UPGRADE, 'zz\r\n'),
  };
  for (const [name, request] of Object.entries(silent))
    it(`${name}: 408`, async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] });
      const site = await startSite(t, files);
      const client = await rawClient(site.port, request);
      await sleep(200);
      t.mock.timers.tick(MINUTE);
      t.mock.timers.tick(MINUTE);
      assert.equal((await client.answer()).status, 408);
      await client.over();
    });

  it('and sends what is no chunk all the time, with Upgrade: 408', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const site = await startSite(t, files);
    const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', UPGRADE, 'zz\r\n'));
    for (let minute = 0; minute < 2; minute += 1) {
      await client.send('zz\r\n');
      await sleep(100);
      t.mock.timers.tick(MINUTE);
    }
    assert.equal((await client.answer()).status, 408);
  });

  for (const [name, { fields, begun, rest }] of Object.entries({
    length: { fields: ['Content-Length: 9'], begun: 'abc', rest: ['def', 'ghi'] },
    chunks: { fields: CHUNKED, begun: '9\r\nabc', rest: ['def', 'ghi\r\n0\r\n\r\n'] },
  }))
    it(`but goes on within the minute is waited for (${name})`, async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] });
      const site = await startSite(t, files);
      const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', fields, begun));
      for (const part of rest) {
        await sleep(200);
        await client.send(part);
        await sleep(200);
        t.mock.timers.tick(MINUTE);
      }
      const { status, body } = await client.answer();
      assert.deepEqual([status, body], [200, 'abcdefghi']);
    });
});
