// Finds the scripts of a site before anyone asks for them: for the banner, doctor and smoke.
// Promises: whatever it finds, resolve() runs; it ends soon, however large the site and whatever its links do.
import type { ByteString } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { createRealPaths, entryAt, namesIn, realPathOf } from './disk.ts';
import { percentEncodedPath } from './percent-encoding.ts';
import { createSite, type Site } from './resolve.ts';
import type { Resource, ScriptPlace } from './resource.ts';
import { createRoots, type Root } from './roots.ts';
import type { SiteOptions } from './site-rules.ts';

const MAX_ENTRIES = 5000;
const MAX_DEPTH = 16;

export interface FoundScript {
  /** Percent-encoded URL path. */
  readonly url: ByteString;
  readonly place: ScriptPlace;
}

export interface DiscoveryOptions extends SiteOptions {
  /** Entries of each root that are looked at; 5000 unless said. */
  readonly maxEntries?: number;
}

interface Folder {
  /** Decoded; ends with "/". */
  readonly url: ByteString;
  readonly file: ByteString;
  /** Real paths of the folders above: a link back to one of them is not followed again. */
  readonly above: readonly ByteString[];
}

/** The scripts that URLs lead to, sorted by URL. Of each root a bounded number of entries is looked at, 16 folders deep. */
export function discoverScripts(
  config: Config,
  { maxEntries = MAX_ENTRIES, ...options }: DiscoveryOptions = {},
): readonly FoundScript[] {
  const site = createSite(config, options);
  const found = new Map<ByteString, FoundScript>();
  const roots = createRoots(config, createRealPaths()).all;
  for (const root of roots) {
    const others = roots.filter((other) => other !== root).map(urlOfRoot);
    for (const script of scriptsBelow(site, root, { others: new Set(others), maxEntries }))
      found.set(script.url, script);
  }
  return [...found.values()].sort((a, b) => (a.url < b.url ? -1 : 1));
}

interface Bounds {
  /** URLs at which another root begins. */
  readonly others: ReadonlySet<ByteString>;
  readonly maxEntries: number;
}

function* scriptsBelow(site: Site, root: Root, { others, maxEntries }: Bounds): Generator<FoundScript> {
  if (root.isScript) {
    const url = urlOfRoot(root).slice(0, -1);
    const resource = resolve(site, url);
    if (resource.kind === 'script') yield { url: percentEncodedPath(url), place: resource.place };
    return;
  }
  const folders: Folder[] = [
    { url: urlOfRoot(root), file: root.folder, above: [realPathOf(root.folder || '/') ?? root.folder] },
  ];
  let budget = maxEntries;
  // Breadth first, so that what is near the top is found where there is too much.
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const name of namesIn(folder.file || '/') ?? []) {
      budget -= 1;
      if (budget < 0) return;
      // No URL leads to a name with a backslash: encoded it is refused.
      if (name.includes('\\')) continue;
      const url = folder.url + name;
      if (entryAt(`${folder.file}/${name}`).kind === 'folder') {
        const below = folderBelow(folder, name);
        // Where another root begins, its own walk finds what the URL leads to.
        if (below !== undefined && !others.has(below.url) && mayEnter(site, below.url)) folders.push(below);
        continue;
      }
      const resource = resolve(site, url);
      if (resource.kind === 'script') yield { url: percentEncodedPath(url), place: resource.place };
    }
  }
}

function folderBelow({ url, file, above }: Folder, name: ByteString): Folder | undefined {
  const path = `${file}/${name}`;
  const realPath = realPathOf(path);
  if (realPath === undefined || above.includes(realPath) || above.length > MAX_DEPTH) return undefined;
  return { url: `${url}${name}/`, file: path, above: [...above, realPath] };
}

/** A folder of scripts refuses itself, not what is in it; any other refusal holds for all below. */
function mayEnter(site: Site, url: ByteString): boolean {
  const resource = resolve(site, url);
  return resource.kind !== 'refused' || resource.reason === 'scriptFolder' || resource.reason === 'listingOff';
}

function resolve(site: Site, path: ByteString): Resource {
  return site.resolve({ raw: percentEncodedPath(path), path, query: undefined, authority: undefined });
}

function urlOfRoot({ prefix }: Root): ByteString {
  return prefix.length === 0 ? '/' : `/${prefix.join('/')}/`;
}
