// A whole run: plans to servers, `jobs` at a time; results in the order of the plans, however they come.
// Promises: whatever dies on the way, there is a result for every request, and every report can be written.
import type { GoldenChange } from './golden.ts';
import type { RequestResult, SmokeResult } from './result.ts';
import { failedResult, type PlanOptions, type RunnablePlan, runPlan } from './run-plan.ts';
import type { RunRequest, ShownRoom } from './run-request.ts';
import type { ServerUnderTest } from './server-under-test.ts';

export interface RunOptions
  extends Omit<PlanOptions, 'server' | 'shown' | 'concurrency' | 'onResult' | 'ended' | 'goldenRules'> {
  /** Plans at once, each with a server of its own. */
  readonly jobs: number;
  /** Found scripts at once. */
  readonly concurrency: number;
  readonly failFast: boolean;
  readonly mayWriteGoldens: boolean;
  readonly openServer: () => Promise<ServerUnderTest>;
  /** Told as they come. */
  readonly onResult: (outcome: RunRequest) => void;
  readonly onGolden: (change: GoldenChange) => void;
  readonly now: () => number;
}

/** Rejects only where the first server cannot be started. */
export async function runSmoke(plans: readonly RunnablePlan[], options: RunOptions): Promise<SmokeResult> {
  const startedAt = options.now();
  const shown = { left: MAX_SHOWN };
  const state: RunState = {
    results: plans.map(() => []),
    notes: plans.map(() => []),
    goldens: new Set(),
    why: undefined,
  };
  const waiting = [...plans.entries()];
  const first = await options.openServer();
  const workers = Array.from({ length: Math.max(1, Math.min(options.jobs, plans.length)) }, async (_, worker) => {
    const server = worker === 0 ? first : await options.openServer();
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await runOn(server, { plan: next[1], index: next[0], state, shown, options });
    } finally {
      await server.close();
    }
  });
  await Promise.all(workers);
  const results = state.results.flat();
  return {
    results,
    notes: [...state.notes.flat(), ...unseenNotes(results, first)],
    startedAt,
    milliseconds: options.now() - startedAt,
  };
}

/** Characters, of all bodies that the HTML report shows. */
const MAX_SHOWN = 32 * 1024 * 1024;

interface RunState {
  readonly results: RequestResult[][];
  readonly notes: string[][];
  /** Display paths of golden files that were written: no script did that. */
  readonly goldens: Set<string>;
  /** Why nothing more is asked. */
  why: string | undefined;
}

interface PlanOnServer {
  readonly plan: RunnablePlan;
  readonly index: number;
  readonly state: RunState;
  readonly shown: ShownRoom;
  readonly options: RunOptions;
}

async function runOn(server: ServerUnderTest, { plan, index, state, shown, options }: PlanOnServer): Promise<void> {
  const add = (outcome: RunRequest): void => {
    state.results[index]?.push(outcome.result);
    options.onResult(outcome);
  };
  const note = (text: string): void => void state.notes[index]?.push(text);
  try {
    await server.reset?.();
    const obsolete = await runPlan(plan, {
      ...options,
      server,
      shown,
      goldenRules: {
        mayWrite: options.mayWriteGoldens,
        onChange: (change) => {
          state.goldens.add(change.file);
          options.onGolden(change);
        },
      },
      ended: () => (options.signal.aborted ? 'interrupted' : state.why),
      onResult: (outcome) => {
        const { result, isGone } = outcome;
        add(outcome);
        const isBad = result.outcome === 'failed' || result.outcome === 'error';
        if (isGone) state.why ??= 'not asked: the server is gone';
        else if (isBad && options.failFast) state.why ??= 'not asked: a request before it failed (--fail-fast)';
      },
    });
    // Scripts that were found answer as they are ready; a report keeps the order of their names.
    if (plan.file === undefined) state.results[index]?.sort((a, b) => (a.url < b.url ? -1 : 1));
    for (const file of obsolete) note(`${file} is obsolete: no request compares itself with it`);
    const changed = ((await server.changedFiles?.()) ?? []).filter((file) => !state.goldens.has(file));
    if (changed.length > 0) note(changedNote(plan, changed));
  } catch (error) {
    add({ result: failedResult(plan, error), answer: undefined, redactions: [], isGone: false });
  }
}

/** What a run on a server that is not ours cannot tell. */
function unseenNotes(results: readonly RequestResult[], { url, witness }: ServerUnderTest): readonly string[] {
  if (witness !== undefined) return [];
  const notes: string[] = [];
  const partly = results.filter(({ notChecked }) => notChecked.length > 0);
  if (partly.length > 0) {
    const keys = [...new Set(partly.flatMap(({ notChecked }) => notChecked))];
    const named = keys.join(', ').replace(/, (?=[a-z]+$)/, ' and ');
    const requests = partly.length === 1 ? '1 request was' : `${partly.length} requests were`;
    notes.push(`${requests} checked in part: ${named} of scripts at ${url.href} cannot be seen or set`);
  }
  if (results.some(({ plan }) => plan === undefined))
    notes.push(
      `stderr of scripts at ${url.href} cannot be seen: those without a plan were judged by their answers alone`,
    );
  return notes;
}

const MAX_NAMED = 5;

function changedNote({ source }: RunnablePlan, changed: readonly string[]): string {
  const named = changed.slice(0, MAX_NAMED).join(', ');
  const more = changed.length > MAX_NAMED ? ` and ${changed.length - MAX_NAMED} more` : '';
  return `${source ?? 'the scripts that were found'} changed files of the site: ${named}${more}; --ephemeral keeps the site as it is`;
}
