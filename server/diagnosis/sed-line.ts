// sed(1) scripts for commands that a person pastes into any POSIX shell. Pure.
import type { ByteString } from '../config/byte-string.ts';
import { shellQuote } from './shell-quote.ts';

/** A regular expression that matches the text as it is, for a script that "|" divides; readable, so without a backslash. */
export function sedPattern(text: ByteString): string {
  return text.replace(/[.*[\]$]/g, '[$&]').replace(/[\\^|]/g, '.');
}

/** `'s|FROM|TO|g'`, one word of the shell. */
export function sedReplace(from: ByteString, to: ByteString): string {
  return shellQuote(`s|${sedPattern(from)}|${to.replace(/[\\&|]/g, '\\$&')}|g`);
}

/** An extended regular expression that sed and JavaScript read alike, without a blank class; `to` has \1 to \9. */
export interface SedEdit {
  readonly from: string;
  readonly to: string;
}

/** @param files words of the shell */
export function sedEdits(edits: readonly SedEdit[], files: string): string {
  return `sed -i -E ${expressions(edits)} ${files}`;
}

/** For edits that reach over line ends; bytes that are no UTF-8 would stop them. */
export function sedWholeEdits(edits: readonly SedEdit[], files: string): string {
  return `LC_ALL=C sed -i -z -E ${expressions(edits)} ${files}`;
}

/** The text as sed leaves it. */
export function edited(text: ByteString, edits: readonly SedEdit[]): ByteString {
  return edits.reduce(
    (before, { from, to }) => before.replace(new RegExp(from, 'gm'), to.replace(/\\(\d)/g, '$$$1')),
    text,
  );
}

function expressions(edits: readonly SedEdit[]): string {
  const words = edits.map(({ from, to }) => shellQuote(`s/${from}/${to}/g`));
  return words.length === 1 ? words.join() : words.map((word) => `-e ${word}`).join(' ');
}
