// A cause → what a person needs: what is wrong, why, the command that mends it, the place in the source and in the output.
// Pure. What stderr says (stderr-patterns.ts) wins over "it ended with exit status 2", and is added where the header is bad.
import type { Cause, Evidence } from './cause.ts';
import { type Excerpt, excerptOf } from './excerpt.ts';
import * as header from './explain-header.ts';
import * as server from './explain-server.ts';
import * as start from './explain-start.ts';
import { configuration, type Refinement } from './refinement.ts';
import { type SourcePlace, sourcePlace } from './source-place.ts';
import { refinementOf } from './stderr-patterns.ts';
import { visibleLine } from './visible-text.ts';

export interface Explanation extends Refinement {
  /** The row of the table of stderr messages that applied. */
  readonly refinedBy: string | undefined;
  /** The line of source that stderr names; ask `mayShowSource` before showing it. */
  readonly place: SourcePlace | undefined;
  /** The script's output around the line to blame. */
  readonly excerpt: Excerpt | undefined;
}

/** Explains a failed run. Every text is for people: bytes are spelt out, no line end or escape is left. Never throws. */
export function explain(cause: Cause, evidence: Evidence): Explanation {
  const base = explanationOf(cause, evidence);
  const excerpt = excerptOf(evidence.output, 'line' in cause ? cause.line : undefined);
  const said = hasRun(cause) ? refinementOf(evidence) : undefined;
  // A warning of perl reads like its last words: only a bad end makes them that.
  const refinement = said?.id === 'perlDied' && !hasEndedBadly(cause) ? undefined : said;
  const place = hasRun(cause) ? sourcePlace(evidence) : undefined;
  return { ...refined({ cause, base, refinement }), refinedBy: refinement?.id, place, excerpt };
}

/** The title alone, for a log line: without evidence, what the cause itself says. */
export function titleOf(cause: Cause, scriptFile: string): string {
  return explanationOf(cause, { scriptFile, scriptName: '', stderr: '', output: '' }).title;
}

interface Parts {
  readonly cause: Cause;
  readonly base: Refinement;
  readonly refinement: Refinement | undefined;
}

function refined({ cause, base, refinement }: Parts): Refinement {
  if (!refinement) return base;
  const { title, why, mend } = refinement;
  if (cause.kind === 'noOutput' || cause.kind === 'headerIncomplete')
    return mend.length > 0 ? { title, why, mend } : { ...base, title, why };
  return { title: base.title, why: `${base.why} stderr adds: ${title}.`, mend: [...base.mend, ...mend] };
}

function hasEndedBadly(cause: Cause): boolean {
  return 'exit' in cause && cause.exit?.kind === 'exited' && cause.exit.code !== 0;
}

function hasRun(cause: Cause): boolean {
  return cause.kind === 'timeLimit' || cause.kind === 'noOutput' || cause.kind.startsWith('header') || 'line' in cause;
}

function explanationOf(cause: Cause, evidence: Evidence): Refinement {
  switch (cause.kind) {
    case 'notExecutable':
      return start.notExecutable(evidence);
    case 'shebangMissing':
      return start.shebangMissing(evidence);
    case 'shebangCarriageReturn':
      return start.shebangCarriageReturn(cause.interpreter, evidence);
    case 'shebangByteOrderMark':
      return start.shebangByteOrderMark(evidence);
    case 'interpreterMissing':
      return start.interpreterMissing(cause.interpreter, evidence);
    case 'couldNotStart':
      return start.couldNotStart(cause, evidence);
    case 'environmentTooLarge':
      return start.environmentTooLarge();
    case 'noOutput':
      return header.noOutput(cause.exit, evidence);
    case 'headerIncomplete':
      return header.headerIncomplete(cause.exit, evidence);
    case 'headerMalformed':
      return header.headerMalformed(cause, evidence);
    case 'headerTooLarge':
      return header.headerTooLarge(cause.limit, evidence);
    case 'headerWithoutCgiField':
      return header.headerWithoutCgiField(evidence);
    case 'statusMalformed':
      return header.statusMalformed(cause.value, evidence);
    case 'locationMalformed':
      return header.locationMalformed(cause.value, evidence);
    case 'localRedirectLoop':
      return header.localRedirectLoop(cause.limit, evidence);
    case 'timeLimit':
      return timeLimit(cause.seconds, evidence);
    case 'queueFull':
      return queueFull(cause);
    case 'bodyTooLarge':
      return bodyTooLarge(cause.limitBytes);
    case 'stopping':
      return server.stopping(evidence);
    case 'runnerLost':
      return server.runnerLost(evidence);
    case 'spoolFailed':
      return server.spoolFailed(cause);
    default:
      return cause satisfies never;
  }
}

function timeLimit(seconds: number, evidence: Evidence): Refinement {
  const url = JSON.stringify(visibleLine(evidence.scriptName, 200));
  return {
    title: `${start.scriptOf(evidence)} wrote no header within ${seconds} seconds`,
    why: 'It was ended, with all processes of its group. It may loop, wait for a lock, for a network that is not there, or for input: without a body its stdin is empty.',
    mend: [
      configuration('cgi:', '  perScript:', `    ${url}: { timeoutSeconds: ${Math.ceil(seconds) * 5} }`),
      configuration('limits:', `  timeoutSeconds: ${Math.ceil(seconds) * 5}`),
    ],
  };
}

function queueFull({ running, waiting }: Extract<Cause, { kind: 'queueFull' }>): Refinement {
  return {
    title: 'Too many requests wait for a script',
    why: `${running} scripts run at once and ${waiting} requests wait already. Either more come than the machine can do, or scripts hang and hold the places.`,
    mend: [configuration('limits:', `  running: ${running * 2}`, `  waiting: ${Math.max(1, waiting) * 2}`)],
  };
}

function bodyTooLarge(limitBytes: number): Refinement {
  return {
    title: 'The body of the request is too large',
    why: `It is larger than ${limitBytes} bytes, the limit limits.bodyBytes.`,
    mend: [configuration('limits:', `  bodyBytes: ${limitBytes * 2}`)],
  };
}
