// Faults: thousands of requests, 64 at a time, among scripts that crash, hang and babble and clients that vanish.
// CGIBOX_FAULTS_REQUESTS=2000 makes it short.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilProcessesIn, zombiesBelow } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { sh } from '../support/start-site.ts';

const REQUESTS = Number(process.env.CGIBOX_FAULTS_REQUESTS ?? 20_000);
const AT_ONCE = 64;
// V8 takes what it needs for so much at once, and then no more: the heap is full-grown after these.
const WARM_UP = Math.min(8000, REQUESTS / 2);
const PATIENCE_MS = 60_000;
const MB = 1024 * 1024;

const SCRIPTS = {
  good: sh`read -r body; printf 'Content-Type: text/plain\n\n%s %s' "$QUERY_STRING" "$body"`,
  crash: sh`kill -SEGV $$`,
  hang: sh`trap '' TERM; sleep 30 & while :; do sleep 1; done`,
  babble: sh`printf 'no header\n'; head -c 300000 /dev/urandom`,
  endless: sh`printf 'Content-Type: text/plain\n\n'; while :; do echo babble; done`,
};

type Kind = (port: number, number: number) => Promise<void>;

const good: Kind = async (port, number) => {
  const body = `body${number}\n`;
  const client = await rawClient(
    port,
    requestText(`POST /cgi-bin/good?${number}`, [`Content-Length: ${body.length}`], body),
  );
  const answer = await client.answer({ withinMs: PATIENCE_MS });
  assert.deepEqual([answer.status, answer.body, answer.isWhole], [200, `${number} body${number}`, true]);
  client.leave();
};

const failing =
  (name: string, status: number): Kind =>
  async (port) => {
    const client = await rawClient(port, requestText(`GET /cgi-bin/${name}`));
    assert.equal((await client.answer({ withinMs: PATIENCE_MS })).status, status);
    client.leave();
  };

const vanishing =
  (request: string, how: 'leave' | 'reset', afterMs: number): Kind =>
  async (port) => {
    const client = await rawClient(port, request);
    await sleep(afterMs);
    client[how]();
  };

// Of 50 requests: 37 good, 13 of other kinds.
const FAULTS: Readonly<Record<number, Kind>> = {
  3: failing('crash', 500),
  7: failing('babble', 500),
  11: vanishing(requestText('GET /cgi-bin/hang'), 'reset', 30),
  15: vanishing(requestText('GET /cgi-bin/hang'), 'leave', 5),
  19: vanishing(requestText('GET /cgi-bin/endless'), 'reset', 60),
  22: failing('crash', 500),
  25: failing('hang', 504),
  29: vanishing(requestText('POST /cgi-bin/good', ['Content-Length: 1000'], 'half'), 'leave', 20),
  33: vanishing(requestText('POST /cgi-bin/good', ['Transfer-Encoding: chunked'], '5\r\nhal'), 'reset', 20),
  37: vanishing('GET /cgi-bin/go', 'reset', 0),
  40: vanishing(requestText('GET /cgi-bin/good').repeat(20), 'reset', 10),
  44: failing('babble', 500),
  48: vanishing(requestText('GET /cgi-bin/endless'), 'leave', 20),
};

describe('faults', { timeout: 280_000 }, () => {
  it(`of all kinds among ${REQUESTS} requests leave the good ones their answers, and nothing behind`, async (t) => {
    const settings = { CGIBOX_LIMITS_TIMEOUT_SECONDS: '3', CGIBOX_LIMITS_KILL_AFTER_SECONDS: '0.5' };
    const server = await serveProcess(t, SCRIPTS, { ...settings, CGIBOX_LIMITS_WAITING: '5000' });
    await run(server, 0, WARM_UP);
    const before = { files: await settledFiles(server), bytes: await server.residentBytes() };
    await run(server, WARM_UP, REQUESTS - WARM_UP);
    await untilProcessesIn(server.folder, 0, 20_000);
    assert.deepEqual(await zombiesBelow(server.pid), []);
    assert.equal(await settledFiles(server), before.files);
    const grown = (await server.residentBytes()) - before.bytes;
    assert.ok(REQUESTS < 20_000 || grown < 20 * MB, `the server grew by ${(grown / MB).toFixed()} MiB`);
  });
});

async function run({ port }: ServeProcess, from: number, count: number): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < from + count) {
      const number = next++;
      await (FAULTS[number % 50] ?? good)(port, number);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Connections that linger are closed within seconds. */
async function settledFiles(server: ServeProcess): Promise<number> {
  await untilProcessesIn(server.folder, 0, 20_000);
  await sleep(3000);
  return server.openFiles();
}
