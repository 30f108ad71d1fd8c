// What the name of a file says: whether it may be served at all, and whether it is a script's.
// Names are judged without case, and also as a Windows disk behind a mount would read them: without trailing dots,
// spaces and the name of a stream ("x.pl.", "x.pl::$DATA"), because there such a spelling opens the file itself.
import type { ByteString } from '../config/byte-string.ts';
import type { Refusal } from './resource.ts';

const LEFTOVER = /(?:~|\.(?:bak|orig|swp|old)|^#.*#)$/is;
const CONFIGURATION = /^cgibox\.ya?ml$/i;
const WINDOWS_TAIL = /(?:(?<=.):.*)?[. ]*$/s;
// A byte order mark of UTF-8 or UTF-16, or stray line ends, do not make a script a text.
const SCRIPT_TEXT = /^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff\0)?[\r\n]*#\0?!/;
const SHEBANG = /^(?:\u00ef\u00bb\u00bf)?#!/;

/** Why a file or folder of this name is never served, whatever it holds. */
export function nameRefusal(name: ByteString): Refusal | undefined {
  if (name.startsWith('.') && name !== '.well-known') return 'dotFile';
  for (const spelling of [name, withoutWindowsTail(name)]) {
    if (LEFTOVER.test(spelling)) return 'editorLeftover';
    if (CONFIGURATION.test(spelling)) return 'configurationFile';
  }
  return undefined;
}

/** The extension with its dot, in small letters; "" where there is none. */
export function extensionOf(name: ByteString): ByteString {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot).toLowerCase();
}

/** The name has one of these extensions in any spelling that a file system may take for it. */
export function looksLikeScript(name: ByteString, extensions: ReadonlySet<ByteString>): boolean {
  return extensions.has(extensionOf(name)) || extensions.has(extensionOf(withoutWindowsTail(name)));
}

/** The bytes begin as a script's, in the widest sense: they must not be shown. */
export function isScriptText(head: ByteString): boolean {
  return SCRIPT_TEXT.test(head);
}

/** The bytes begin with a #! line that can be run, tolerating a byte order mark. */
export function hasShebang(head: ByteString): boolean {
  return SHEBANG.test(head);
}

function withoutWindowsTail(name: ByteString): ByteString {
  return name.replace(WINDOWS_TAIL, '');
}
