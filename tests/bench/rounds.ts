// The measuring itself: round by round, page by page, every server in turn, so that a noisy minute
// of the machine hits all alike. The median of the rounds counts.
import type { Page } from './bench-site.ts';
import { ask, type Measure, measure } from './load.ts';
import type { Options } from './options.ts';
import type { RunningContender } from './running.ts';
import type { SpawnLoop } from './spawn-loop.ts';

export const SPAWN_LOOP = 'bare posix_spawn loop';

/** One server with one page and so many clients: its median, or why there is none. */
export interface Cell {
  readonly page: string;
  readonly server: string;
  readonly clients: number;
  readonly result: Measure | { readonly fault: string };
}

export interface Plan {
  readonly options: Options;
  readonly pages: readonly Page[];
  readonly servers: readonly RunningContender[];
  readonly spawnLoop: SpawnLoop | undefined;
  /** Takes one line of progress. */
  readonly tell: (line: string) => void;
}

interface Task {
  readonly page: Page;
  readonly server: string;
  readonly clients: number;
  /** One measurement; a wrong answer is a fault. */
  readonly run: () => Promise<Measure | { readonly fault: string }>;
  readonly results: (Measure | { readonly fault: string })[];
}

/** Measures every page on every server. */
export async function runRounds(plan: Plan): Promise<readonly Cell[]> {
  const tasks = plan.options.clients.flatMap((clients) => plan.pages.flatMap((page) => pageTasks(plan, page, clients)));
  for (let round = 1; round <= plan.options.rounds; round += 1) {
    for (const task of tasks) {
      const result = await task.run();
      task.results.push(result);
      plan.tell(`round ${round}, ${task.clients} clients, ${task.page.title}, ${task.server}: ${shown(result)}`);
    }
  }
  return tasks.map(({ page, server, clients, results }) => ({
    page: page.name,
    server,
    clients,
    result: median(results),
  }));
}

function pageTasks({ options, servers, spawnLoop }: Plan, page: Page, clients: number): readonly Task[] {
  const { seconds } = options;
  const tasks: Task[] = servers.map(({ name, origin }) => ({
    page,
    server: name,
    clients,
    run: () => measureRight(origin, page, { clients, seconds }),
    results: [],
  }));
  const { file } = page;
  if (spawnLoop === undefined || file === undefined) return tasks;
  const run = async () => {
    const requestsPerSecond = await spawnLoop(file, { clients, seconds });
    return { requestsPerSecond, p50: 0, p90: 0, p99: 0, failures: 0 };
  };
  return [{ page, server: SPAWN_LOOP, clients, run, results: [] }, ...tasks];
}

// Before and after: a server that breaks under load must not look fast.
async function measureRight(origin: string, page: Page, run: { clients: number; seconds: number }) {
  const before = await ask(origin, page);
  if (before.kind === 'wrong') return { fault: before.fault };
  const result = await measure({ url: `${origin}${page.path}`, ...run, endsByClose: before.endsByClose });
  const after = await ask(origin, page);
  return after.kind === 'right' ? result : { fault: `after the load: ${after.fault}` };
}

function median(results: readonly (Measure | { readonly fault: string })[]): Measure | { readonly fault: string } {
  const measures = results.filter((result) => 'requestsPerSecond' in result);
  const fault = results.find((result) => 'fault' in result);
  if (fault !== undefined) return fault;
  const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    requestsPerSecond: middle(measures.map((result) => result.requestsPerSecond)),
    p50: middle(measures.map((result) => result.p50)),
    p90: middle(measures.map((result) => result.p90)),
    p99: middle(measures.map((result) => result.p99)),
    failures: measures.reduce((sum, result) => sum + result.failures, 0),
  };
}

function shown(result: Measure | { readonly fault: string }): string {
  if ('fault' in result) return result.fault;
  const failures = result.failures === 0 ? '' : `, ${result.failures} failed`;
  return `${result.requestsPerSecond.toFixed(0)}/s${failures}`;
}
