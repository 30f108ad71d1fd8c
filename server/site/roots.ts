// The folders that URLs lead to: the document root and the script aliases.
// Promises: the longest matching prefix wins; a file is found again from its real path, however it was reached.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { entryAt, type RealPaths } from './disk.ts';

export interface Root {
  readonly kind: 'documentRoot' | 'scriptAlias';
  /** Segments of its URL; none for "/". */
  readonly prefix: readonly ByteString[];
  /** Absolute, without a slash at its end ("" for the root of the file system). */
  readonly folder: ByteString;
  /** A script alias of one script (Apache: `ScriptAlias /git/ /usr/lib/git-core/git-http-backend/`); `folder` is its file. */
  readonly isScript: boolean;
}

/** A path below a root, by names. */
export interface Location {
  readonly root: Root;
  readonly below: readonly ByteString[];
}

export interface Roots {
  readonly documentRoot: Root;
  readonly all: readonly Root[];
  /** Where a URL path leads: below the longest script alias that begins it, else below the document root. */
  locate(segments: readonly ByteString[]): Location;
  /** The root that a real path lies in or is, the innermost; absent where it lies in none. */
  homeOf(realPath: ByteString): Location | undefined;
  /** The root's folder with every link resolved; absent where there is none. */
  realFolderOf(root: Root): ByteString | undefined;
}

export function createRoots(config: Config, realPaths: RealPaths): Roots {
  const documentRoot: Root = {
    kind: 'documentRoot',
    prefix: [],
    folder: folderPath(config.site.documentRoot),
    isScript: false,
  };
  const aliases = Object.entries(config.cgi.scriptAlias)
    .map(([url, path]): Root => {
      const folder = folderPath(path);
      // Once, and not at every request: what an alias is the configuration says, which is read again when it changes.
      const isScript = entryAt(folder || '/').kind === 'file';
      return { kind: 'scriptAlias', prefix: segmentsOf(bytesOfText(url)), folder, isScript };
    })
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const all = [...aliases, documentRoot];

  const realFolderOf = (root: Root) => realPaths.of(root.folder || '/')?.replace(/\/$/, '');

  function homeOf(path: ByteString): Location | undefined {
    let found: Location | undefined;
    let length = -1;
    for (const root of all) {
      const folder = realFolderOf(root);
      // The innermost, so that a document root inside a script folder can be served; the alias where both are one.
      if (folder === undefined || folder.length <= length || !isWithin(path, folder)) continue;
      found = { root, below: segmentsOf(path.slice(folder.length)) };
      length = folder.length;
    }
    return found;
  }

  return {
    documentRoot,
    all,
    locate: (segments) => {
      const root =
        aliases.find(({ prefix }) => prefix.every((name, index) => name === segments[index])) ?? documentRoot;
      return { root, below: segments.slice(root.prefix.length) };
    },
    homeOf,
    realFolderOf,
  };
}

export function fileAt({ root, below }: Location): ByteString {
  return [root.folder, ...below].join('/');
}

/** The names of a path; "." and empty ones dropped, ".." never above the top (RFC 3986 §5.2.4). */
export function segmentsOf(path: ByteString): ByteString[] {
  const segments: ByteString[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') segments.pop();
    else segments.push(name);
  }
  return segments;
}

/** The path is the folder or lies in it. */
export function isWithin(path: ByteString, folder: ByteString): boolean {
  if (path === folder || path.startsWith(`${folder}/`)) return true;
  // A disk without case (a mount from macOS or Windows): another spelling, the same folder.
  const spelling = path.slice(0, folder.length);
  if (spelling.toLowerCase() !== folder.toLowerCase() || !['', '/'].includes(path.charAt(folder.length))) return false;
  const [here, there] = [entryAt(spelling), entryAt(folder)];
  return here.kind === 'folder' && there.kind === 'folder' && here.identity === there.identity;
}

function folderPath(configured: string): ByteString {
  return bytesOfText(configured).replace(/\/+$/, '');
}
