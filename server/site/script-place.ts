// A script's place (RFC 3875 §3.2, §4.1.5, §4.1.6): a location that holds a script's file → script, or why it may not run.
import type { ByteString } from '../config/byte-string.ts';
import type { Entry } from './disk.ts';
import { hasShebang } from './file-names.ts';
import type { Refusal, Resource, ScriptPlace } from './resource.ts';
import { fileAt, type Location, segmentsOf } from './roots.ts';
import { type SiteRules, urlOf } from './site-rules.ts';

/** Where a URL finds a script. */
export interface ScriptFind {
  readonly location: Location;
  /** What the script's path names now. */
  readonly entry: Entry;
  /** What follows the script's name in the decoded URL path, untouched. */
  readonly pathInfo: ByteString;
}

export function scriptAt(rules: SiteRules, find: ScriptFind): Resource {
  const { location } = find;
  const reason = rules.guard.refusalOfFile(location);
  if (reason !== undefined) return refused(reason);
  const real = rules.guard.realPlaceOf(location);
  if (real.kind === 'refused') return refused(real.reason);
  const place = placeOf(rules, find);
  if (rules.denyGlobs.deniesPathInfo(place)) return refused('siteDeny');
  const cannotRun = place.isExecutable ? undefined : reasonNotToRun(rules, location, place.head);
  return cannotRun === undefined ? { kind: 'script', place } : refused(cannotRun);
}

function placeOf(rules: SiteRules, { location, entry, pathInfo }: ScriptFind): ScriptPlace {
  const documentRoot = rules.roots.documentRoot.folder;
  const scriptFile = fileAt(location);
  const { isExecutable, head } = rules.scriptFiles.of(scriptFile, entry);
  return {
    scriptFile,
    scriptName: urlOf(location),
    pathInfo,
    pathTranslated: pathTranslated(documentRoot, pathInfo),
    documentRoot: documentRoot || '/',
    isExecutable,
    head,
  };
}

/** A file without its execute bit: a script that lost it in a zip or a checkout, or data that must stay unseen. */
function reasonNotToRun(rules: SiteRules, location: Location, head: ByteString | undefined): Refusal | undefined {
  if (head === undefined) return 'unreadable';
  // In the document root its extension says that it is a script; what is wrong with it, the failure page explains.
  if (location.root.kind === 'documentRoot' || hasShebang(head)) return undefined;
  return rules.isInterpreted(location.below.at(-1) ?? location.root.folder) ? undefined : 'notAScript';
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

/** The path ends in a slash, or in a dot segment, which stands for one (RFC 3986 §5.2.4). */
export function namesFolder(path: ByteString): boolean {
  return /\/\.{0,2}$/.test(path);
}

function refused(reason: Refusal): Resource {
  return { kind: 'refused', status: 403, reason };
}
