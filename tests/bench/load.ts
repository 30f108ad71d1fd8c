// Load by wrk: one thread, so many connections, so many seconds; and the check that an answer is right.
// Promises: a run with a failed or wrong answer says so in its figures, it is never counted as speed.
import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from './bench-site.ts';

export interface Load {
  readonly url: string;
  readonly clients: number;
  readonly seconds: number;
  /** The answers end with their connection: wrk then reports each as a read error too. */
  readonly endsByClose: boolean;
}

/** What one run of wrk showed. Latencies in milliseconds. */
export interface Measure {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** Answers with status 400 and above, broken connections, timeouts. */
  readonly failures: number;
}

interface WrkReport {
  readonly requests: number;
  readonly microseconds: number;
  readonly connect: number;
  readonly read: number;
  readonly write: number;
  readonly timeout: number;
  readonly status: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** Runs wrk once. */
export async function measure({ url, clients, seconds, endsByClose }: Load): Promise<Measure> {
  const script = join(import.meta.dirname, 'report.lua');
  const args = ['-t1', `-c${clients}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await text(child.stdout);
  const line = output.split('\n').find((candidate) => candidate.startsWith('{'));
  if (line === undefined) throw new Error(`wrk measured nothing at ${url}: ${output}`);
  const report: WrkReport = JSON.parse(line);
  return {
    requestsPerSecond: (report.requests - report.status) / (report.microseconds / 1e6),
    p50: report.p50 / 1000,
    p90: report.p90 / 1000,
    p99: report.p99 / 1000,
    failures:
      report.connect + readErrors(report, { clients, endsByClose }) + report.write + report.timeout + report.status,
  };
}

// At the end of the time each connection may have one read in flight: those are no failures either.
function readErrors(
  { read, requests }: WrkReport,
  { clients, endsByClose }: Pick<Load, 'clients' | 'endsByClose'>,
): number {
  return endsByClose ? Math.max(0, read - requests - clients) : read;
}

/** An answer to a page: right, or what is wrong with it. */
export type Answer =
  | { readonly kind: 'right'; readonly endsByClose: boolean }
  | { readonly kind: 'wrong'; readonly fault: string };

/** Asks for a page once. */
export function ask(origin: string, page: Page): Promise<Answer> {
  return new Promise((resolve) => {
    const wrong = (fault: string) => resolve({ kind: 'wrong', fault });
    const request = get(`${origin}${page.path}`, { agent: false, timeout: 10_000 }, async (response) => {
      const body = await text(response).catch((error: Error) => error.message);
      if (response.statusCode !== 200) return wrong(`status ${response.statusCode}`);
      if (body !== page.body) return wrong(`body ${JSON.stringify(body.slice(0, 60))}`);
      const { headers } = response;
      resolve({ kind: 'right', endsByClose: !('content-length' in headers || 'transfer-encoding' in headers) });
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 10 s')));
    request.on('error', (error) => wrong(error.message));
  });
}

/** Asks until the answer is right; settles with the last one when the time is over. */
export async function askWithin(seconds: number, origin: string, page: Page): Promise<Answer> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask(origin, page);
    if (answer.kind === 'right' || performance.now() > deadline) return answer;
    await sleep(5);
  }
}
