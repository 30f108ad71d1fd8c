// The files of a site as a whole: which have changed, and a copy that may be thrown away. The door to them.
// Versions and packages are left alone: .git and node_modules are neither copied nor looked at.
import { constants, type Dirent } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { textOfBytes } from '../config/byte-string.ts';
import { reasonOf } from '../config/read-file.ts';
import { CgiboxError } from '../errors.ts';

const LEFT_ALONE: ReadonlySet<string> = new Set(['.git', 'node_modules', '__pycache__']);
const MAX_FILES = 20_000;

/** Path relative to the root → what changes with the file. */
export type Snapshot = ReadonlyMap<string, string>;

/** Size and time of each file; of a very large site the first files only. */
export async function snapshotOf(root: string): Promise<Snapshot> {
  const found = new Map<string, string>();
  const folders = [''];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of await entriesOf(join(root, folder))) {
      if (found.size >= MAX_FILES) return found;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else found.set(path, await stampOf(join(root, path)));
    }
  }
  return found;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter(({ name }) => !LEFT_ALONE.has(name));
}

async function stampOf(file: string): Promise<string> {
  const stats = await lstat(file, { bigint: true }).catch(() => undefined);
  return stats === undefined ? '' : `${stats.size} ${stats.mtimeNs} ${stats.ino}`;
}

/** Paths that are new, gone or different, sorted. */
export function changesBetween(before: Snapshot, after: Snapshot): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).toSorted();
}

const MAX_COPIED_BYTES = 512 * 1024 * 1024;

/** Would a copy take long, and much space? */
export async function isLargeSite(root: string): Promise<boolean> {
  const snapshot = await snapshotOf(root);
  const bytes = [...snapshot.values()].reduce((sum, stamp) => sum + Number(stamp.split(' ')[0] ?? 0), 0);
  return snapshot.size >= MAX_FILES || bytes > MAX_COPIED_BYTES;
}

export interface SiteCopy {
  readonly folder: string;
  /** Makes it as the site is. */
  reset(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Copies a site into a folder of its own; without using space where the file system can (reflink).
 *
 * @throws CgiboxError SITE_UNUSABLE
 */
export async function copySite(root: string, temporaryFolder: string): Promise<SiteCopy> {
  const parent = await mkdtemp(join(temporaryFolder, 'cgibox-smoke-'));
  const folder = join(parent, basename(root) || 'site');
  const fill = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await copyFolder(Buffer.from(root), Buffer.from(folder));
  };
  const remove = () => rm(parent, { recursive: true, force: true, maxRetries: 3 });
  try {
    await fill();
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, reset: fill, remove };
}

const SEPARATOR = Buffer.from('/');

/** Names are bytes: fs.cp takes them for UTF-8, and finds no file where they are in ISO-8859-1 or Shift_JIS. */
async function copyFolder(from: Buffer, to: Buffer): Promise<void> {
  try {
    const { mode, atime, mtime } = await stat(from);
    const entries = await readdir(from, { withFileTypes: true, encoding: 'buffer' });
    await mkdir(to);
    for (const entry of entries) {
      if (LEFT_ALONE.has(entry.name.toString('latin1'))) continue;
      const [source, target] = [from, to].map((folder) => Buffer.concat([folder, SEPARATOR, entry.name]));
      if (source !== undefined && target !== undefined) await copyEntry(entry, source, target);
    }
    // At last: a folder that may not be written could not be filled.
    await chmod(to, mode);
    await utimes(to, atime, mtime);
  } catch (error) {
    throw uncopied(from, error);
  }
}

/** A pipe or a socket is no part of a site, and cannot be copied. */
async function copyEntry(entry: Dirent<Buffer>, source: Buffer, target: Buffer): Promise<void> {
  if (entry.isDirectory()) return copyFolder(source, target);
  try {
    if (entry.isSymbolicLink()) return await symlink(await readlink(source, { encoding: 'buffer' }), target);
    if (!entry.isFile()) return;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    const { atime, mtime } = await stat(source);
    await utimes(target, atime, mtime);
  } catch (error) {
    throw uncopied(source, error);
  }
}

function uncopied(path: Buffer, error: unknown): CgiboxError {
  if (error instanceof CgiboxError) return error;
  const name = textOfBytes(path.toString('latin1'));
  const hint = 'a site is copied whole: let this user read it, or move it out of the site';
  return new CgiboxError('SITE_UNUSABLE', `Cannot copy "${name}": ${reasonOf(error)}`, { hint, cause: error });
}
