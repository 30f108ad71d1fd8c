// Completes the record of a request when its answer has ended, and its script has told its exit.
import type { ServerResponse } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';
import type { Incoming } from './incoming.ts';

// A script that closed its output and goes on is not waited for: its log line then has no exit.
const EXIT_PATIENCE_MS = 500;

/** Settles when the answer has ended; `onAnswered` follows once the exit is known or will not come soon. */
export function recordEnd({ reply, exchange }: Incoming, onAnswered: (exchange: Exchange) => void): Promise<void> {
  const { raw } = reply;
  const began = performance.now(); // the clock may be set while the request goes on
  return new Promise((resolve) => {
    raw.once('close', () => {
      resolve();
      exchange.finishedAt = exchange.startedAt + performance.now() - began;
      recordHead(exchange, raw);
      exchange.ending ??= raw.writableFinished ? 'complete' : 'clientGone';
      if (exchange.status === 0 && raw.headersSent) recordFile(exchange, raw);
      void exitOrPatience(exchange).then(() => onAnswered(exchange));
    });
  });
}

/** Node keeps the header as it wrote it, under a name of its own; an NPH script wrote none of it. */
function recordHead({ recording }: Exchange, response: ServerResponse & { readonly _header?: string | null }): void {
  if (recording === undefined) return;
  recording.finished = recording.elapsed();
  recording.head = response._header ?? undefined;
}

/** A file is sent by @fastify/static, which keeps no record. */
function recordFile(exchange: Exchange, response: ServerResponse): void {
  exchange.status = response.statusCode;
  const hasBody = exchange.method !== 'HEAD' && response.statusCode !== 304;
  if (hasBody && exchange.ending === 'complete') exchange.bytesSent = Number(response.getHeader('content-length') ?? 0);
}

function exitOrPatience({ exited }: Exchange): Promise<void> {
  if (exited === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, EXIT_PATIENCE_MS);
    void exited.then(() => {
      clearTimeout(patience);
      resolve();
    });
  });
}
