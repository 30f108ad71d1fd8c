// Bodies of unknown length: how much of them all is in memory, and that it is given back.
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { spoolBody } from '../../server/http/body-spool.ts';
import { processesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const MEGABYTE = 1024 * 1024;
const limits = { limitBytes: 100 * MEGABYTE, temporaryFolder: tmpdir(), came() {} };

const spoolFiles = () =>
  readdirSync('/proc/self/fd').filter((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`).includes('cgibox-body-');
    } catch {
      return false;
    }
  }).length;

function begin(bytes: number) {
  const source = new PassThrough({ highWaterMark: 2 * MEGABYTE });
  source.write(Buffer.alloc(bytes, 'x'));
  return { source, spooling: spoolBody(source, limits) };
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
};

describe('bodies that are spooled', () => {
  it('are in memory up to 16 MiB of them all, and in files beyond', async () => {
    const many = Array.from({ length: 40 }, () => begin(MEGABYTE / 2));
    await settled();
    assert.ok(spoolFiles() >= 6 && spoolFiles() <= 10, `${spoolFiles()} files for 8 of 40`);
    for (const { source } of many) source.end('end');
    for (const { spooling } of many) {
      const outcome = await spooling;
      assert.equal(outcome.kind, 'spooled');
      if (outcome.kind === 'spooled') assert.equal((await buffer(outcome.body.stream)).length, MEGABYTE / 2 + 3);
    }
    await settled();
    const next = begin(MEGABYTE / 2);
    await settled();
    assert.equal(spoolFiles(), 0, 'there is room again');
    next.source.destroy();
    assert.deepEqual(await next.spooling, { kind: 'brokenOff' });
  });

  it('make room when their script has ended, whether it read them or not', async (t) => {
    const site = await startSite(t, { 'cgi-bin/deaf': sh`echo Content-Type: text/plain; echo; echo heard nothing` });
    const post = async () => {
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.alloc(900_000, 'x'));
          controller.close();
        },
      });
      const response = await site.get('/cgi-bin/deaf', { method: 'POST', body, duplex: 'half' } as RequestInit);
      assert.equal(await response.text(), 'heard nothing\n');
    };
    for (let count = 0; count < 30; count += 1) await post();
    const next = begin(MEGABYTE / 2);
    await settled();
    assert.equal(spoolFiles(), 0);
    next.source.destroy();
    await next.spooling;
  });

  it('leave no file open when their client has gone, though their script goes on', async (t) => {
    const script = sh`printf 'Content-Type: text/plain\n\nheard nothing'; exec >&- 2>&-; sleep 60`;
    const site = await startSite(t, { 'cgi-bin/deaf': script });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/deaf', ['Content-Length: 90000000']));
    client.socket.write(Buffer.alloc(20 * MEGABYTE));
    assert.equal((await client.answer()).body, 'heard nothing');
    await until(() => spoolFiles() === 1);
    client.leave();
    await until(() => spoolFiles() === 0);
    assert.equal((await processesIn(site.folder)).length, 2);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400 && !isSo(); attempt += 1) await sleep(20);
  assert.ok(isSo());
}
