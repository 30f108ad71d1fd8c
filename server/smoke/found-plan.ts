// The plan that needs no file: each script that was found, called with GET, with the parameters that the pages give it.
// Pure.
import type { PlanRequest } from './plan.ts';
import type { RunnablePlan } from './run-plan.ts';

export interface FoundCall {
  /** Percent-encoded URL path of the script. */
  readonly url: string;
  /** Display path of its file. */
  readonly script: string;
  /** Of the folder that the script is the directory index of; absent where it is none. */
  readonly folderUrl?: string | undefined;
  /** Display path of a script that loads this one: it is a library, unless a page links to it. */
  readonly loadedBy?: string | undefined;
}

/** Of one script: a calendar that links to every day of ten years is not called for each of them. */
const MAX_CALLS_OF_SCRIPT = 5;

/** `linked`: paths with queries that the pages link to; `covered`: scripts that a plan tests already. */
export function foundPlan(
  found: readonly FoundCall[],
  linked: ReadonlySet<string>,
  isCovered: (url: string) => boolean,
): RunnablePlan | undefined {
  const calls = found
    .filter(({ url }) => !isCovered(url))
    .flatMap(({ url, script, folderUrl, loadedBy }) => {
      const isCall = (path: string) => (path !== url && leadsTo(path, url)) || path.startsWith(`${folderUrl}?`);
      const parameters = [...linked].filter(isCall).toSorted();
      const isLinked = linked.has(url) || parameters.length > 0;
      const skip = loadedBy === undefined || isLinked ? undefined : `a library: ${loadedBy} loads it`;
      return [url, ...parameters.slice(0, MAX_CALLS_OF_SCRIPT - 1)].map((path) => ({ path, script, skip }));
    });
  if (calls.length === 0) return undefined;
  return {
    file: undefined,
    source: undefined,
    plan: { requests: calls.map(({ path, skip }) => requestOf(path, skip)) },
    placeOf: () => undefined,
    scripts: calls.map(({ script }) => script),
  };
}

function requestOf(path: string, skip: string | undefined): PlanRequest {
  // "{{" in a link of a page is no template of ours.
  const call = { method: 'GET', path: path.replaceAll('{{', '%7B%7B'), cookies: true };
  return { request: call, ...(skip !== undefined && { skip }) };
}

/** Is this a call of the script at `url`, with a query or further path? */
export function leadsTo(path: string, url: string): boolean {
  return path.startsWith(url) && (path.length === url.length || path[url.length] === '?' || path[url.length] === '/');
}
