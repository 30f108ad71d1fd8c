// What a URL means (PRODUCT.md section 5): Target → Resource. Everything that serves, lists or runs asks here.
// Promises: never throws; what is sent, run or listed lies in a root, or where the owner lets links lead.
import { setImmediate } from 'node:timers/promises';
import type { ByteString } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { type Entry, entryAt, firstBytesOf, namesIn } from './disk.ts';
import { extensionOf, isScriptText } from './file-names.ts';
import { percentEncodedPath } from './percent-encoding.ts';
import type { Target } from './request-target.ts';
import type { ListedFolder, Refusal, Resource } from './resource.ts';
import { fileAt, type Location } from './roots.ts';
import { namesFolder, type ScriptFind, scriptAt } from './script-place.ts';
import { createSiteRules, type SiteOptions, type SiteRules, urlOf } from './site-rules.ts';

// PATH_MAX of Linux: no file has a longer path, and looking for one would cost a stat per segment.
const MAX_PATH_BYTES = 4096;
const HEAD_BYTES = 16;
/** Some ten milliseconds. */
const LISTED_AT_ONCE = 200;
const ABSENT: Resource = { kind: 'absent' };

/** A line of a directory listing. Everything in it answers when it is asked for. */
export interface ListedEntry {
  readonly name: ByteString;
  readonly kind: 'file' | 'script' | 'folder';
  /** In bytes; of no meaning for a folder. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface Site {
  /** Says what a URL means now: the disk is asked every time. Never throws. */
  resolve(target: Target): Resource;
  /** What a folder's listing shows: whatever resolve() does not refuse, unsorted. Empty where it cannot be read. */
  list(folder: ListedFolder): Promise<readonly ListedEntry[]>;
}

export function createSite(config: Config, options: SiteOptions = {}): Site {
  const rules = createSiteRules(config, options);
  return {
    resolve: ({ path, query }) => resolvePath(rules, path, query),
    list: (folder) => listedEntries(rules, folder),
  };
}

function resolvePath(rules: SiteRules, path: ByteString, query: ByteString | undefined): Resource {
  const { location, script } = walk(rules, path);
  if (script !== undefined) return scriptAt(rules, { location, ...script });
  if (fileAt(location).length > MAX_PATH_BYTES) return ABSENT;
  const reason = rules.guard.refusalOf(location);
  if (reason !== undefined) return refused(reason);
  const { kind } = entryAt(fileAt(location) || '/');
  switch (kind) {
    case 'absent':
      return ABSENT;
    case 'unreadable':
      return refused('unreadable');
    case 'other':
      return refused('notARegularFile');
    case 'folder':
      return namesFolder(path) ? folderAt(rules, location) : movedTo(rules, location, query);
    case 'file':
      return namesFolder(path) ? ABSENT : textAt(rules, location);
    default:
      return kind satisfies never;
  }
}

/** The part of a URL that names a file; absent `script`: the file is none. */
interface Walk {
  readonly location: Location;
  readonly script: Omit<ScriptFind, 'location'> | undefined;
}

/** Segment by segment: the first that is a script's file ends the part that names a file (RFC 3875 §3.2). */
function walk(rules: SiteRules, path: ByteString): Walk {
  const segments: ByteString[] = [];
  for (let at = 0; at < path.length; ) {
    const slash = path.indexOf('/', at + 1);
    const end = slash < 0 ? path.length : slash;
    const name = path.slice(at + 1, end);
    at = end;
    if (name === '..') segments.pop();
    if (name === '' || name === '.' || name === '..') continue;
    segments.push(name);
    if (end > MAX_PATH_BYTES) continue;
    const location = rules.roots.locate(segments);
    const entry = scriptEntry(rules, location);
    if (entry !== undefined) return { location, script: { entry, pathInfo: path.slice(end) } };
  }
  return { location: rules.roots.locate(segments), script: undefined };
}

/** Absent where no script is meant, or no file is there. */
function scriptEntry(rules: SiteRules, location: Location): Entry | undefined {
  const name = location.below.at(-1);
  if (name === undefined) return location.root.isScript ? entryAt(fileAt(location)) : undefined;
  if (location.root.kind === 'documentRoot' && !rules.isHandled(name)) return undefined;
  const entry = entryAt(fileAt(location));
  return entry.kind === 'file' ? entry : undefined;
}

