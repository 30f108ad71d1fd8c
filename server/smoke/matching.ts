// Does a text match? One complaint for each thing that is not so, in words.
// Pure. The texts of a script are cut in the complaints: a page of 1 MB is no line of a report.
import { createPatch } from 'diff';
import { patternOf } from './pattern.ts';
import type { Match } from './plan.ts';

/** What is not so. `key` is the key of the expectation that says it should be. */
export interface Mismatch {
  readonly key: readonly PropertyKey[];
  readonly summary: string;
  readonly detail: readonly string[];
}

type TextMatch = Omit<Match, 'absent'>;

/** Complaints about `text`, which is called `subject` in them: "the body". */
export function mismatches(text: string, match: TextMatch, subject: string): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const complain = (key: readonly PropertyKey[], summary: string, detail: readonly string[] = []) =>
    void found.push({ key, summary, detail });
  const { equals, contains = [], matches = [], not = {} } = match;
  if (equals !== undefined && text !== equals) complain(['equals'], ...unequal(equals, text, subject));
  const isShort = text.length <= 200;
  const seen = isShort
    ? [`found: ${JSON.stringify(text)}`]
    : [`found: ${text.length} characters, beginning`, ...head(text)];
  for (const part of contains)
    if (!text.includes(part)) complain(['contains'], `${subject} does not contain ${quote(part)}`, seen);
  for (const pattern of matches)
    if (!patternOf(pattern).test(text)) complain(['matches'], `${subject} does not match ${quote(pattern)}`, seen);
  if (not.equals !== undefined && text === not.equals) complain(['not', 'equals'], `${subject} is ${quote(text)}`);
  for (const part of not.contains ?? [])
    if (text.includes(part))
      complain(['not', 'contains'], `${subject} contains ${quote(part)}`, lineOf(text, text.indexOf(part)));
  for (const pattern of not.matches ?? []) {
    const at = patternOf(pattern).exec(text);
    if (at !== null) complain(['not', 'matches'], `${subject} matches ${quote(pattern)}`, lineOf(text, at.index));
  }
  return found;
}

function unequal(expected: string, found: string, subject: string): readonly [string, readonly string[]] {
  const isShort = !expected.includes('\n') && !found.includes('\n') && expected.length + found.length < 300;
  if (isShort) return [`${subject} is ${quote(found)}, not ${quote(expected)}`, []];
  return [`${subject} differs`, diffLines(expected, found)];
}

const MAX_DIFF_LINES = 60;
/** The comparison takes time that grows with the square of the differences. */
const MAX_DIFF_EDITS = 2000;

/** A unified diff of two texts, without its head; lines that begin with "-" were expected, with "+" were found. */
export function diffLines(expected: string, found: string): readonly string[] {
  const patch = createPatch('', expected, found, '', '', { context: 2, maxEditLength: MAX_DIFF_EDITS });
  if (patch === undefined) return ['expected:', ...head(expected), 'found:', ...head(found)];
  const lines = patch
    .split('\n')
    .slice(4)
    .filter((line) => line !== '');
  const shown = lines.slice(0, MAX_DIFF_LINES).map((line) => line.slice(0, 400));
  return lines.length > MAX_DIFF_LINES ? [...shown, `… and ${lines.length - MAX_DIFF_LINES} lines more`] : shown;
}

function head(text: string): readonly string[] {
  const lines = text.slice(0, 2000).split('\n');
  return lines.length > 10 ? [...lines.slice(0, 10), '…'] : lines;
}

function lineOf(text: string, at: number): readonly string[] {
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  return [`in: ${text.slice(Math.max(from, at - 100), Math.min(end === -1 ? text.length : end, at + 200))}`];
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
