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
