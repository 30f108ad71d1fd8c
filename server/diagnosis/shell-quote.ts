// File names in commands that a person pastes: one word of the shell, whatever the name holds (POSIX XCU §2.2).
import type { ByteString } from '../config/byte-string.ts';
import { visibleLine } from './visible-text.ts';

/**
 * Quotes bytes as one word. Names with control characters, or that are not UTF-8, are spelt for printf(1), which every shell
 * has; $'…' is not known to dash, the sh of Debian and of the image.
 */
export function shellQuote(bytes: ByteString): string {
  if (/^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/.test(bytes)) return bytes;
  const text = visibleLine(bytes, bytes.length);
  // A tab that is pasted asks the shell for completion.
  const isPlain = !text.includes('\t') && Buffer.from(text, 'utf8').toString('latin1') === bytes;
  if (isPlain) return `'${text.replaceAll("'", `'\\''`)}'`;
  const spelt = bytes.replace(/[^ !#-&(-[\]-~]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  // $(…) loses a line end at the very end; bash and zsh know a way.
  return bytes.endsWith('\n') ? `$'${spelt.replaceAll('\\0', '\\')}'` : `"$(printf '%b' '${spelt}')"`;
}

/** The folder of an absolute path. */
export function folderOf(file: ByteString): ByteString {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}

/** The last segment of a path. */
export function nameOf(file: ByteString): ByteString {
  return file.slice(file.lastIndexOf('/') + 1);
}
