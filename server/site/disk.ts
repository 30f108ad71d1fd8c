// What lies on the disk: the only file of this room that touches the file system.
// Promises: nothing throws, nothing blocks on a FIFO or a device, names stay bytes.
// Synchronous on purpose: a stat takes about 3 us here and about 60 us through the thread pool, and a request makes some ten.
import fs from 'node:fs';
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import { momentary } from './momentary.ts';

/** What a path names, links followed. `other`: device, FIFO, socket. Times are milliseconds since the epoch. */
export type Entry =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'file' | 'folder' | 'other';
      readonly size: number;
      readonly modifiedAt: number;
      /** Device and inode: the same for two spellings of one file. */
      readonly identity: string;
      /** When the inode changed last: moving a folder does that too. */
      readonly changedAt: number;
    };

const NOT_ASCII = /[\x80-\xff]/;
const ABSENT: Entry = { kind: 'absent' };
const UNREADABLE: Entry = { kind: 'unreadable' };
// ENAMETOOLONG: a name that no file can have. ENOTDIR and ENOENT are what throwIfNoEntry answers for.
const NO_SUCH_FILE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);
// A FIFO without a writer would block the whole server in open(2); for a regular file O_NONBLOCK means nothing.
const READ = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;

export function entryAt(path: ByteString): Entry {
  try {
    const stat = fs.statSync(bytesOf(path), { throwIfNoEntry: false });
    if (stat === undefined) return ABSENT;
    return {
      kind: kindOf(stat),
      size: stat.size,
      modifiedAt: stat.mtimeMs,
      identity: `${stat.dev}:${stat.ino}`,
      changedAt: stat.ctimeMs,
    };
  } catch (error) {
    return NO_SUCH_FILE.has(errnoOf(error)) ? ABSENT : UNREADABLE;
  }
}

/** Remembers the real paths of a few folders and files that every request asks for. */
export interface RealPaths {
  /** As realPathOf, or as it was a moment ago: call `forget` when what is asked does not fit. Looked up again when the path leads to another file or folder, or that was moved. */
  of(path: ByteString): ByteString | undefined;
  /** Forgets all: for a folder above them that was renamed, which no stat of theirs shows. */
  forget(): void;
}

interface KnownPath {
  readonly version: string;
  readonly realPath: ByteString | undefined;
}

/** A stat instead of a realpath(3), which takes three to four times as long; and that takes as much as the rest of what finds a script. */
export function createRealPaths(): RealPaths {
  const known = new Map<ByteString, KnownPath>();
  const recent = momentary<ByteString>();
  const look = (path: ByteString) => {
    const entry = entryAt(path);
    if (entry.kind === 'absent' || entry.kind === 'unreadable') return undefined;
    const version = `${entry.identity}:${entry.changedAt}`;
    const seen = known.get(path);
    if (seen?.version === version) return seen.realPath;
    const realPath = realPathOf(path);
    known.set(path, { version, realPath });
    return realPath;
  };
  return {
    of: (path) => recent.of(path, () => look(path)),
    forget: () => {
      known.clear();
      recent.forget();
    },
  };
}

function kindOf(stat: fs.Stats): 'file' | 'folder' | 'other' {
  if (stat.isFile()) return 'file';
  return stat.isDirectory() ? 'folder' : 'other';
}

/** The absolute path with every link resolved; absent where there is none, or a link leads nowhere. */
export function realPathOf(path: ByteString): ByteString | undefined {
  try {
    return fs.realpathSync.native(bytesOf(path), { encoding: 'latin1' });
  } catch {
    return undefined;
  }
}

/** Whether this user may execute the file. For root the system asks for any execute bit, as it does for execve(2). */
export function isExecutable(file: ByteString): boolean {
  try {
    fs.accessSync(bytesOf(file), fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first bytes of a regular file; absent where it cannot be read or is none. */
export function firstBytesOf(file: ByteString, length: number): ByteString | undefined {
  const descriptor = openForReading(file);
  if (descriptor === undefined) return undefined;
  try {
    if (!fs.fstatSync(descriptor).isFile()) return undefined;
    const buffer = Buffer.allocUnsafe(length);
    return buffer.toString('latin1', 0, fs.readSync(descriptor, buffer, 0, length, 0));
  } catch {
    return undefined;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The names in a folder, unsorted; absent where it cannot be read. */
export function namesIn(folder: ByteString): readonly ByteString[] | undefined {
  try {
    return fs.readdirSync(bytesOf(folder), { encoding: 'latin1' });
  } catch {
    return undefined;
  }
}

/** A file held open: what is read through `path` is this file, whatever its name means by now. */
export interface OpenedFile {
  /** Plain text, without a byte that any decoder could read in two ways. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  close(): void;
}

/**
 * Opens a regular file by its real path. Absent where it cannot be read, or a link has come into the path since.
 *
 * /proc/self/fd/N names the open file itself (proc(5)): names in any encoding, with "%" or "?", need no passing on, and
 * a file exchanged for a link in the meantime is not followed. Elsewhere than on Linux its path has to do.
 */
export function openFile(realPath: ByteString): OpenedFile | undefined {
  const descriptor = openForReading(realPath);
  if (descriptor === undefined) return undefined;
  const path = `/proc/self/fd/${descriptor}`;
  const close = () => fs.closeSync(descriptor);
  try {
    const stat = fs.fstatSync(descriptor);
    const name = fs.existsSync('/proc/self/fd') ? fs.readlinkSync(path, { encoding: 'latin1' }) : undefined;
    if (stat.isFile() && (name ?? realPath) === realPath) {
      return {
        path: name === undefined ? textOfBytes(realPath) : path,
        size: stat.size,
        modifiedAt: stat.mtimeMs,
        close,
      };
    }
  } catch {
    // Gone between two calls: as if it had not been there.
  }
  close();
  return undefined;
}

function openForReading(file: ByteString): number | undefined {
  try {
    return fs.openSync(bytesOf(file), READ);
  } catch {
    return undefined;
  }
}

/** Node makes UTF-8 of a string: of ASCII the same bytes, without a buffer. */
function bytesOf(path: ByteString): string | Buffer {
  return NOT_ASCII.test(path) ? Buffer.from(path, 'latin1') : path;
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
