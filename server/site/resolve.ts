// What a URL means (PRODUCT.md section 5): Target → Resource. Everything that serves, lists or runs asks here.
// Promises: never throws; what is sent, run or listed lies in a root, or where the owner lets links lead.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { createDenyGlobs } from './deny-globs.ts';
import { entryAt, firstBytesOf, isExecutable } from './disk.ts';
import { extensionOf, hasShebang, isScriptText, looksLikeScript } from './file-names.ts';
import { createFolderDenial } from './folder-denial.ts';
import { createGuard } from './guard.ts';
import { percentEncodedPath } from './percent-encoding.ts';
import type { Target } from './request-target.ts';
import type { Refusal, Resource, ScriptPlace } from './resource.ts';
import { createRoots, fileAt, type Location, segmentsOf } from './roots.ts';

const HEAD_BYTES = 512;
// PATH_MAX of Linux: no file has a longer path, and looking for one would cost a stat per segment.
const MAX_PATH_BYTES = 4096;
const ABSENT: Resource = { kind: 'absent' };

export interface Site {
  /** Says what a URL means now: the disk is asked every time. Never throws. */
  resolve(target: Target): Resource;
}

export interface SiteOptions {
  /** The configuration file in use, absolute: it is never served, whatever its name. */
  readonly configFile?: string | undefined;
  /** Takes one line per thing of the site that has no effect here: .htaccess directives, server-side includes. */
  readonly warn?: ((line: string) => void) | undefined;
}

/** The part of a URL that names a file, and what follows it. */
interface Walk {
  readonly segments: readonly ByteString[];
  /** The segments name a script's file. */
  readonly isScript: boolean;
  /** After a script: PATH_INFO. */
  readonly rest: ByteString;
}

