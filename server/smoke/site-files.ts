// The files of a site as a whole: which have changed, and a copy that may be thrown away. The door to them.
// Versions and packages are left alone: .git and node_modules are neither copied nor looked at.
import { constants, type Dirent } from 'node:fs';
import { cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
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

/** A pipe or a socket is no part of a site, and cannot be copied. */
async function mayCopy(source: string): Promise<boolean> {
  if (LEFT_ALONE.has(basename(source))) return false;
  const stats = await lstat(source);
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
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
    try {
      await cp(root, folder, {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        mode: constants.COPYFILE_FICLONE,
        filter: (source) => source === root || mayCopy(source),
      });
    } catch (error) {
      const hint = 'leave --ephemeral out, or let this user read every file of the site';
      throw new CgiboxError('SITE_UNUSABLE', `Cannot copy "${root}": ${reasonOf(error)}`, { hint, cause: error });
    }
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
