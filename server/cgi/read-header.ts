// Reads the header of a running script's output, or finds out why there is none.
import type { Cause, Exit } from '../diagnosis/cause.ts';
import { type HeaderOutcome, headerParser } from './header-parser.ts';
import type { OutputEnd, RunningScript } from './running-script.ts';

type CompleteHeader = Extract<HeaderOutcome, { kind: 'complete' }>;

export type NoHeader = { readonly kind: 'failed'; readonly cause: Cause } | { readonly kind: 'clientGone' };
export type HeaderReading = NoHeader | { readonly kind: 'header'; readonly header: CompleteHeader };
export type FirstOutput = NoHeader | { readonly kind: 'first'; readonly bytes: Uint8Array };

export interface HeaderLimits {
  readonly headerBytes: number;
  readonly timeoutSeconds: number;
}

// After the last output, the exit status and the last lines on stderr tell why; they come at once or not at all.
const EXIT_PATIENCE_MS = 1000;

/** Reads until the blank line. The script is then paused; what came after the blank line is in `header.body`. */
export async function readHeader(script: RunningScript, limits: HeaderLimits): Promise<HeaderReading> {
  const outcome = await parseOutput(script, limits.headerBytes);
  if (outcome.kind === 'complete') return { kind: 'header', header: outcome };
  if (outcome.kind === 'ended') return endedReading(outcome.why, limits.timeoutSeconds);
  return { kind: 'failed', cause: causeOf(outcome, await endRefused(script)) };
}

/** Gives a script whose output is no answer a moment to end; one that goes on, babbling or not, is ended. */
export async function endRefused(script: RunningScript): Promise<Exit | undefined> {
  script.discard();
  const exit = await exitOf(script);
  if (exit === undefined) script.end('refused');
  return exit;
}

/** What was read before the output of an NPH script is handed on: its first bytes. */
export async function readFirstOutput(script: RunningScript, timeoutSeconds: number): Promise<FirstOutput> {
  const first = await new Promise<Uint8Array | OutputEnd>((resolve) => {
    script.attach({
      write: (chunk) => {
        resolve(chunk);
        return false;
      },
      end: resolve,
    });
  });
  if (typeof first !== 'string') return { kind: 'first', bytes: first };
  if (first !== 'closed') return endedReading(first, timeoutSeconds);
  return { kind: 'failed', cause: { kind: 'noOutput', exit: await endRefused(script) } };
}

type Parsed = Exclude<HeaderOutcome, { kind: 'more' }> | { readonly kind: 'ended'; readonly why: OutputEnd };

function parseOutput(script: RunningScript, headerBytes: number): Promise<Parsed> {
  const parser = headerParser(headerBytes);
  let isDecided = false;
  return new Promise((resolve) => {
    script.attach({
      write: (chunk) => {
        if (isDecided) return true; // no header: the rest is read and thrown away until the script ends
        const outcome = parser.push(chunk);
        if (outcome.kind === 'more') return true;
        isDecided = true;
        resolve(outcome);
        return outcome.kind !== 'complete';
      },
      end: (why) => {
        if (isDecided) return;
        isDecided = true;
        resolve(why === 'closed' ? parser.end() : { kind: 'ended', why });
      },
    });
  });
}

function endedReading(why: OutputEnd, timeoutSeconds: number): NoHeader {
  if (why === 'timeLimit') return { kind: 'failed', cause: { kind: 'timeLimit', seconds: timeoutSeconds } };
  if (why === 'stopping' || why === 'runnerLost') return { kind: 'failed', cause: { kind: why } };
  return { kind: 'clientGone' };
}

async function exitOf(script: RunningScript): Promise<Exit | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), EXIT_PATIENCE_MS);
  });
  const exit = await Promise.race([script.exit, patience]);
  clearTimeout(timer);
  if (exit !== undefined) await script.stderrRead();
  return exit;
}

function causeOf(outcome: Exclude<Parsed, { kind: 'complete' | 'ended' }>, exit: Exit | undefined): Cause {
  switch (outcome.kind) {
    case 'malformed':
      return { kind: 'headerMalformed', line: outcome.line, reason: outcome.reason };
    case 'tooLarge':
      return { kind: 'headerTooLarge', limit: outcome.limit };
    case 'incomplete':
      return { kind: outcome.isEmpty ? 'noOutput' : 'headerIncomplete', exit };
    default:
      return outcome satisfies never;
  }
}
