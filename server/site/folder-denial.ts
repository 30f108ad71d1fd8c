// Folders closed by their .htaccess: asks every folder from a root down to the file.
// Promises: an unreadable .htaccess closes its folder (as Apache does), and each file is warned about once per content.
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import { entryAt, firstBytesOf } from './disk.ts';
import { parseHtaccess } from './htaccess.ts';

const MAX_BYTES = 256 * 1024;

interface Known {
  readonly version: string;
  readonly denies: boolean;
}

/** Answers whether the folder `root`, or one on the way down through `below`, is closed. */
export type FolderDenial = (root: ByteString, below: readonly ByteString[]) => boolean;

/** @param warn takes a line that names the file and the directives without effect. */
export function createFolderDenial(warn: (line: string) => void): FolderDenial {
  // One entry per .htaccess that exists, so it is bounded by the site itself.
  const known = new Map<ByteString, Known>();

  function isClosed(folder: ByteString): boolean {
    const file = `${folder}/.htaccess`;
    const entry = entryAt(file);
    if (entry.kind === 'absent') return false;
    // Where the folder itself cannot be entered, nothing in it can be read either, and that is the better reason.
    if (entry.kind === 'unreadable') return entryAt(`${folder}/.`).kind === 'folder';
    if (entry.kind !== 'file') return true;
    const version = `${entry.identity}:${entry.size}:${entry.changedAt}`;
    const seen = known.get(file);
    if (seen?.version === version) return seen.denies;
    if (entry.size > MAX_BYTES) return true;
    const text = firstBytesOf(file, Math.max(entry.size, 1));
    // Not remembered: it may be readable in a moment, if it was descriptors that were wanting.
    if (text === undefined) return true;
    const { denies, ignored } = parseHtaccess(text);
    if (ignored.length > 0) warn(`${textOfBytes(file)}: no effect here: ${ignored.map(textOfBytes).join(', ')}`);
    known.set(file, { version, denies });
    return denies;
  }

  return (root, below) => {
    let folder = root;
    if (isClosed(folder)) return true;
    for (const name of below) {
      folder += `/${name}`;
      if (isClosed(folder)) return true;
    }
    return false;
  };
}
