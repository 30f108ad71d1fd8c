// Records the run of a script in its exchange, and hands its stderr on line by line as it comes.

import type { RunObserver } from '../cgi/run-observer.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Exchange } from './exchange.ts';

/** Longest stderr line; what is longer is handed on in pieces. */
const MAX_LINE = 8 * 1024;

/** An observer that writes into the exchange. `stderrLine` gets each line without its end. */
export function recordRun(exchange: Exchange, stderrLine: (line: ByteString) => void): RunObserver {
  const stderr = lineSplitter(stderrLine);
  const exited = Promise.withResolvers<void>();
  return {
    found: (place) => {
      exchange.scriptFile = place.scriptFile;
      exchange.scriptName = place.scriptName;
      exchange.exit = undefined;
    },
    tolerated: (tolerance) => void exchange.tolerated.push(tolerance),
    started: ({ pid, runner }) => {
      exchange.pid = pid;
      exchange.runner = runner;
      exchange.exited = exited.promise;
    },
    stdin: () => {},
    stdout: () => {},
    stderr: (chunk) => stderr.push(chunk),
    header: () => {},
    failed: (cause) => {
      exchange.cause = cause;
    },
    exited: (exit) => {
      exchange.exit = exit;
      stderr.flush();
      exited.resolve();
    },
    remark: (text) => void exchange.remarks.push(text),
  };
}

function lineSplitter(take: (line: ByteString) => void) {
  let pending = '';
  return {
    push(chunk: Uint8Array): void {
      const lines = (pending + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')).split(
        '\n',
      );
      pending = lines.pop() ?? '';
      for (const line of lines) take(line.replace(/\r$/, ''));
      if (pending.length <= MAX_LINE) return;
      take(pending);
      pending = '';
    },
    flush(): void {
      if (pending !== '') take(pending);
      pending = '';
    },
  };
}
