// One long stream each way: how fast it flows, and how much memory the server takes meanwhile.
// Promises: a stream that ends early, or is not done in time, is a failure with its reason.
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { memoryMegabytes } from './memory.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const CHUNK = Buffer.alloc(64 * 1024);

export type StreamResult =
  | { readonly kind: 'done'; readonly megabytesPerSecond: number; readonly peakMegabytes: number }
  | { readonly kind: 'failed'; readonly reason: string };

export interface StreamTarget {
  readonly origin: string;
  readonly pids: readonly number[];
  readonly megabytes: number;
}

/** From a script to the client. */
export function streamDown(target: StreamTarget): Promise<StreamResult> {
  return timed(target, (bytes, signal) => receive(`${target.origin}/cgi-bin/down?${bytes}`, bytes, signal));
}

/** From the client to a script that counts the bytes. */
export function streamUp(target: StreamTarget): Promise<StreamResult> {
  return timed(target, (bytes, signal) => send(`${target.origin}/cgi-bin/up`, bytes, signal));
}

type Transfer = (bytes: number, signal: AbortSignal) => Promise<number>;

async function timed(target: StreamTarget, transfer: Transfer): Promise<StreamResult> {
  const bytes = target.megabytes * 1024 * 1024;
  let peakMegabytes = memoryMegabytes(target.pids);
  const sampler = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, memoryMegabytes(target.pids));
  }, 100);
  const start = performance.now();
  try {
    const arrived = await transfer(bytes, AbortSignal.timeout(TIMEOUT_MILLISECONDS));
    if (arrived !== bytes) return { kind: 'failed', reason: `${arrived} of ${bytes} bytes` };
    const seconds = (performance.now() - start) / 1000;
    return { kind: 'done', megabytesPerSecond: target.megabytes / seconds, peakMegabytes };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearInterval(sampler);
  }
}

function receive(url: string, bytes: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, signal }, (response) => {
      let arrived = 0;
      response.on('data', (chunk: Buffer) => {
        arrived += chunk.length;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(arrived) : reject(new Error(`status ${response.statusCode}`)),
      );
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
    call.setTimeout(TIMEOUT_MILLISECONDS, () => call.destroy(new Error(`no byte of ${bytes} in time`)));
  });
}

function send(url: string, bytes: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Length': bytes, 'Content-Type': 'application/octet-stream' };
    const call = request(url, { method: 'POST', agent: false, signal, headers }, (response) => {
      text(response).then((body) => resolve(Number(body)), reject);
    });
    call.on('error', reject);
    pipeline(Readable.from(chunks(bytes)), call).catch(reject);
  });
}

function* chunks(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += CHUNK.length) yield CHUNK.subarray(0, Math.min(CHUNK.length, bytes - sent));
}
