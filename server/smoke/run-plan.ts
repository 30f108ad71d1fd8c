// A plan from its first request to its last, once for each row of its data.
// Requests go in order with cookies and captures; the scripts that were found go several at a time.
import { CgiboxError } from '../errors.ts';
import { CookieJar } from './cookie-jar.ts';
import { GoldenFolder, type GoldenRules } from './golden.ts';
import type { Plan, PlanRequest } from './plan.ts';
import type { PlaceOf, RequestResult } from './result.ts';
import { type NumberedRequest, type PlanRun, type RunRequest, runRequest, type ShownRoom } from './run-request.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { filled, templateNames } from './template.ts';

/** A plan that was read, or made of the scripts that were found. */
export interface RunnablePlan {
  /** Absolute path; absent for scripts that were found. */
  readonly file: string | undefined;
  readonly source: string | undefined;
  readonly plan: Plan;
  readonly placeOf: PlaceOf;
  /** Display paths of the scripts, by request, where they are known before. */
  readonly scripts?: readonly string[];
}

export interface PlanOptions {
  readonly server: ServerUnderTest;
  /** Requests at once, of a plan whose requests know nothing of each other. */
  readonly concurrency: number;
  readonly goldenRules: Pick<GoldenRules, 'mayWrite' | 'onChange'>;
  /** The expectations were taken away (--against): then no golden file is called obsolete. */
  readonly isWithoutExpectations?: boolean;
  /** For {{env.NAME}}. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (plan: string | undefined, path: string) => Buffer;
  readonly shown: ShownRoom;
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
  /** Is this request wanted? */
  readonly isWanted: (request: PlanRequest, plan: RunnablePlan) => boolean;
  /** Told each result as it comes; true ends the run: --fail-fast. */
  readonly onResult: (outcome: RunRequest) => void;
  /** Why nothing is asked any more; absent while it goes on. */
  readonly ended: () => string | undefined;
}

/** Runs it, and gives the display paths of golden files that nothing uses any more. */
export async function runPlan(runnable: RunnablePlan, options: PlanOptions): Promise<readonly string[]> {
  const { file, source, plan } = runnable;
  const goldens = file === undefined || source === undefined ? undefined : new GoldenFolder(file, source);
  const wanted = wantedRequests(runnable, options);
  for (const [index, row] of (plan.data ?? [{}]).entries()) {
    const run = planRun(runnable, options, { goldens, row, index });
    if (file === undefined) await severalAtOnce(wanted, run, options);
    else for (const numbered of wanted) await runOne(numbered, run, options);
  }
  const isWhole = wanted.length === plan.requests.length && options.ended() === undefined;
  const isSkipping = wanted.some(({ request }) => request.skip !== undefined);
  return isWhole && !isSkipping && options.isWithoutExpectations !== true ? (goldens?.obsolete() ?? []) : [];
}

/** What is wanted, and the requests before it that capture what it needs. */
export function wantedRequests(
  runnable: RunnablePlan,
  { isWanted }: Pick<PlanOptions, 'isWanted'>,
): readonly NumberedRequest[] {
  const { plan, placeOf, scripts = [] } = runnable;
  const needed = new Set<string>();
  const chosen: NumberedRequest[] = [];
  for (const [index, request] of [...plan.requests.entries()].toReversed()) {
    const gives = Object.keys(request.capture ?? {}).some((name) => needed.has(name));
    if (!gives && !isWanted(request, runnable)) continue;
    for (const { name } of templateNames(request)) needed.add(name);
    chosen.push({
      index,
      request,
      placeOf: (path) => placeOf(['requests', index, ...path]),
      tags: [...(plan.tags ?? []), ...(request.tags ?? [])],
      script: scripts[index],
    });
  }
  return chosen.toReversed();
}

interface RowOf {
  readonly goldens: GoldenFolder | undefined;
  readonly row: Readonly<Record<string, string>>;
  readonly index: number;
}

function planRun({ file, source, plan }: RunnablePlan, options: PlanOptions, { goldens, row, index }: RowOf): PlanRun {
  const captures = new Map<string, string>();
  const { variables = {}, data = [] } = plan;
  const lookUp = (name: string): string | undefined => {
    if (name.startsWith('env.')) return options.environment[name.slice('env.'.length)];
    // What was captured is taken as it is: a page that holds "{{" must not be read as a template.
    const captured = captures.get(name);
    if (captured !== undefined) return captured;
    const found = row[name] ?? variables[name];
    return found === undefined ? undefined : filled(found, lookUp, () => {});
  };
  return {
    server: options.server,
    source,
    goldens,
    goldenRules: { ...options.goldenRules, redactions: plan.redact ?? [] },
    environment: plan.env ?? {},
    jar: new CookieJar(),
    captures,
    lookUp,
    readFile: (path) => options.readFile(file, path),
    shown: options.shown,
    timeoutMilliseconds: options.timeoutMilliseconds,
    signal: options.signal,
    row: data.length > 1 ? `[${index + 1}: ${Object.values(row).join(', ')}]`.slice(0, 80) : '',
  };
}

async function severalAtOnce(wanted: readonly NumberedRequest[], run: PlanRun, options: PlanOptions): Promise<void> {
  const waiting = [...wanted];
  const workers = Array.from({ length: Math.max(1, options.concurrency) }, async () => {
    // Each script as a visitor who has never been there.
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await runOne(next, { ...run, jar: new CookieJar() }, options);
  });
  await Promise.all(workers);
}

async function runOne(numbered: NumberedRequest, run: PlanRun, options: PlanOptions): Promise<void> {
  const why = options.ended();
  if (why === undefined) return options.onResult(await runRequest(numbered, run));
  const outcome = await runRequest({ ...numbered, request: { ...numbered.request, skip: why } }, run);
  options.onResult({ ...outcome, result: { ...outcome.result, wasNotAsked: true } });
}

/** A result that is about no answer: for a plan whose server could not be started, or whose reset failed. */
export function failedResult(runnable: RunnablePlan, error: unknown): RequestResult {
  const reason = error instanceof CgiboxError ? error.message : String(error instanceof Error ? error.message : error);
  return {
    plan: runnable.source,
    name: runnable.plan.name ?? '',
    method: '',
    url: '',
    place: runnable.placeOf([]),
    tags: [],
    script: undefined,
    runner: undefined,
    outcome: 'error',
    skipped: undefined,
    failures: [{ kind: 'noAnswer', summary: reason, detail: [] }],
    notChecked: [],
    milliseconds: 0,
    attempts: 0,
    stderr: '',
    exchange: undefined,
  };
}
