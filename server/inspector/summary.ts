// One line of the list: what a request was, what became of it. Pure.
import { textOfBytes } from '../config/byte-string.ts';
import { titleOf } from '../diagnosis/explain.ts';
import { spellHidden } from '../diagnosis/visible-text.ts';
import type { HistoryEntry } from '../exchange/history.ts';

export interface Summary {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** 0 while there is no answer. */
  readonly status: number;
  /** Milliseconds; null while the answer goes on. */
  readonly durationMs: number | null;
  readonly bytes: number;
  readonly resource: string;
  /** SCRIPT_NAME, and the script's file. */
  readonly script: string | null;
  readonly scriptFile: string | null;
  readonly runner: string | null;
  readonly ending: string | null;
  readonly exit: number | string | null;
  readonly cause: string | null;
  /** What went wrong, in one line. */
  readonly diagnosis: string | null;
  readonly tolerated: readonly string[];
  readonly remarks: number;
  readonly stderrBytes: number;
  readonly replayOf: string | null;
  readonly isFinished: boolean;
}

export function summaryOf({ exchange, recording, isFinished }: HistoryEntry): Summary {
  const { exit, cause, scriptFile } = exchange;
  const diagnosis = exchange.diagnosis ?? (cause === undefined ? undefined : titleOf(cause, scriptFile ?? ''));
  return {
    id: exchange.id,
    at: exchange.startedAt,
    method: spellHidden(exchange.method),
    url: readable(exchange.requestUri),
    status: exchange.status,
    durationMs: recording.finished === undefined ? null : rounded(recording.finished),
    bytes: exchange.bytesSent,
    resource: exchange.resource,
    script: exchange.scriptName === undefined ? null : readable(exchange.scriptName),
    scriptFile: scriptFile === undefined ? null : readable(scriptFile),
    runner: exchange.runner ?? null,
    ending: exchange.ending ?? null,
    exit: exitValue(exit),
    cause: cause?.kind ?? null,
    diagnosis: diagnosis === undefined ? null : spellHidden(diagnosis),
    tolerated: exchange.tolerated,
    remarks: exchange.remarks.length,
    stderrBytes: recording.runs.reduce((sum, { stderr }) => sum + stderr.totalBytes, 0),
    replayOf: recording.replayOf ?? null,
    isFinished,
  };
}

/** Bytes for people; nothing in them turns or hides a line. */
export function readable(bytes: string): string {
  return spellHidden(textOfBytes(bytes));
}

/** An exit status, or the name of a signal. */
export function exitValue(exit: HistoryEntry['exchange']['exit']): number | string | null {
  if (exit === undefined) return null;
  return exit.kind === 'exited' ? exit.code : exit.signal;
}

/** Milliseconds with two decimals. */
export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