export function createSite(config: Config, { configFile, warn = () => {} }: SiteOptions = {}): Site {
  const roots = createRoots(config);
  const denyGlobs = createDenyGlobs(config.site.deny);
  const guard = createGuard({ config, configFile, roots, denyGlobs, isClosed: createFolderDenial(warn) });
  const handlers = new Set(config.cgi.addHandler.map((extension) => bytesOfText(extension).toLowerCase()));
  const interpreted = new Set(
    Object.keys(config.cgi.interpreters).map((extension) => bytesOfText(extension).toLowerCase()),
  );
  const scriptExtensions = new Set([...handlers, ...interpreted]);
  const directoryIndex = config.site.directoryIndex.map(bytesOfText);

  function isScriptAt(segments: readonly ByteString[]): boolean {
    const location = roots.locate(segments);
    const name = location.below.at(-1);
    if (name === undefined) return false;
    if (location.root.kind === 'documentRoot' && !handlers.has(extensionOf(name))) return false;
    return entryAt(fileAt(location)).kind === 'file';
  }

  /** Segment by segment: the first that is a script's file ends the part that names a file (RFC 3875 §3.2). */
  function walk(path: ByteString): Walk {
    const segments: ByteString[] = [];
    for (let at = 0; at < path.length; ) {
      const slash = path.indexOf('/', at + 1);
      const end = slash < 0 ? path.length : slash;
      const name = path.slice(at + 1, end);
      at = end;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        segments.pop();
        continue;
      }
      segments.push(name);
      if (at < MAX_PATH_BYTES && isScriptAt(segments)) return { segments, isScript: true, rest: path.slice(end) };
    }
    return { segments, isScript: false, rest: '' };
  }

  function script(location: Location, pathInfo: ByteString): Resource {
    const reason = guard.refusalOf(location);
    if (reason !== undefined) return refused(reason);
    const real = guard.realPlaceOf(location);
    if (real.kind === 'refused') return refused(real.reason);
    const scriptFile = fileAt(location);
    const place: ScriptPlace = {
      scriptFile,
      scriptName: urlOf(location),
      pathInfo,
      pathTranslated: pathTranslated(roots.documentRoot.folder, pathInfo),
      documentRoot: roots.documentRoot.folder || '/',
      isExecutable: isExecutable(scriptFile),
      head: firstBytesOf(scriptFile, HEAD_BYTES),
    };
    if (denyGlobs.deniesPathInfo(place)) return refused('siteDeny');
    const cannotRun = place.isExecutable ? undefined : reasonNotToRun(location, place.head);
    return cannotRun === undefined ? { kind: 'script', place } : refused(cannotRun);
  }

  /** A file without its execute bit: a script that lost it in a zip or checkout, or data that must stay unseen. */
  function reasonNotToRun({ root, below }: Location, head: ByteString | undefined): Refusal | undefined {
    if (head === undefined) return 'unreadable';
    if (root.kind === 'documentRoot' || hasShebang(head) || interpreted.has(extensionOf(below.at(-1) ?? '')))
      return undefined;
    return 'notAScript';
  }

  function file(location: Location): Resource {
    const real = guard.realPlaceOf(location);
    if (real.kind === 'refused') return refused(real.reason);
    const names = [location.below.at(-1) ?? '', real.realPath.slice(real.realPath.lastIndexOf('/') + 1)];
    if (real.home?.kind === 'scriptAlias' || names.some((name) => looksLikeScript(name, scriptExtensions)))
      return refused('scriptSource');
    const head = firstBytesOf(real.realPath, HEAD_BYTES);
    if (head === undefined) return refused('unreadable');
    if (isScriptText(head)) return refused('scriptSource');
    return { kind: 'file', file: { file: real.realPath, urlPath: urlOf(location) } };
  }

  function folder(location: Location, target: Target): Resource {
    const real = guard.realPlaceOf(location);
    if (real.kind === 'refused') return refused(real.reason);
    const url = urlOf(location).replace(/\/?$/, '/');
    if (!namesFolder(target.path)) {
      const query = target.query === undefined ? '' : `?${target.query}`;
      return { kind: 'movedTo', location: percentEncodedPath(url) + query };
    }
    if (location.root.kind === 'scriptAlias' || real.home?.kind === 'scriptAlias') return refused('scriptFolder');
    const index = indexOf(location);
    if (index !== undefined) return index;
    if (!config.site.listing) return refused('listingOff');
    return { kind: 'directory', folder: { folder: real.realPath, urlPath: url } };
  }

  /** The first directory index that may answer; one that is refused by its name or place is as if it were not there. */
  function indexOf({ root, below }: Location): Resource | undefined {
    for (const name of directoryIndex) {
      const location = { root, below: [...below, name] };
      if (entryAt(fileAt(location)).kind !== 'file') continue;
      const resource = handlers.has(extensionOf(name)) ? script(location, '') : resourceAt(location, undefined);
      if (resource.kind !== 'refused' || resource.reason === 'unreadable') return resource;
    }
    return undefined;
  }

  /** @param target absent for a directory index, which is never a folder. */
  function resourceAt(location: Location, target: Target | undefined): Resource {
    if (fileAt(location).length > MAX_PATH_BYTES) return ABSENT;
    const reason = guard.refusalOf(location);
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
        return target === undefined ? ABSENT : folder(location, target);
      case 'file':
        return target !== undefined && namesFolder(target.path) ? ABSENT : file(location);
      default:
        return kind satisfies never;
    }
  }

  return {
    resolve: (target) => {
      const { segments, isScript, rest } = walk(target.path);
      const location = roots.locate(segments);
      return isScript ? script(location, rest) : resourceAt(location, target);
    },
  };
}

function refused(reason: Refusal): Resource {
  return { kind: 'refused', status: 403, reason };
}

function urlOf({ root, below }: Location): ByteString {
  return `/${[...root.prefix, ...below].join('/')}`;
}

function namesFolder(path: ByteString): boolean {
  return /\/\.{0,2}$/.test(path);
}

/** PATH_TRANSLATED (RFC 3875 §4.1.6): absent where ".." would leave the document root. */
function pathTranslated(documentRoot: ByteString, pathInfo: ByteString): ByteString | undefined {
  if (pathInfo === '') return undefined;
  let depth = 0;
  for (const name of pathInfo.split('/')) {
    if (name === '..') depth -= 1;
    else if (name !== '' && name !== '.') depth += 1;
    if (depth < 0) return undefined;
  }
  return [documentRoot, ...segmentsOf(pathInfo)].join('/') + (namesFolder(pathInfo) ? '/' : '');
}
