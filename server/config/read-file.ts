// Reads a configuration file as text: UTF-8, of a size that a person would write.
// A file that cannot be read is CONFIG_UNREADABLE; one that is no text is a problem at its first wrong byte.

import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { CgiboxError } from '../errors.ts';
import { type Problem, problemsError } from './problem.ts';

/** Of a configuration file. */
export const MAX_BYTES = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/** As `REASONS`, for a file that is to be written. */
const REASONS_OF_WRITING: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
};

/** What a file system error means, in words; the system's own word where it is a rare one. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? `the system says ${code}`;
}

/** What a file system error of writing means, in words. */
export function reasonOfWriting(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS_OF_WRITING[code] ?? reasonOf(error);
}

/**
 * The text of a configuration file, without a byte order mark.
 *
 * @throws CgiboxError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export function readConfigText(file: string, name: string): string {
  const bytes = readBytes(file, name);
  if (!isUtf8(bytes) || bytes.includes(0)) throw problemsError([notText(bytes, name)]);
  return new TextDecoder().decode(bytes);
}

function readBytes(file: string, name: string): Buffer {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw unreadable(name, stats.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    if (stats.size > MAX_BYTES) throw unreadable(name, `it has ${stats.size} bytes, more than ${MAX_BYTES}`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof CgiboxError) throw error;
    throw unreadable(name, reasonOf(error), error);
  }
}

function unreadable(name: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'give a YAML file that you may read to --config or CGIBOX_CONFIG';
  return new CgiboxError('CONFIG_UNREADABLE', `Cannot read the configuration "${name}": ${reason}`, { hint, cause });
}

function notText(bytes: Buffer, source: string): Problem {
  let line = 1;
  let from = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, from);
    const part = bytes.subarray(from, end === -1 ? bytes.length : end);
    const text = part.toString('utf8');
    const isLast = end === -1;
    if (isLast || !isUtf8(part) || part.includes(0)) {
      const column = Math.max(0, text.search(/[\uFFFD\0]/)) + 1;
      const isBinary = part.includes(0);
      return {
        source,
        isFile: true,
        stretch: { line, column, length: 1, text },
        what: isBinary ? 'it holds a NUL byte: this is not a text file' : 'it is not UTF-8',
        advice: isBinary ? 'give a YAML file, saved as UTF-8' : 'save the file as UTF-8',
      };
    }
    from = end + 1;
    line += 1;
  }
}
