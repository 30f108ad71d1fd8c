// Writes the reports of a run where they were asked for. A report that cannot be written is an error after the others.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOfWriting } from '../config/read-file.ts';
import { CgiboxError } from '../errors.ts';
import { githubAnnotations, githubSummary } from '../smoke/report-github.ts';
import { htmlReport } from '../smoke/report-html.ts';
import { jsonReport } from '../smoke/report-json.ts';
import { junitXml } from '../smoke/report-junit.ts';
import { tapReport } from '../smoke/report-tap.ts';
import type { SmokeResult } from '../smoke/result.ts';
import type { SmokeCommand } from './arguments.ts';
import type { Shell, Stream } from './shell.ts';
import { REPORT_NAMES, type ReportName } from './smoke-words.ts';
import { whyUnwritable } from './writable.ts';

const WRITERS: Readonly<Record<ReportName, (result: SmokeResult) => string>> = {
  junit: junitXml,
  tap: tapReport,
  html: htmlReport,
};

export interface ReportPlace {
  readonly shell: Shell;
  /** Relative names are meant from here. */
  readonly folder: string;
  /** Where people read. */
  readonly people: Stream;
}

/** @throws CgiboxError REPORT_UNWRITABLE, when the others are written */
export function writeReports(result: SmokeResult, command: SmokeCommand, at: ReportPlace): void {
  const { shell, folder } = at;
  if (command.options.json) shell.stdout.write(jsonReport(result));
  const failures: CgiboxError[] = [];
  for (const name of REPORT_NAMES) {
    const file = command.reports[name];
    if (file === '-') shell.stdout.write(WRITERS[name](result));
    else if (file !== undefined)
      failures.push(...written(file, () => writeFileSync(resolve(folder, file), WRITERS[name](result))));
  }
  if (command.github || shell.environment.GITHUB_ACTIONS === 'true') {
    at.people.write(githubAnnotations(result));
    const file = shell.environment.GITHUB_STEP_SUMMARY;
    if (file) failures.push(...written(file, () => appendFileSync(file, githubSummary(result))));
  }
  const [first] = failures;
  if (first !== undefined) throw first;
}

function written(file: string, write: () => void): readonly CgiboxError[] {
  try {
    write();
    return [];
  } catch (error) {
    return [unwritable(file, reasonOfWriting(error), error)];
  }
}

/**
 * Before the tests: they may take an hour.
 *
 * @throws CgiboxError REPORT_UNWRITABLE
 */
export function checkReports({ reports }: SmokeCommand, folder: string): void {
  for (const file of Object.values(reports)) {
    const path = resolve(folder, file);
    const why = file === '-' ? undefined : whyUnwritable(path, existsSync(path) ? path : dirname(path));
    if (why !== undefined) throw unwritable(file, why);
  }
}

function unwritable(file: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'name a file in a folder that is there and may be written';
  return new CgiboxError('REPORT_UNWRITABLE', `Cannot write the report "${file}": ${reason}`, { hint, cause });
}
