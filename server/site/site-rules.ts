// What the configuration says about URLs and files, made ready once: the parts that resolving, listing and discovery share.
import { type ByteString, bytesOfText, textOfBytes } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { createDenyGlobs, type DenyGlobs } from './deny-globs.ts';
import { createRealPaths } from './disk.ts';
import { extensionOf, looksLikeScript } from './file-names.ts';
import { createFolderDenial } from './folder-denial.ts';
import { createGuard, type Guard } from './guard.ts';
import { createRoots, type Location, type Roots } from './roots.ts';
import { createScriptFiles, type ScriptFiles } from './script-files.ts';

export interface SiteOptions {
  /** The configuration file in use, absolute: it is never served, whatever its name. */
  readonly configFile?: string | undefined;
  /** Takes one line per thing of the site that has no effect here: .htaccess directives, server-side includes. */
  readonly warn?: ((line: string) => void) | undefined;
}

export interface SiteRules {
  readonly roots: Roots;
  readonly guard: Guard;
  readonly denyGlobs: DenyGlobs;
  readonly scriptFiles: ScriptFiles;
  readonly directoryIndex: readonly ByteString[];
  readonly mayList: boolean;
  /** The document root runs files of this name. */
  isHandled(name: ByteString): boolean;
  /** An interpreter is known for files of this name. */
  isInterpreted(name: ByteString): boolean;
  /** The name is a script's in any spelling: such a file is run or refused, never shown. */
  isScriptName(name: ByteString): boolean;
  /** Warns of a page whose includes are not built; once per file. */
  warnOfIncludes(file: ByteString): void;
}

export function createSiteRules(config: Config, { configFile, warn = () => {} }: SiteOptions): SiteRules {
  const realPaths = createRealPaths();
  const roots = createRoots(config, realPaths);
  const denyGlobs = createDenyGlobs(config.site.deny);
  const handled = extensions(config.cgi.addHandler);
  const interpreted = extensions(Object.keys(config.cgi.interpreters));
  const scripts = new Set([...handled, ...interpreted]);
  const warnedOf = new Set<ByteString>();
  return {
    roots,
    guard: createGuard({ config, configFile, roots, realPaths, denyGlobs, isClosed: createFolderDenial(warn) }),
    denyGlobs,
    scriptFiles: createScriptFiles(),
    directoryIndex: config.site.directoryIndex.map(bytesOfText),
    mayList: config.site.listing,
    isHandled: (name) => handled.has(extensionOf(name)),
    isInterpreted: (name) => interpreted.has(extensionOf(name)),
    isScriptName: (name) => looksLikeScript(name, scripts),
    warnOfIncludes: (file) => {
      if (warnedOf.has(file)) return;
      warnedOf.add(file);
      warn(`${textOfBytes(file)}: sent as HTML, its server-side includes are not run`);
    },
  };
}

/** The decoded URL path of a location; without a slash at its end, but for "/". */
export function urlOf({ root, below }: Location): ByteString {
  return `/${[...root.prefix, ...below].join('/')}`;
}

function extensions(configured: readonly string[]): ReadonlySet<ByteString> {
  return new Set(configured.map((extension) => bytesOfText(extension).toLowerCase()));
}
