// Zero configuration: where an old site keeps its pages and its scripts, found by the names that old servers used.
// Source: the default folders of Apache, IIS, NCSA httpd (htbin) and Python's CGIHTTPServer.
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CgiboxError } from '../errors.ts';
import { reasonOf } from './read-file.ts';
import type { Config } from './schema.ts';

export interface SiteLayout {
  readonly documentRoot: string;
  /** URL prefix → folder. */
  readonly scriptAlias: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

const PAGE_FOLDERS = ['public', 'public_html', 'htdocs', 'www', 'html', 'docs'];
const SCRIPT_FOLDERS = ['cgi-bin', 'cgi', 'cgi-local', 'htbin'];

/** The document root and the script folders of a site without configuration. Paths are absolute if `site` is. */
export function siteLayout(site: string, directoryIndex: readonly string[]): SiteLayout {
  const documentRoot = documentRootOf(site, directoryIndex);
  const scriptAlias: Record<string, string> = {};
  const warnings: string[] = [];
  for (const name of SCRIPT_FOLDERS) {
    const [first, second] = [...new Set([join(site, name), join(documentRoot, name)])].filter(isFolder);
    if (first === undefined) continue;
    scriptAlias[`/${name}/`] = first;
    if (second !== undefined) {
      warnings.push(`/${name}/ is ${first}; ${second} is not reached: name it in cgi.scriptAlias, or merge the two`);
    }
  }
  return { documentRoot, scriptAlias, warnings };
}

function documentRootOf(site: string, directoryIndex: readonly string[]): string {
  if (directoryIndex.some((name) => isFile(join(site, name)))) return site;
  return PAGE_FOLDERS.map((name) => join(site, name)).find(isFolder) ?? site;
}

/**
 * Checks that SITE is a folder whose files can be read.
 *
 * @throws CgiboxError SITE_UNUSABLE
 */
export function checkSite(site: string, written: string): void {
  try {
    if (!statSync(site).isDirectory()) throw unusable(written, 'it is not a folder');
    accessSync(site, constants.R_OK | constants.X_OK);
    readdirSync(site);
  } catch (error) {
    if (error instanceof CgiboxError) throw error;
    throw unusable(written, whyNoFolder(error), error);
  }
}

function unusable(written: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'give the folder of the site: cgibox serve FOLDER';
  return new CgiboxError('SITE_UNUSABLE', `Cannot serve "${written}": ${reason}`, { hint, cause });
}

/**
 * Warnings about folders of a configuration that are not there.
 *
 * @throws CgiboxError SITE_UNUSABLE where none of them is: every URL would be a 404
 */
export function missingFolders({ site, cgi }: Config): readonly string[] {
  // A prefix may name one script. Not "/": there would be no SCRIPT_NAME.
  const isAlias = (prefix: string, path: string) => isFolder(path) || (prefix !== '/' && isFile(path));
  const aliases = Object.entries(cgi.scriptAlias).filter(([prefix, path]) => !isAlias(prefix, path));
  const hasPages = isFolder(site.documentRoot);
  if (!hasPages && aliases.length === Object.keys(cgi.scriptAlias).length) {
    const hint = 'make the folder, or name another in site.root and site.documentRoot';
    const reason = whyUnusable(site.documentRoot);
    const message = `Cannot serve "${site.documentRoot}": ${reason}, and no script folder either`;
    throw new CgiboxError('SITE_UNUSABLE', message, { hint });
  }
  const pages = hasPages ? [] : [`the document root ${site.documentRoot} is not a folder: only scripts are served`];
  return [
    ...pages,
    ...aliases.map(([prefix, folder]) => `${prefix} leads nowhere: ${folder} is no folder and no script`),
  ];
}

function whyUnusable(path: string): string {
  try {
    statSync(path);
    return 'it is not a folder';
  } catch (error) {
    return whyNoFolder(error);
  }
}

function whyNoFolder(error: unknown): string {
  return reasonOf(error).replace('no such file', 'no such folder');
}

export function isFolder(path: string): boolean {
  return kindOf(path) === 'folder';
}

export function isFile(path: string): boolean {
  return kindOf(path) === 'file';
}

function kindOf(path: string): 'folder' | 'file' | undefined {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? 'file' : undefined;
  } catch {
    // Absent, a loop of links, behind a closed folder: nothing that could be used.
    return undefined;
  }
}
