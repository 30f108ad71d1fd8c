// 1 GB up and 1 GB down: the server's own memory stays flat within 20 MiB.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rawClient, requestText } from '../support/raw-client.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { sh } from '../support/start-site.ts';

const MB = 1024 * 1024;
const TOTAL_MB = Number(process.env.CGIBOX_STREAM_MB ?? 1024);
const FLAT_BYTES = 20 * MB;
const SAMPLE_MS = 50;

const SCRIPTS = {
  down: sh`printf 'Content-Type: text/plain\n\n'; exec head -c "$QUERY_STRING" /dev/zero`,
  up: sh`printf 'Content-Type: text/plain\n\n'; exec wc -c`,
};

describe('memory of the server', { timeout: 240_000 }, () => {
  it(`is flat while ${TOTAL_MB} MB go down`, async (t) => {
    const server = await serveProcess(t, SCRIPTS);
    await download(server.port, 200);
    await assertFlat(server, () => download(server.port, TOTAL_MB));
  });

  it(`is flat while ${TOTAL_MB} MB go up`, async (t) => {
    const server = await serveProcess(t, SCRIPTS, { CGIBOX_LIMITS_BODY_BYTES: '2gb' });
    await upload(server.port, 200);
    await assertFlat(server, () => upload(server.port, TOTAL_MB));
  });
});

async function assertFlat(server: ServeProcess, work: () => Promise<void>): Promise<void> {
  const before = await server.residentBytes();
  let highest = before;
  const sampling = setInterval(async () => {
    highest = Math.max(highest, await server.residentBytes());
  }, SAMPLE_MS);
  await work().finally(() => clearInterval(sampling));
  assert.ok(highest - before < FLAT_BYTES, `${(before / MB).toFixed()} MiB became ${(highest / MB).toFixed()} MiB`);
}

async function download(port: number, megabytes: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/cgi-bin/down?${megabytes * MB}`);
  let count = 0;
  for await (const chunk of response.body ?? []) count += chunk.length;
  assert.equal(count, megabytes * MB);
}

async function upload(port: number, megabytes: number): Promise<void> {
  const client = await rawClient(port, requestText('POST /cgi-bin/up', [`Content-Length: ${megabytes * MB}`]));
  const chunk = Buffer.alloc(MB);
  for (let sent = 0; sent < megabytes; sent += 1) await client.send(chunk);
  assert.equal(Number((await client.answer()).body), megabytes * MB);
  client.leave();
}
