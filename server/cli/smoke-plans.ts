// What cgibox smoke runs: the plans that were named; with none, those of the site and every script without one.
// Reads plans and pages, and asks nothing.
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import type { LoadedConfig } from '../config/load.ts';
import { isFile, isFolder, missingFolders } from '../config/site-layout.ts';
import { shellQuote } from '../diagnosis/shell-quote.ts';
import { CgiboxError } from '../errors.ts';
import { discoverScripts } from '../site/discover.ts';
import { foundPlan, leadsTo } from '../smoke/found-plan.ts';
import { loadedFiles } from '../smoke/libraries.ts';
import { linkedPaths } from '../smoke/pages.ts';
import type { Plan, PlanRequest } from '../smoke/plan.ts';
import { openPlan, plansOfSite } from '../smoke/plan-files.ts';
import { type RunnablePlan, wantedRequests } from '../smoke/run-plan.ts';
import { filled } from '../smoke/template.ts';
import type { SmokeWords } from './smoke-words.ts';

/** The folder that relative names are meant from: the working directory; the site in a container, which has none. */
export function baseFolder(workingDirectory: string, { config }: LoadedConfig): string {
  return workingDirectory === '/' ? config.site.root : workingDirectory;
}

/** A file as it is shown: relative where that is shorter, as an editor or a CI server opens it. */
export function displayPath(file: string, base: string): string {
  const short = relative(base, file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
}

/** @throws CgiboxError PLAN_UNREADABLE, PLAN_INVALID, USAGE, SITE_UNUSABLE */
export function chosenPlans(words: SmokeWords, loaded: LoadedConfig, base: string): readonly RunnablePlan[] {
  const plans = words.files.length > 0 ? namedPlans(words.files, loaded, base) : plansAndScripts(loaded, base);
  const wanted = plans.filter((plan) => wantedRequests(plan, { isWanted: isWanted(words) }).length > 0);
  if (wanted.length > 0) return wanted;
  if (plans.length === 0)
    throw new CgiboxError('USAGE', `Cannot test "${loaded.config.site.root}": there is no script and no plan in it`, {
      hint: 'name another folder with --site, or its script folders in cgi.scriptAlias',
    });
  throw new CgiboxError('USAGE', 'Cannot test anything: no request is as --filter and --tag say', {
    hint: 'see what there is: cgibox smoke --list',
  });
}

/** Is a request meant by --filter and --tag? */
export function isWanted({ filter, tags }: Pick<SmokeWords, 'filter' | 'tags'>) {
  const text = filter?.toLowerCase();
  return (request: PlanRequest, { plan, source = '' }: RunnablePlan): boolean => {
    const own = [...(plan.tags ?? []), ...(request.tags ?? [])];
    if (tags.length > 0 && !tags.some((tag) => own.includes(tag))) return false;
    const words = `${source} ${request.name ?? ''} ${request.request.method} ${request.request.path}`;
    return text === undefined || words.toLowerCase().includes(text);
  };
}

function namedPlans(files: readonly string[], { config }: LoadedConfig, base: string): readonly RunnablePlan[] {
  return files.map((file) => {
    const here = resolve(base, file);
    const inSite = join(config.site.root, file);
    const path = !isFile(here) && isFile(inSite) ? inSite : here;
    if (isFolder(path)) throw noPlan(file);
    return openPlan(path, displayPath(path, base));
  });
}

/** The words of `cgibox serve` and `cgibox doctor` name a site; here a file is a plan. */
function noPlan(folder: string): CgiboxError {
  const hint = `write --site ${shellQuote(bytesOfText(folder))} to test the site in it, or name plans in it`;
  return new CgiboxError('PLAN_UNREADABLE', `Cannot read the plan "${folder}": it is a folder`, { hint });
}

function plansAndScripts(loaded: LoadedConfig, base: string): readonly RunnablePlan[] {
  const { config } = loaded;
  missingFolders(config); // throws where there is no site at all
  const plans = plansOfSite(config.site.root).map((file) => openPlan(file, displayPath(file, base)));
  const tested = plans.flatMap(({ plan }) => plan.requests.map(({ request }) => plainPath(request.path, plan)));
  const found = discoverScripts(config, { configFile: loaded.watched });
  const loadedBy = loadedFiles(found.map(({ place }) => place.scriptFile));
  const shown = (file: string) => displayPath(textOfBytes(file), base);
  const scripts = found.map(({ url, place: { scriptFile } }) => {
    const loader = loadedBy.get(scriptFile);
    return {
      url,
      script: shown(scriptFile),
      folderUrl: isIndex(scriptFile, config) ? url.replace(/[^/]*$/, '') : undefined,
      loadedBy: loader === undefined ? undefined : shown(loader),
    };
  });
  const isCovered = (url: string) => tested.some((path) => leadsTo(path, url));
  const ofScripts = foundPlan(scripts, linkedPaths(config.site.documentRoot), isCovered);
  return ofScripts === undefined ? plans : [...plans, ofScripts];
}

/** Does it answer for its folder? Of several directory indexes the first one does. */
function isIndex(scriptFile: string, { site }: LoadedConfig['config']): boolean {
  const file = textOfBytes(scriptFile);
  const first = site.directoryIndex.find((name) => isFile(join(dirname(file), name)));
  return file.startsWith(`${site.documentRoot}/`) && basename(file) === first;
}

/** As far as it is known before captures. */
function plainPath(path: string, { variables = {}, data: [row = {}] = [] }: Plan): string {
  return filled(
    path,
    (name) => row[name] ?? variables[name],
    () => {},
  );
}
