// Looks for programs, and reads a script that an interpreter cannot take as it is: a door to the file system.
// Synchronous: a stat of a file that the system has just used costs less than handing it to a thread.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import type { ByteString } from '../config/byte-string.ts';
import { momentary } from '../site/momentary.ts';

// One entry for each interpreter that a site names.
const found = momentary<ByteString>();

/** Absolute path of a program that may be executed: a path is looked at, a name is searched on PATH. As it was a moment ago. */
export function findProgram(name: ByteString, path: ByteString): ByteString | undefined {
  return found.of(`${name}\0${path}`, () => lookFor(name, path));
}

function lookFor(name: ByteString, path: ByteString): ByteString | undefined {
  if (name.includes('/')) return isProgram(name) ? name : undefined;
  for (const folder of path.split(':')) {
    const file = `${folder || '.'}/${name}`;
    if (file.startsWith('/') && isProgram(file)) return file;
  }
  return undefined;
}

function isProgram(file: ByteString): boolean {
  const bytes = Buffer.from(file, 'latin1');
  try {
    accessSync(bytes, constants.X_OK);
    return statSync(bytes).isFile();
  } catch {
    return false;
  }
}

/** The whole file without carriage returns before line feeds and without byte order mark; undefined if it cannot be read. */
export function readWithoutCarriageReturns(file: ByteString): ByteString | undefined {
  try {
    const text = readFileSync(Buffer.from(file, 'latin1'), 'latin1');
    return text.replace(/^\xef\xbb\xbf/, '').replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}
