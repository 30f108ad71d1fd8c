// Reads the whole site once: its scripts and libraries, pages, .htaccess files, links, and what cannot be read.
// Promises: bounded in entries, depth and bytes; gives way to a running server between files; nothing of the site is run.
import { setImmediate as otherWork } from 'node:timers/promises';
import { type Interpretation, interpretation } from '../cgi/interpreter.ts';
import { perScript } from '../cgi/per-script.ts';
import { scriptEnvironment } from '../cgi/script-command.ts';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import { discoverScripts, type FoundScript } from '../site/discover.ts';
import { createRealPaths, entryAt, firstBytesOf } from '../site/disk.ts';
import { hasShebang } from '../site/file-names.ts';
import { createRoots, type Roots } from '../site/roots.ts';
import { isLibraryName, isLibraryText, loadedNames } from './library.ts';
import { perlFolders } from './perl-folders.ts';
import { perlLoads } from './perl-loads.ts';
import { sandboxOf } from './sandbox.ts';
import { createSource, type RunPlan, type Source } from './source.ts';
import type { Sandbox } from './syntax.ts';
import { type WalkedEntry, walk } from './walk.ts';

const MAX_ENTRIES = 100_000;
/** awstats.pl has 800 KiB. */
const MAX_TEXT_BYTES = 2 * 1024 * 1024;
const PROGRAM_TEXT = /\.(pl|pm|ph|al|plx|py|sh|lib)$/i;
const PAGE = /\.(html?|shtml|xhtml)$/i;

/** A page as text; it is read when a check asks for it. */
export interface SiteFile {
  readonly file: ByteString;
  readonly text: ByteString;
}

export interface Survey {
  readonly config: Config;
  readonly configFile: string | undefined;
  /** `site.root`, absolute. */
  readonly root: ByteString;
  readonly roots: Roots;
  /** PATH and whatever else scripts get. */
  readonly environment: Readonly<Record<string, ByteString>>;
  /** What interpreters are asked in; absent where this system has none. */
  readonly sandbox: Sandbox | undefined;
  /** Where perl itself looks for modules and libraries; empty where no script needs to know. */
  readonly perlFolders: readonly ByteString[];
  readonly scripts: readonly FoundScript[];
  readonly sources: readonly Source[];
  readonly pages: readonly SiteFile[];
  readonly htaccess: readonly SiteFile[];
  /** Texts that nobody writes by hand: they are not read. */
  readonly tooLong: readonly ByteString[];
  /** Links, and files and folders that cannot be read. */
  readonly oddEntries: readonly WalkedEntry[];
  /** There was more than is read: 100 000 entries. */
  readonly isCut: boolean;
}

export interface SurveyOptions {
  readonly config: Config;
  readonly configFile: string | undefined;
  /** The environment of this process: its PATH decides which interpreters there are. */
  readonly environment: Environment;
  /** Entries that are looked at; 100 000 unless said. */
  readonly maxEntries?: number;
  /** Called with the number of files read so far. */
  readonly onProgress?: (files: number) => void;
}

export async function surveySite(options: SurveyOptions): Promise<Survey> {
  const { config, configFile, environment, maxEntries = MAX_ENTRIES, onProgress } = options;
  const roots = createRoots(config, createRealPaths());
  const scriptSettings = scriptEnvironment(config, environment);
  const scripts = discoverScripts(config, { configFile, maxEntries });
  const { entries, isCut } = await walk(roots.all, maxEntries);
  const plans = runPlans(scripts, config, scriptSettings.PATH ?? '');
  const texts: SiteFile[] = [];
  const pages: SiteFile[] = [];
  const htaccess: SiteFile[] = [];
  const tooLong: ByteString[] = [];
  for (const entry of entries) {
    const { file, kind } = entry;
    if (kind !== 'file' || !isFollowed(entry, { config, roots })) continue;
    const isPage = PAGE.test(file);
    const isHtaccess = file.endsWith('/.htaccess');
    if (!isPage && !isHtaccess && !plans.has(file) && !PROGRAM_TEXT.test(file)) continue;
    const text = textOf(file);
    if (text === undefined) continue;
    if (text.length > MAX_TEXT_BYTES) tooLong.push(file);
    else if (plans.has(file) || PROGRAM_TEXT.test(file)) texts.push({ file, text });
    else (isPage ? pages : htaccess).push({ file, text });
    onProgress?.(texts.length + pages.length + htaccess.length);
    await otherWork();
  }
  const sandbox = await sandboxOf(scriptSettings.PATH ?? '');
  const sources = sourcesOf(texts, plans);
  return {
    config,
    configFile,
    root: bytesOfText(config.site.root).replace(/(?<=.)\/+$/, ''),
    roots,
    environment: scriptSettings,
    sandbox,
    perlFolders: sources.some(loadsPerlFile) ? await perlFolders(scriptSettings, sandbox) : [],
    scripts,
    sources,
    pages,
    htaccess,
    tooLong,
    oddEntries: entries.filter(({ isReadable, isLink }) => !isReadable || isLink),
    isCut,
  };
}

/** Programs that are no text are the system's business. Of what is too long there is one byte more than is read. */
function textOf(file: ByteString): ByteString | undefined {
  const entry = entryAt(file);
  if (entry.kind !== 'file') return undefined;
  const text = firstBytesOf(file, Math.min(Math.max(entry.size, 1), MAX_TEXT_BYTES + 1));
  return text?.slice(0, 1024).includes('\0') ? undefined : text;
}

/** Whether a URL leads behind a symbolic link (site.followSymlinks): nothing else is read, and nothing else is compiled. */
export function isFollowed(
  { isLink, target }: WalkedEntry,
  { config, roots }: Pick<Survey, 'config' | 'roots'>,
): boolean {
  const policy = config.site.followSymlinks;
  if (!isLink || policy === 'anywhere') return true;
  return policy === 'inside' && target !== undefined && roots.homeOf(target) !== undefined;
}

function runPlans(scripts: readonly FoundScript[], config: Config, path: ByteString): ReadonlyMap<ByteString, RunPlan> {
  const settingsOf = perScript(config);
  const planOf = (place: FoundScript['place']): Interpretation =>
    interpretation(place, { cgi: config.cgi, path, override: settingsOf(place).interpreter });
  return new Map(scripts.map(({ place }) => [place.scriptFile, { place, how: planOf(place) }]));
}

function loadsPerlFile(source: Source): boolean {
  return source.language === 'perl' && perlLoads(source).some(({ module }) => module === undefined);
}

/** What others load, or what is named as a library, is no script: without #! line, and with one that nobody could execute. */
function sourcesOf(texts: readonly SiteFile[], plans: ReadonlyMap<ByteString, RunPlan>): readonly Source[] {
  const sources = texts.map(({ file, text }) => createSource({ file, text, script: plans.get(file) }));
  const loaded = loadedNames(sources);
  return sources.map((source) => (isLibrary(source, loaded) ? { ...source, script: undefined } : source));
}

/** cgi-lib.pl begins with a #! line, and so do many modules. */
function isLibrary(source: Source, loaded: ReadonlySet<ByteString>): boolean {
  if (source.script === undefined) return false;
  const isNamed = isLibraryName(source.file, loaded);
  if (!hasShebang(source.text.slice(0, 8))) return isNamed || isLibraryText(source);
  return isNamed && !source.script.place.isExecutable && isLibraryText(source);
}
