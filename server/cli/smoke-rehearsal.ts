// Rehearses a plan that is being made: on a copy of the site, which is thrown away, as `cgibox smoke` will run it.
// Nothing is left: the plan stands in a temporary folder as long as it runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openPlan, readFileOfPlan } from '../smoke/plan-files.ts';
import type { RecordedPlan } from '../smoke/recorded-plan.ts';
import type { RehearsalOutcome } from '../smoke/rehearsed-plan.ts';
import { runSmoke } from '../smoke/run.ts';
import type { RunRequest } from '../smoke/run-request.ts';
import type { Smoking } from './smoke-setting.ts';
import { sitesUnderTest } from './smoke-site.ts';
import { writePlan } from './write-plan.ts';

export interface Stage extends Pick<Smoking, 'command' | 'loaded' | 'shell' | 'base'> {
  /** Ends it; what was not asked then has no answer. */
  readonly signal?: AbortSignal;
}

/** @throws CgiboxError of starting, and of copying the site */
export async function rehearse(
  plan: RecordedPlan,
  { command, loaded, shell, base, signal = new AbortController().signal }: Stage,
): Promise<RehearsalOutcome> {
  const folder = mkdtempSync(join(shell.temporaryFolder, 'cgibox-plan-'));
  const sites = await sitesUnderTest({ ...command, ephemeral: command.baseUrl === undefined }, loaded, { shell, base });
  const outcomes: RunRequest[] = [];
  try {
    const file = `${plan.name}.yaml`;
    writePlan(join(folder, file), plan);
    await runSmoke([openPlan(join(folder, file), file)], {
      jobs: 1,
      concurrency: 1,
      failFast: false,
      mayWriteGoldens: false,
      openServer: sites.open,
      environment: shell.environment,
      readFile: readFileOfPlan,
      timeoutMilliseconds: command.timeoutSeconds * 1000,
      signal,
      isWanted: () => true,
      onResult: (outcome) => void outcomes.push(outcome),
      onGolden: () => {},
      now: () => Date.now(),
    });
  } finally {
    await sites.close();
    rmSync(folder, { recursive: true, force: true });
  }
  signal.throwIfAborted();
  return {
    answers: outcomes.map(({ answer }) => answer),
    hasPassed: outcomes.map(({ result }) => result.outcome === 'passed'),
  };
}
