// What is never served (PRODUCT.md section 5, point 4): the one place that refuses by name, by URL and by real path.
// Promises: a path is judged as it was asked for and again as the disk knows it, so that no spelling and no link gets round.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { DenyGlobs } from './deny-globs.ts';
import { type RealPaths, realPathOf } from './disk.ts';
import { nameRefusal } from './file-names.ts';
import type { FolderDenial } from './folder-denial.ts';
import type { Refusal } from './resource.ts';
import { fileAt, isWithin, type Location, type Root, type Roots, segmentsOf } from './roots.ts';

export interface GuardParts {
  readonly config: Config;
  /** The configuration file in use, absolute; absent without one. */
  readonly configFile: string | undefined;
  readonly roots: Roots;
  readonly realPaths: RealPaths;
  readonly denyGlobs: DenyGlobs;
  readonly isClosed: FolderDenial;
}

/** `home` is absent only where links may lead anywhere. */
export type RealPlace =
  | { readonly kind: 'allowed'; readonly realPath: ByteString; readonly home: Root | undefined }
  | { readonly kind: 'refused'; readonly reason: Refusal };

export interface Guard {
  /** Judges a location by its names alone: the same whether anything is there or not. */
  refusalOf(location: Location): Refusal | undefined;
  /** The same for a location that holds a file: nothing lies below it. */
  refusalOfFile(location: Location): Refusal | undefined;
  /** Judges what is really there, with every link resolved. */
  realPlaceOf(location: Location): RealPlace;
}

export function createGuard({ config, configFile, roots, realPaths, denyGlobs, isClosed }: GuardParts): Guard {
  const policy = config.site.followSymlinks;
  const configuration = configFile === undefined ? undefined : bytesOfText(configFile);
  const siteRoot = bytesOfText(config.site.root).replace(/\/+$/, '');

  const above = new Map(roots.all.map((root) => [root, foldersAbove(root, roots.documentRoot.folder)]));

  function refusalIn(location: Location, folders: readonly ByteString[]): Refusal | undefined {
    const byName = firstRefusal(location.below);
    if (byName !== undefined) return byName;
    if (denyGlobs.deniesPath([...location.root.prefix, ...location.below])) return 'siteDeny';
    if (isWithin(fileAt(location), `${siteRoot}/tests/smoke`)) return 'smokePlan';
    const { top, between } = above.get(location.root) ?? { top: location.root.folder, between: [] };
    return isClosed(top, [...between, ...folders]) ? 'htaccessDeny' : undefined;
  }

  const refusalOf = (location: Location) => refusalIn(location, location.below);

  /** Judges a real path, the home of which is known. */
  function realRefusal(location: Location, realPath: ByteString, home: Location | undefined): Refusal | undefined {
    if (policy === 'never' && realPath !== pathWithoutLinks(roots, location)) return 'linkOutside';
    if (configuration !== undefined && realPath === realPaths.of(configuration)) return 'configurationFile';
    const realSite = realPaths.of(siteRoot || '/') ?? siteRoot;
    if (isWithin(realPath, `${realSite}/tests/smoke`)) return 'smokePlan';
    if (home !== undefined) return isSame(home, location) ? undefined : refusalOf(home);
    if (policy !== 'anywhere') return 'linkOutside';
    // Outside the roots the folders above are the owner's business, but for those of the site itself.
    const names = isWithin(realPath, realSite)
      ? realPath.slice(realSite.length)
      : realPath.slice(realPath.lastIndexOf('/'));
    return firstRefusal(segmentsOf(names));
  }

  function judge(location: Location, realPath: ByteString): RealPlace {
    const home = roots.homeOf(realPath);
    const reason = realRefusal(location, realPath, home);
    return reason === undefined ? { kind: 'allowed', realPath, home: home?.root } : { kind: 'refused', reason };
  }

  return {
    refusalOf,
    refusalOfFile: (location) => refusalIn(location, location.below.slice(0, -1)),
    realPlaceOf: (location) => {
      const realPath = realPathOf(fileAt(location) || '/');
      if (realPath === undefined) return { kind: 'refused', reason: 'unreadable' };
      const place = judge(location, realPath);
      if (place.kind === 'allowed' && place.home !== undefined) return place;
      // Perhaps a folder above the roots was renamed, and what was known of them is no longer so.
      realPaths.forget();
      return judge(location, realPath);
    },
  };
}

/** A folder of scripts inside the document root is closed by what closes a folder above it, as any other folder there. */
function foldersAbove({ folder }: Root, documentRoot: ByteString) {
  if (!folder.startsWith(`${documentRoot}/`)) return { top: folder, between: [] };
  return { top: documentRoot, between: segmentsOf(folder.slice(documentRoot.length)) };
}

function firstRefusal(names: readonly ByteString[]): Refusal | undefined {
  for (const name of names) {
    const reason = nameRefusal(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** What the real path is where no name below the root is a link; the root itself may be one. */
function pathWithoutLinks(roots: Roots, { root, below }: Location): ByteString | undefined {
  const folder = roots.realFolderOf(root);
  return folder === undefined ? undefined : [folder, ...below].join('/') || '/';
}

function isSame(a: Location, b: Location): boolean {
  return (
    a.root === b.root && a.below.length === b.below.length && a.below.every((name, index) => name === b.below[index])
  );
}
