// The lines of a text around the one that is to blame, bounded, for a caret in the margin.
import type { ByteString } from '../config/byte-string.ts';
import { linesOf } from './visible-text.ts';

export interface Excerpt {
  /** Number of the first line given; counts from 1. */
  readonly firstLine: number;
  /** Lines as bytes, without their ends. */
  readonly lines: readonly ByteString[];
  /** The line to blame; absent where it is the whole that is wrong. */
  readonly line: number | undefined;
}

const AROUND = 6;
const FIRST_LINES = 12;

/** The lines around `line`, or the first ones; absent where the text is empty. */
export function excerptOf(output: ByteString, line: number | undefined): Excerpt | undefined {
  if (output === '') return undefined;
  const first = Math.max(1, (line ?? 1) - AROUND);
  const last = line === undefined ? FIRST_LINES : line + AROUND;
  const lines = linesOf(output, last).slice(first - 1);
  return lines.length > 0 ? { firstLine: first, lines, line } : undefined;
}
