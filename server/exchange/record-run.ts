// Records the run of a script in its exchange, and hands its stderr on line by line as it comes.

import type { RunObserver } from '../cgi/run-observer.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Exchange } from './exchange.ts';
import type { RecordedRun } from './recording.ts';

/** Longest stderr line; what is longer is handed on in pieces. */
const MAX_LINE = 8 * 1024;
const LINES_AT_ONCE = 1000;
const LINES_PER_SECOND = 100;
const LF = 0x0a;

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
      if (hasExited) stderr.lastWords();
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
      stderr.exited();
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

/** Lines that come faster than they are logged are counted, which costs next to nothing, and told of when the flood is over. */
function lineSplitter(take: (line: ByteString) => void) {
  const budget = lineBudget();
  let pending = '';
  let leftOut = 0;
  const tellLeftOut = () => {
    if (leftOut > 0)
      take(`[cgibox: ${leftOut} lines of stderr left out; a request may log ${LINES_PER_SECOND} a second]`);
    leftOut = 0;
  };
  const line = (text: () => ByteString) => {
    if (!budget.take()) {
      leftOut += 1;
      return;
    }
    tellLeftOut();
    take(text().replace(/\r$/, ''));
  };
  const lastWords = () => {
    const rest = pending;
    pending = '';
    if (rest !== '') line(() => rest);
  };
  return {
    push(chunk: Uint8Array): void {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let at = 0;
      for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, at)) {
        line(() => pending + bytes.toString('latin1', at, end));
        pending = '';
        at = end + 1;
      }
      pending += bytes.toString('latin1', at);
      if (pending.length > MAX_LINE) lastWords();
    },
    /** What has no line end yet is a line. */
    lastWords,
    exited(): void {
      lastWords();
      tellLeftOut();
    },
  };
}

/** So many lines at once, and so many a second for as long as it goes on. */
function lineBudget() {
  let left = LINES_AT_ONCE;
  let filledAt = performance.now();
  return {
    take(): boolean {
      if (left === 0) {
        const now = performance.now();
        const earned = Math.floor(((now - filledAt) / 1000) * LINES_PER_SECOND);
        if (earned < LINES_PER_SECOND) return false;
        left = Math.min(LINES_AT_ONCE, earned);
        filledAt = now;
      }
      left -= 1;
      return true;
    },
  };
}
