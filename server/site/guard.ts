// What is never served (PRODUCT.md section 5, point 4): the one place that refuses by name, by URL and by real path.
// Promises: a path is judged as it was asked for and again as the disk knows it, so that no spelling and no link gets round.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { DenyGlobs } from './deny-globs.ts';
import { realPathOf } from './disk.ts';
import { nameRefusal } from './file-names.ts';
import type { FolderDenial } from './folder-denial.ts';
import type { Refusal } from './resource.ts';
import { fileAt, isWithin, type Location, type Root, type Roots, realFolderOf, segmentsOf } from './roots.ts';

export interface GuardParts {
  readonly config: Config;
  /** The configuration file in use, absolute; absent without one. */
  readonly configFile: string | undefined;
  readonly roots: Roots;
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
  /** Judges what is really there, with every link resolved. */
  realPlaceOf(location: Location): RealPlace;
}

export function createGuard({ config, configFile, roots, denyGlobs, isClosed }: GuardParts): Guard {
  const siteRoot = bytesOfText(config.site.root).replace(/\/+$/, '');

  function refusalOf(location: Location): Refusal | undefined {
    const byName = firstRefusal(location.below);
    if (byName !== undefined) return byName;
    if (denyGlobs.deniesPath([...location.root.prefix, ...location.below])) return 'siteDeny';
    if (isWithin(fileAt(location), `${siteRoot}/tests/smoke`)) return 'smokePlan';
    return isClosed(location.root.folder, location.below) ? 'htaccessDeny' : undefined;
  }

  function realRefusal(location: Location, realPath: ByteString): Refusal | undefined {
    if (config.site.followSymlinks === 'never' && realPath !== pathWithoutLinks(location)) return 'linkOutside';
    if (configFile !== undefined && realPath === realPathOf(bytesOfText(configFile))) return 'configurationFile';
    const realSite = realPathOf(siteRoot);
    if (realSite !== undefined && isWithin(realPath, `${realSite}/tests/smoke`)) return 'smokePlan';
    const home = roots.homeOf(realPath);
    if (home !== undefined) return isSame(home, location) ? undefined : refusalOf(home);
    if (config.site.followSymlinks !== 'anywhere') return 'linkOutside';
    // Outside the roots the folders above are the owner's business, but for those of the site itself.
    const isInSite = realSite !== undefined && isWithin(realPath, realSite);
    return firstRefusal(isInSite ? segmentsOf(realPath.slice(realSite.length)) : segmentsOf(realPath).slice(-1));
  }

  return {
    refusalOf,
    realPlaceOf: (location) => {
      const realPath = realPathOf(fileAt(location) || '/');
      if (realPath === undefined) return { kind: 'refused', reason: 'unreadable' };
      const reason = realRefusal(location, realPath);
      if (reason !== undefined) return { kind: 'refused', reason };
      return { kind: 'allowed', realPath, home: roots.homeOf(realPath)?.root };
    },
  };
}

function firstRefusal(names: readonly ByteString[]): Refusal | undefined {
  for (const name of names) {
    const reason = nameRefusal(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** What the real path is where no name below the root is a link; the root itself may be one. */
function pathWithoutLinks({ root, below }: Location): ByteString | undefined {
  const folder = realFolderOf(root);
  return folder === undefined ? undefined : [folder, ...below].join('/') || '/';
}

function isSame(a: Location, b: Location): boolean {
  return (
    a.root === b.root && a.below.length === b.below.length && a.below.every((name, index) => name === b.below[index])
  );
}
