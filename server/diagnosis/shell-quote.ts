// File names in commands that a person pastes: one word of the shell, whatever the name holds (POSIX XCU §2.2).
import type { ByteString } from '../config/byte-string.ts';
import { visibleLine } from './visible-text.ts';

/** Quotes bytes as one word. Names with control characters, or that are not UTF-8, become $'…' of bash and zsh. */
export function shellQuote(bytes: ByteString): string {
  if (/^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/.test(bytes)) return bytes;
  const text = visibleLine(bytes, bytes.length);
  const isPlain = !/[\t\\]/.test(text) && Buffer.from(text, 'utf8').toString('latin1') === bytes;
  if (isPlain) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${bytes.replace(/[^ !#-&(-[\]-~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)}'`;
}

/** The folder of an absolute path. */
export function folderOf(file: ByteString): ByteString {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}

/** The last segment of a path. */
export function nameOf(file: ByteString): ByteString {
  return file.slice(file.lastIndexOf('/') + 1);
}
