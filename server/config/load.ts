// Loads the configuration: flags over environment over file over defaults, each value with its origin.
// Every mistake is shown at once; what comes out is whole, with every path absolute (PRODUCT.md sections 3 and 4).
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { absolutePaths } from './absolute-paths.ts';
import { checkFile, checkText, type FileSettings } from './check.ts';
import { type Environment, type Override, settingsOfEnvironment } from './environment.ts';
import { KEYS, type Key, MERGED_KEYS } from './keys.ts';
import { type Problem, problemsError } from './problem.ts';
import { readConfigText } from './read-file.ts';
import { Config } from './schema.ts';
import { checkSite, isFile, siteLayout } from './site-layout.ts';

/** A flag of the command line that sets a key: `--port 8080`. */
export interface FlagSetting {
  /** "--port" */
  readonly flag: string;
  /** "server.port" */
  readonly key: string;
  readonly text: string;
}

export interface LoadOptions {
  /** --config; relative to the working directory. */
  readonly file: string | undefined;
  /** SITE; relative to the working directory. */
  readonly site: string | undefined;
  readonly flags: readonly FlagSetting[];
  readonly environment: Environment;
  readonly workingDirectory: string;
  /** The file that is used when there is no other: config/cgibox.yaml of the package. */
  readonly shippedFile: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path of the file that was read; absent with zero configuration. */
  readonly file: string | undefined;
  /** The file to watch: the one read, or the one that would be read if it were there. */
  readonly watched: string;
  /** Key ("limits.timeoutSeconds") → "default", "config/cgibox.yaml:12", "CGIBOX_PORT", "--port", "found in SITE". */
  readonly origins: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration from all its sources.
 *
 * @throws CgiboxError CONFIG_INVALID (all problems in one), CONFIG_UNREADABLE, SITE_UNUSABLE
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const site = options.site === undefined ? undefined : resolve(options.workingDirectory, options.site);
  if (site !== undefined) checkSite(site, options.site ?? site);
  const choice = chooseFile(options, site);
  const name = choice.file === undefined ? '' : displayName(choice.file, options.workingDirectory);
  const text = choice.file === undefined ? '' : readConfigText(choice.file, name);
  const settings = checkFile(text, name);
  const environment = settingsOfEnvironment(options.environment);
  const flags = settingsOfFlags(options.flags);
  const problems = [...settings.problems, ...environment.problems, ...flags.problems];
  if (problems.length > 0) throw problemsError(problems);
  const merged = merge({ settings, name, overrides: [...environment.overrides, ...flags.overrides] });
  const placed = place(merged, { site, choice, workingDirectory: options.workingDirectory });
  const warnings = [...environment.warnings, ...placed.warnings, ...misnamedFile(site, choice)];
  return { config: placed.config, file: choice.file, watched: choice.watched, origins: placed.origins, warnings };
}

interface Choice {
  readonly file: string | undefined;
  readonly watched: string;
  /** The file was chosen because it lies in SITE, or there is none. */
  readonly isOfSite: boolean;
}

const IN_FOLDER = 'config/cgibox.yaml';
/** cgibox's own folder is known by them: compose mounts it for the sample site, and its file is meant to be edited. */
const OWN_FILES = [IN_FOLDER, 'config/cgibox.schema.json', 'server/main.ts'];

function chooseFile(options: LoadOptions, site: string | undefined): Choice {
  const named = options.file ?? (options.environment.CGIBOX_CONFIG || undefined);
  if (named !== undefined) {
    const file = resolve(options.workingDirectory, named);
    return { file, watched: file, isOfSite: false };
  }
  if (site !== undefined) {
    const watched = join(site, 'cgibox.yaml');
    if (!isFile(watched) && OWN_FILES.every((path) => isFile(join(site, path)))) {
      const file = join(site, IN_FOLDER);
      return { file, watched: file, isOfSite: false };
    }
    return { file: isFile(watched) ? watched : undefined, watched, isOfSite: true };
  }
  const here = ['cgibox.yaml', IN_FOLDER].map((path) => join(options.workingDirectory, path));
  const file = here.find(isFile) ?? options.shippedFile;
  return { file, watched: file, isOfSite: false };
}

/** Relative to the working directory where it lies below it: shorter, and what an editor opens with a click. */
function displayName(file: string, workingDirectory: string): string {
  const short = relative(workingDirectory, file);
  return short.startsWith('..') || isAbsolute(short) ? file : short;
}

