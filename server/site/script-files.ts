// What is known of script files: whether they may be executed, and their first bytes, looked at once for each version of a file.
import type { ByteString } from '../config/byte-string.ts';
import { type Entry, firstBytesOf, isExecutable } from './disk.ts';
import type { ScriptPlace } from './resource.ts';

export type ScriptFile = Pick<ScriptPlace, 'isExecutable' | 'head'>;

export interface ScriptFiles {
  /** @param entry what the file's path names now. */
  of(file: ByteString, entry: Entry): ScriptFile;
}

interface Known extends ScriptFile {
  readonly identity: string;
  readonly changedAt: number;
  readonly size: number;
}

const HEAD_BYTES = 512;
/** Some file systems tell time by the second: a change that soon after the last one might not show. */
const SETTLED_AFTER_MS = 2000;

/** A mode, an owner or a content that changes, changes the time of the inode: what was seen of an older one still holds. */
export function createScriptFiles(): ScriptFiles {
  // One entry for each script that is run: bounded by the site.
  const known = new Map<ByteString, Known>();
  return {
    of: (file, entry) => {
      if (entry.kind !== 'file') return lookAt(file);
      const { identity, changedAt, size } = entry;
      const seen = known.get(file);
      if (seen?.changedAt === changedAt && seen.size === size && seen.identity === identity) return seen;
      const now = lookAt(file);
      // One that cannot be read now, perhaps for want of descriptors, may be readable in a moment.
      const isSettled = now.head !== undefined && Date.now() - changedAt > SETTLED_AFTER_MS;
      if (isSettled) known.set(file, { ...now, identity, changedAt, size });
      return now;
    },
  };
}

function lookAt(file: ByteString): ScriptFile {
  return { isExecutable: isExecutable(file), head: firstBytesOf(file, HEAD_BYTES) };
}
