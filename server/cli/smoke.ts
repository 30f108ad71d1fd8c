// cgibox smoke: runs plans, or every script that is found, and reports (PRODUCT.md section 9).
// stdout carries the report; where that is for a program, people read it on stderr.
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { LoadedConfig } from '../config/load.ts';
import { CgiboxError } from '../errors.ts';
import { compareServers } from '../smoke/compare.ts';
import { planSchemaText } from '../smoke/plan.ts';
import { readFileOfPlan } from '../smoke/plan-files.ts';
import { TerminalReport } from '../smoke/report-terminal.ts';
import { countsOf, type SmokeResult } from '../smoke/result.ts';
import { type RunOptions, runSmoke } from '../smoke/run.ts';
import { type RunnablePlan, wantedRequests } from '../smoke/run-plan.ts';
import { nextChange } from '../smoke/watch-files.ts';
import type { SmokeCommand } from './arguments.ts';
import { interruptible } from './interruption.ts';
import { loadConfiguration } from './load-configuration.ts';
import { mayColour, reportError, type Shell, type Stream, warn } from './shell.ts';
import { baseFolder, chosenPlans, isWanted } from './smoke-plans.ts';
import { checkReports, writeReports } from './smoke-reports.ts';
import { isInCi, type Smoking } from './smoke-setting.ts';
import { sitesUnderTest } from './smoke-site.ts';
import { unbegunRun } from './unbegun-run.ts';

/** @throws CgiboxError of the configuration, of plans, and of starting */
export async function smoke(command: SmokeCommand, shell: Shell): Promise<number> {
  if (command.showSchema) {
    shell.stdout.write(planSchemaText());
    return 0;
  }
  const people = streamForPeople(command, shell);
  const loaded = configurationOrTell(command, { shell, people });
  const inColour = mayColour(people, { environment: shell.environment, flag: command.options.colour });
  if (!command.options.quiet) for (const text of loaded.warnings) warn(text, shell, inColour);
  const smoking: Smoking = {
    command,
    shell,
    loaded,
    people,
    inColour,
    base: baseFolder(shell.workingDirectory, loaded),
  };
  if (command.record !== undefined) {
    const { recordPlan } = await import('./smoke-record.ts');
    return recordPlan(command.record, smoking);
  }
  if (command.list) return list(chosenPlans(command, loaded, smoking.base), smoking);
  return command.watch ? watch(smoking) : report(await runOrTell(smoking), smoking);
}

/** A run that cannot begin is in the reports too: the one of yesterday must not stand for it. */
async function runOrTell(smoking: Smoking): Promise<SmokeResult> {
  const startedAt = Date.now();
  try {
    checkReports(smoking.command, smoking.base);
    return await run(smoking);
  } catch (error) {
    if (error instanceof CgiboxError) report(unbegunRun(error, startedAt), smoking);
    throw error;
  }
}

/** A site that is not there is in the reports too. */
function configurationOrTell(
  command: SmokeCommand,
  { shell, people }: Pick<Smoking, 'shell' | 'people'>,
): LoadedConfig {
  try {
    return loadConfiguration(command.options, shell);
  } catch (error) {
    const folder = shell.workingDirectory;
    if (error instanceof CgiboxError && !command.list)
      writeReports(unbegunRun(error, Date.now()), command, { shell, folder, people });
    throw error;
  }
}

/** Runs again whenever something has changed, until a signal ends it. */
async function watch(smoking: Smoking): Promise<number> {
  const { people, loaded, base, command } = smoking;
  checkReports(command, base);
  const folders = [loaded.config.site.root, ...command.files.map((file) => dirname(resolve(base, file)))];
  for (;;) {
    const interruption = interruptible();
    try {
      report(await run(smoking), smoking);
    } catch (error) {
      // A plan that is being written is wrong for a while.
      reportError(error, smoking.shell, smoking.inColour);
    }
    const wasEnded = interruption.signal.aborted;
    const changed = wasEnded ? undefined : await nextChange(folders, interruption.signal);
    interruption.end();
    if (changed === undefined) return 0;
    people.write(`\n${changed} has changed\n`);
  }
}

function streamForPeople({ options, reports }: SmokeCommand, { stdout, stderr }: Shell): Stream {
  return options.json || Object.values(reports).includes('-') ? stderr : stdout;
}

function list(plans: readonly RunnablePlan[], { command, shell }: Smoking): number {
  for (const plan of plans) {
    for (const { request, placeOf, tags, script } of wantedRequests(plan, { isWanted: isWanted(command) })) {
      const line = placeOf(['request'])?.line;
      const place = plan.source === undefined ? (script ?? '') : `${plan.source}:${line ?? 1}`;
      const { method, path } = request.request;
      const skip = request.skip === undefined ? '' : `(skip: ${request.skip})`;
      const words = [place, `${method} ${path}`, request.name ?? '', tags.map((tag) => `#${tag}`).join(' '), skip];
      shell.stdout.write(`${words.filter((word) => word !== '').join('  ')}\n`);
    }
  }
  return 0;
}

/** Found scripts at once: more would only wait for each other. */
const CONCURRENCY = 4;

async function run(smoking: Smoking): Promise<SmokeResult> {
  const { command, shell, loaded, people, inColour, base } = smoking;
  const plans = chosenPlans(command, loaded, base);
  const wanted = isWanted(command);
  const total = plans.reduce(
    (sum, plan) => sum + (plan.plan.data?.length ?? 1) * wantedRequests(plan, { isWanted: wanted }).length,
    0,
  );
  const write = (text: string) => people.write(text);
  const terminal = new TerminalReport({ write, inColour, isQuiet: command.options.quiet, total });
  const sites = await sitesUnderTest(command, loaded, { shell, base });
  const interruption = interruptible();
  try {
    const options: RunOptions = {
      jobs: command.jobs ?? 1,
      concurrency: command.jobs ?? Math.min(CONCURRENCY, availableParallelism() * 2),
      failFast: command.failFast,
      mayWriteGoldens: command.update && !isInCi(shell),
      openServer: sites.open,
      environment: shell.environment,
      readFile: readFileOfPlan,
      timeoutMilliseconds: command.timeoutSeconds * 1000,
      signal: interruption.signal,
      isWanted: wanted,
      onResult: ({ result }) => terminal.result(result),
      onGolden: (change) => terminal.golden(change),
      now: () => Date.now(),
    };
    const result =
      command.against === undefined
        ? await runSmoke(plans, options)
        : await compareServers(plans, options, {
            open: () => sites.openOther(command.against),
            isKeptWarm: command.against === 'warm',
          });
    if (command.update && isInCi(shell))
      warn('--update is ignored where CI is set: nothing was written', shell, inColour);
    terminal.end(result);
    return result;
  } finally {
    interruption.end();
    await sites.close();
  }
}

/** @throws CgiboxError REPORT_UNWRITABLE */
function report(result: SmokeResult, { command, shell, base, people }: Smoking): number {
  writeReports(result, command, { shell, folder: base, people });
  const { failed, errors } = countsOf(result.results);
  const isInterrupted = result.results.some(({ skipped }) => skipped === 'interrupted');
  return failed + errors > 0 || isInterrupted ? 1 : 0;
}
