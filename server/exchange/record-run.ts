// Records the run of a script in its exchange, and hands its stderr on line by line as it comes.

import type { RunObserver } from '../cgi/run-observer.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Exchange } from './exchange.ts';
import type { RecordedRun } from './recording.ts';

/** Longest stderr line; what is longer is handed on in pieces. */
const MAX_LINE = 8 * 1024;

/** An observer that writes into the exchange. `stderrLine` gets each line without its end. */
export function recordRun(exchange: Exchange, stderrLine: (line: ByteString) => void): RunObserver {
  const stderr = lineSplitter(stderrLine);
  const exited = Promise.withResolvers<void>();
  const notes = notesOf(exchange);
  let hasExited = false;
  return {
    found: (place) => {
      exchange.scriptFile = place.scriptFile;
      exchange.scriptName = place.scriptName;
      exchange.exit = undefined;
      hasExited = false;
      notes.found(place);
    },
    tolerated: (tolerance) => {
      exchange.tolerated.push(tolerance);
      notes.tolerated(tolerance);
    },
    started: (run) => {
      exchange.pid = run.pid;
      exchange.runner = run.runner;
      exchange.exited = exited.promise;
      notes.started(run);
    },
    stdin: notes.stdin,
    unread: notes.stdin,
    stdout: notes.stdout,
    stderr: (chunk) => {
      notes.stderr(chunk);
      stderr.push(chunk);
      // The last words often come after the news of the exit, and often without a line end.
      if (hasExited) stderr.flush();
    },
    header: notes.header,
    failed: (cause) => {
      exchange.cause = cause;
      notes.failed(cause);
    },
    exited: (exit) => {
      exchange.exit = exit;
      hasExited = true;
      notes.exited(exit);
      stderr.flush();
      exited.resolve();
    },
    remark: (text) => void exchange.remarks.push(text),
  };
}

const NO_NOTES: Omit<RunObserver, 'remark' | 'unread'> = {
  found: () => {},
  tolerated: () => {},
  started: () => {},
  stdin: () => {},
  stdout: () => {},
  stderr: () => {},
  header: () => {},
  failed: () => {},
  exited: () => {},
};

/** What the inspector keeps of the run. */
function notesOf({ recording }: Exchange): Omit<RunObserver, 'remark' | 'unread'> {
  if (recording === undefined) return NO_NOTES;
  let run: RecordedRun | undefined;
  return {
    found: (place) => {
      run = recording.beginRun(place);
    },
    tolerated: (tolerance) => void run?.tolerated.push(tolerance),
    started: (start) => run && recording.started(run, start),
    stdin: (chunk) => recording.body.push(chunk),
    stdout: (chunk) => {
      if (run === undefined) return;
      run.times.lastOutput = recording.elapsed();
      run.times.firstOutput ??= run.times.lastOutput;
      run.stdout.push(chunk);
    },
    stderr: (chunk) => run?.stderr.pushAt(chunk, recording.elapsed()),
    header: (fields) => {
      if (run === undefined) return;
      run.header = fields;
      run.times.header = recording.elapsed();
    },
    failed: (cause) => {
      if (run !== undefined) run.cause = cause;
    },
    exited: (exit) => {
      if (run === undefined) return;
      run.exit = exit;
      run.times.exit = recording.elapsed();
    },
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