/** A file that is not run: sent, unless anything about it says that it is a script's. */
function textAt(rules: SiteRules, location: Location): Resource {
  const real = rules.guard.realPlaceOf(location);
  if (real.kind === 'refused') return refused(real.reason);
  const { realPath, home } = real;
  const names = [location.below.at(-1) ?? '', realPath.slice(realPath.lastIndexOf('/') + 1)];
  if (home?.kind === 'scriptAlias' || names.some(rules.isScriptName)) return refused('scriptSource');
  const head = firstBytesOf(realPath, HEAD_BYTES);
  if (head === undefined) return refused('unreadable');
  if (isScriptText(head)) return refused('scriptSource');
  const urlPath = urlOf(location);
  if (extensionOf(urlPath) === '.shtml') rules.warnOfIncludes(realPath);
  return { kind: 'file', file: { file: realPath, urlPath } };
}

function folderAt(rules: SiteRules, location: Location): Resource {
  const real = rules.guard.realPlaceOf(location);
  if (real.kind === 'refused') return refused(real.reason);
  if (location.root.kind === 'scriptAlias' || real.home?.kind === 'scriptAlias') return refused('scriptFolder');
  const index = indexOf(rules, location);
  if (index !== undefined) return index;
  if (!rules.mayList) return refused('listingOff');
  return { kind: 'directory', folder: { folder: real.realPath, urlPath: folderUrl(location) } };
}

/** A script folder says so at once, but for the alias itself. The path begins with one "/" only: segments are never empty, so no other host can be meant (RFC 3986 §4.2). */
function movedTo(rules: SiteRules, location: Location, query: ByteString | undefined): Resource {
  const real = rules.guard.realPlaceOf(location);
  if (real.kind === 'refused') return refused(real.reason);
  const isAlias = location.root.kind === 'scriptAlias' && location.below.length === 0;
  if (!isAlias && (location.root.kind === 'scriptAlias' || real.home?.kind === 'scriptAlias'))
    return refused('scriptFolder');
  const suffix = query === undefined ? '' : `?${query}`;
  return { kind: 'movedTo', location: percentEncodedPath(folderUrl(location)) + suffix };
}

/** The first directory index that answers; one that is refused for its name or place is as if it were not there. */
function indexOf(rules: SiteRules, { root, below }: Location): Resource | undefined {
  for (const name of rules.directoryIndex) {
    const location = { root, below: [...below, name] };
    if (entryAt(fileAt(location)).kind !== 'file') continue;
    const resource = resolvePath(rules, urlOf(location), undefined);
    if (resource.kind !== 'refused' || resource.reason === 'unreadable') return resource;
  }
  return undefined;
}

async function listedEntries(rules: SiteRules, { folder, urlPath }: ListedFolder): Promise<readonly ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for (const [index, name] of (namesIn(folder) ?? []).entries()) {
    // Others are answered while a folder of thousands is looked through.
    if (index % LISTED_AT_ONCE === LISTED_AT_ONCE - 1) await setImmediate();
    entries.push(...listedEntry(rules, `${folder}/${name}`, urlPath + name));
  }
  return entries;
}

function listedEntry(rules: SiteRules, file: ByteString, url: ByteString): ListedEntry[] {
  const entry = entryAt(file);
  // An encoded backslash is refused, so no link can lead to a name that holds one.
  if ((entry.kind !== 'file' && entry.kind !== 'folder') || url.includes('\\')) return [];
  const isFolder = entry.kind === 'folder';
  const { kind } = resolvePath(rules, isFolder ? `${url}/` : url, undefined);
  if (kind !== 'file' && kind !== 'script' && kind !== 'directory') return [];
  const name = url.slice(url.lastIndexOf('/') + 1);
  const { size, modifiedAt } = entry;
  return [{ name, kind: isFolder || kind === 'directory' ? 'folder' : kind, size, modifiedAt }];
}

function folderUrl(location: Location): ByteString {
  return urlOf(location).replace(/\/?$/, '/');
}

function refused(reason: Refusal): Resource {
  return { kind: 'refused', status: 403, reason };
}