function settingsOfFlags(flags: readonly FlagSetting[]): {
  readonly overrides: Override[];
  readonly problems: Problem[];
} {
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  for (const { flag, key: path, text } of flags) {
    const key = KEYS.find((known) => known.path === path);
    if (key === undefined) throw new Error(`the flag ${flag} sets ${path}, which is not a key`);
    const setting = checkText(key, text, flag);
    if (setting.kind === 'wrong') problems.push(...setting.problems);
    else overrides.push({ key, value: setting.value, origin: flag });
  }
  return { overrides, problems };
}

interface Merged {
  readonly config: Config;
  readonly origins: Record<string, string>;
}

type Layers = { readonly settings: FileSettings; readonly name: string; readonly overrides: readonly Override[] };

function merge({ settings, name, overrides }: Layers): Merged {
  const defaults = Config.parse({});
  // The schema has put the defaults in; what it could not know is that two maps are merged.
  const config: Record<string, Record<string, unknown>> = structuredClone(settings.config);
  const origins: Record<string, string> = {};
  for (const key of KEYS) {
    const line = settings.lines.get(key.path);
    origins[key.path] = line === undefined ? 'default' : `${name}:${line}`;
    if (MERGED_KEYS.includes(key.path)) {
      put(config, key, { ...mapOf(defaults, key), ...mapOf(config, key) });
    }
  }
  for (const { key, value, origin } of overrides) {
    const isMerged = MERGED_KEYS.includes(key.path) && typeof value === 'object';
    put(config, key, isMerged ? { ...mapOf(config, key), ...value } : value);
    origins[key.path] = origin;
  }
  return { config: config as unknown as Config, origins };
}

function put(config: Record<string, Record<string, unknown>>, key: Key, value: unknown): void {
  const section = config[key.section];
  if (section !== undefined) section[key.name] = value;
}

function mapOf(config: Readonly<Record<string, Readonly<Record<string, unknown>>>>, key: Key): object {
  const value = config[key.section]?.[key.name];
  return typeof value === 'object' && value !== null ? value : {};
}

interface Whereabouts {
  readonly site: string | undefined;
  readonly choice: Choice;
  readonly workingDirectory: string;
}

function place(merged: Merged, at: Whereabouts): Merged & { readonly warnings: readonly string[] } {
  const origins = { ...merged.origins };
  const root = siteRoot(merged, at);
  if (at.site !== undefined && (!at.choice.isOfSite || origins['site.root'] === 'default'))
    origins['site.root'] = 'SITE';
  let config: Config = { ...merged.config, site: { ...merged.config.site, root } };
  const warnings: string[] = [];
  if (at.site !== undefined && at.choice.isOfSite) {
    const layout = siteLayout(root, config.site.directoryIndex);
    if (origins['site.documentRoot'] === 'default') {
      config = { ...config, site: { ...config.site, documentRoot: layout.documentRoot } };
      origins['site.documentRoot'] = 'found in SITE';
    }
    if (origins['cgi.scriptAlias'] === 'default') {
      config = { ...config, cgi: { ...config.cgi, scriptAlias: layout.scriptAlias } };
      origins['cgi.scriptAlias'] = 'found in SITE';
      warnings.push(...layout.warnings);
    }
  }
  return { config: absolutePaths(config), origins, warnings };
}

/** SITE wins over a file that was named; a file inside SITE may say otherwise. */
function siteRoot(merged: Merged, { site, choice, workingDirectory }: Whereabouts): string {
  const origin = merged.origins['site.root'];
  if (site !== undefined && (origin === 'default' || !choice.isOfSite)) return site;
  const written = merged.config.site.root;
  if (origin?.startsWith('CGIBOX_') || choice.file === undefined) return resolve(workingDirectory, written);
  const folder = dirname(choice.file);
  // ".." fits a file in a folder of its own; a file that lies in the site itself means that folder.
  if (origin === 'default' && basename(folder) !== 'config') return folder;
  return resolve(folder, written);
}

function misnamedFile(site: string | undefined, choice: Choice): readonly string[] {
  if (site === undefined || choice.file !== undefined) return [];
  const names = ['cgibox.yml', 'cgibox.json', '.cgibox.yaml', '.cgibox.yml', IN_FOLDER];
  const mendOf = (name: string) =>
    name === IN_FOLDER ? `move it to ${join(site, 'cgibox.yaml')}, without site.root` : 'name it cgibox.yaml';
  return names
    .filter((name) => isFile(join(site, name)))
    .map((name) => `${join(site, name)} is not read: ${mendOf(name)}, or give it to --config`);
}
