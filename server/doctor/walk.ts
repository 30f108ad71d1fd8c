// Every entry of the folders that URLs lead to, with what the links among them are.
// Promises: a link is never followed into a folder, so it ends; editor leftovers and dot files are left out, but .htaccess.
import { setImmediate as otherWork } from 'node:timers/promises';
import type { ByteString } from '../config/byte-string.ts';
import { entryAt, firstBytesOf, isExecutable, namesIn, realPathOf } from '../site/disk.ts';
import { nameRefusal } from '../site/file-names.ts';
import type { Root } from '../site/roots.ts';

const MAX_DEPTH = 32;

export interface WalkedEntry {
  /** Absolute path. */
  readonly file: ByteString;
  readonly kind: 'file' | 'folder' | 'other' | 'unreadable' | 'absent';
  /** A symbolic link; `kind` is that of its target, absent where it leads nowhere. */
  readonly isLink: boolean;
  readonly isReadable: boolean;
  /** Where the link leads, with every link resolved. */
  readonly target: ByteString | undefined;
}

export interface Walk {
  readonly entries: readonly WalkedEntry[];
  readonly isCut: boolean;
}

/** Each entry once, also where one root lies in another. */
export async function walk(roots: readonly Root[], maxEntries: number): Promise<Walk> {
  const found = new Map<ByteString, WalkedEntry>(roots.flatMap(closedRoot));
  let isCut = false;
  const folders = roots.map(({ folder }) => ({ folder, depth: 0 }));
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    const { folder, depth } = next;
    const realFolder = realPathOf(folder || '/');
    if (realFolder === undefined) continue;
    for (const name of namesIn(folder || '/') ?? []) {
      if (found.size >= maxEntries) return { entries: [...found.values()], isCut: true };
      if (name !== '.htaccess' && nameRefusal(name) !== undefined) continue;
      const entry = walkedEntry(`${folder}/${name}`, `${realFolder === '/' ? '' : realFolder}/${name}`);
      if (found.has(entry.file)) continue;
      found.set(entry.file, entry);
      if (entry.kind !== 'folder' || entry.isLink || !entry.isReadable) continue;
      if (depth < MAX_DEPTH) folders.push({ folder: entry.file, depth: depth + 1 });
      else isCut = true;
    }
    await otherWork();
  }
  return { entries: [...found.values()], isCut };
}

/** A folder of the configuration is an entry of no other: it is named where it may not be read. */
function closedRoot({ folder }: Root): [ByteString, WalkedEntry][] {
  const file = folder || '/';
  if (entryAt(file).kind === 'absent' || isReadable(file, 'folder')) return [];
  return [[file, { file, kind: 'folder', isLink: false, isReadable: false, target: realPathOf(file) }]];
}

/** @param unlinked the path it has if it is no link */
function walkedEntry(file: ByteString, unlinked: ByteString): WalkedEntry {
  const { kind } = entryAt(file);
  const target = realPathOf(file);
  // What was just named, in a folder that may be entered, and stat does not find: a link that leads nowhere, or in a circle.
  const isLink = kind === 'absent' || kind === 'unreadable' || (target !== undefined && target !== unlinked);
  return { file, kind, isReadable: isReadable(file, kind), isLink, target };
}

function isReadable(file: ByteString, kind: WalkedEntry['kind']): boolean {
  if (kind === 'folder') return namesIn(file) !== undefined && entryAt(`${file}/.`).kind === 'folder';
  // A program may be executed without being readable.
  if (kind === 'unreadable') return false;
  return kind !== 'file' || firstBytesOf(file, 1) !== undefined || isExecutable(file);
}
