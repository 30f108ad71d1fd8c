// The script command line: words of an "indexed" query as arguments (RFC 3875 §4.4), made harmless for sh (§7.2): old gateways
// to finger, man and grep hand them to a shell as they are. Never where a word could be taken for an option of the interpreter (CVE-2012-1823).
import type { ByteString } from '../config/byte-string.ts';

const NONE: readonly ByteString[] = [];
/** Those that Apache escapes. */
const ACTIVE_IN_SHELL = /[&;`'"|*?~<>^()[\]{}$\\\n]/g;

/**
 * Splits a query without an unencoded "=" at "+", decodes each word, and puts a backslash before what is active in the Bourne shell.
 *
 * No arguments for methods other than GET and HEAD, for an absent or empty query, where a word is malformed or holds
 * NUL, and where the first begins with "-".
 */
export function commandLine(method: string, query: ByteString | undefined): readonly ByteString[] {
  if (method !== 'GET' && method !== 'HEAD') return NONE;
  if (query === undefined || query === '' || query.includes('=')) return NONE;
  const words = query.split('+').map(decodeWord);
  if (!words.every((word) => word !== undefined && !word.includes('\0'))) return NONE;
  const isOption = /^\s*-/.test(words.find((word) => word?.trim() !== '') ?? '');
  return isOption ? NONE : (words as ByteString[]).map((word) => word.replace(ACTIVE_IN_SHELL, '\\$&'));
}

function decodeWord(word: ByteString): ByteString | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(word)) return undefined;
  return word.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
