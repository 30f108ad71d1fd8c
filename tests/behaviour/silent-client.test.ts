// A client that falls silent in the middle of its body is waited for a minute, here one of the test's own clock.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
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
      const { client, hasRead, minute } = await begun(t, request);
      await hasRead(request.length);
      await minute();
      await minute();
      assert.equal((await client.answer()).status, 408);
      await client.over();
    });

  it('and sends what is no chunk all the time, with Upgrade: 408', async (t) => {
    const request = requestText('POST /cgi-bin/cat', UPGRADE, 'zz\r\n');
    const { client, hasRead, minute } = await begun(t, request);
    for (const bytes of [4, 8]) {
      await client.send('zz\r\n');
      await hasRead(request.length + bytes);
      await minute();
    }
    assert.equal((await client.answer()).status, 408);
  });

  for (const [name, { fields, parts }] of Object.entries({
    length: { fields: ['Content-Length: 9'], parts: ['abc', 'def', 'ghi'] },
    chunks: { fields: CHUNKED, parts: ['9\r\nabc', 'def', 'ghi\r\n0\r\n\r\n'] },
  }))
    it(`but goes on within the minute is waited for (${name})`, async (t) => {
      const [first = '', second = '', last = ''] = parts;
      const request = requestText('POST /cgi-bin/cat', fields, first);
      const { client, hasRead, minute } = await begun(t, request);
      await hasRead(request.length);
      await client.send(second);
      await hasRead(request.length + second.length);
      await minute();
      await client.send(last);
      const { status, body } = await client.answer();
      assert.deepEqual([status, body], [200, 'abcdefghi']);
    });
});

/** A request on its way to a site whose minutes pass when the test says so. */
async function begun(t: TestContext, request: string) {
  let socket: Socket | undefined;
  const seen = (message: unknown) => {
    socket ??= (message as { socket: Socket }).socket;
  };
  subscribe('http.server.request.start', seen);
  t.after(() => unsubscribe('http.server.request.start', seen));
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { port } = await startSite(t, files);
  const client = await rawClient(port, request);
  return {
    client,
    hasRead: async (bytes: number) => {
      while ((socket?.bytesRead ?? 0) < bytes) await sleep(20);
      await sleep(50);
    },
    minute: async () => {
      t.mock.timers.tick(MINUTE);
      await sleep(50);
    },
  };
}
