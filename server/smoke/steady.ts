// What of an answer stays as it is when the same is asked again: found by comparing two answers.
// Pure. Dates, ids and counters become redactions; what cannot be made steady is not expected.
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import { isText } from './answer-text.ts';
import { REDACTIONS, type Redaction } from './plan.ts';
import { patternText, redacted } from './redaction.ts';

/** Named redactions that hide little; "number" would hide too much. */
const HARMLESS = REDACTIONS.filter((name) => name !== 'number');
const MAX_PATTERNS = 10;

/** Redactions after which two bodies are the same; absent where there are none. */
export function steadyingRedactions(
  first: Buffer,
  again: Buffer,
  known: readonly Redaction[] = [],
): readonly Redaction[] | undefined {
  const a = first.toString('latin1');
  const b = again.toString('latin1');
  const isSteady = (redactions: readonly Redaction[]) => redacted(a, redactions) === redacted(b, redactions);
  if (isSteady(known)) return known;
  if (!isText(first) || !isText(again)) return undefined;
  const named = HARMLESS.filter((name) => !known.includes(name));
  const one = named.find((name) => isSteady([...known, name]));
  if (one !== undefined) return [...known, one];
  const all = [...known, ...named];
  if (isSteady(all)) return needed(all, known, isSteady);
  const patterns = differingWords(redacted(a, all), redacted(b, all));
  if (patterns === undefined || !isSteady([...all, ...patterns])) return undefined;
  return needed([...all, ...patterns], known, isSteady);
}

/** Leaves out one after the other what is not needed. */
function needed(
  all: readonly Redaction[],
  known: readonly Redaction[],
  isSteady: (redactions: readonly Redaction[]) => boolean,
): readonly Redaction[] {
  return all.reduce((kept, candidate) => {
    const without = kept.filter((each) => each !== candidate);
    return !known.includes(candidate) && isSteady(without) ? without : kept;
  }, all);
}

/** Patterns for the words in which two texts differ, each with what stands before it: one after the other until none is left. */
function differingWords(a: ByteString, b: ByteString): readonly Redaction[] | undefined {
  const found: Redaction[] = [];
  let [ours, theirs] = [a, b];
  while (ours !== theirs) {
    const next = found.length < MAX_PATTERNS ? firstDifference(ours, theirs) : undefined;
    if (next === undefined) return undefined;
    found.push(next);
    const before = ours;
    [ours, theirs] = [redacted(ours, [next]), redacted(theirs, [next])];
    if (ours === before) return undefined;
  }
  return found;
}

function firstDifference(a: ByteString, b: ByteString): Redaction | undefined {
  const ours = a.split('\n');
  const theirs = b.split('\n');
  if (ours.length !== theirs.length) return undefined;
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  return differingWord(ours[at] ?? '', theirs[at] ?? '');
}

const CONTEXT = 24;
/** The value of an attribute: a token in base64 holds more than letters. */
const ATTRIBUTE = /(?:value|content)=(["'])[^"']*$/i;

function differingWord(line: ByteString, other: ByteString): Redaction | undefined {
  let start = 0;
  while (start < line.length && line[start] === other[start]) start += 1;
  const [, quote] = ATTRIBUTE.exec(line.slice(0, start)) ?? [];
  const inWord = quote === undefined ? /[\w]/ : new RegExp(`[^${quote}]`);
  // Back to the beginning of the word: 1999 and 2000 have "Nr. " in common, 1998 and 1999 "199" too.
  while (start > 0 && inWord.test(line[start - 1] ?? '')) start -= 1;
  const word = quote === undefined ? '[\\w.-]+' : `[^${quote}]*`;
  const isWord = new RegExp(`^${word}`);
  if (!isWord.test(line.slice(start)) || !isWord.test(other.slice(start))) return undefined;
  const context = line.slice(Math.max(0, start - CONTEXT), start);
  // From the beginning of a word on, where that leaves any.
  const words = start > CONTEXT ? context.replace(/^[^\s<]*[\s]*(?=\S)/, '') : context;
  const before = textOfBytes(words);
  // Without anything before it the pattern would hide words everywhere.
  if (before.trim() === '' || before.includes('\uFFFD')) return undefined;
  return { pattern: `${patternText(before)}${word}`, as: `${before}[…]` };
}
