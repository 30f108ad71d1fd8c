// cgibox doctor: examines a site and reports what will break (PRODUCT.md section 9).
// stdout carries the report, stderr a line of progress where a person watches. Exit code 1 where an error is found.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf, reasonOfWriting } from '../config/read-file.ts';
import { missingFolders } from '../config/site-layout.ts';
import { annotations } from '../doctor/annotations.ts';
import { baselineText, type Compared, compareWith, readBaseline } from '../doctor/baseline.ts';
import { type Examination, examineSite } from '../doctor/examine.ts';
import { countsOf, reportText, summary } from '../doctor/report.ts';
import { reportJson } from '../doctor/report-json.ts';
import { CgiboxError } from '../errors.ts';
import type { DoctorCommand } from './arguments.ts';
import { loadConfiguration } from './load-configuration.ts';
import { mayColour, type Shell, warn } from './shell.ts';
import { baseFolder } from './smoke-plans.ts';
import { whyUnwritable } from './writable.ts';

/** @throws CgiboxError of the configuration; USAGE, REPORT_UNWRITABLE for a baseline that cannot be used */
export async function doctor(command: DoctorCommand, outer: Shell): Promise<number> {
  const { options, mayExecute } = command;
  const loaded = loadConfiguration(options, outer);
  const shell = { ...outer, workingDirectory: baseFolder(outer.workingDirectory, loaded) };
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag: options.colour });
  for (const line of [...loaded.warnings, ...missingFolders(loaded.config)]) warn(line, shell, inColour);
  // Before the work: a baseline that cannot be read or written ends the command at once.
  const compare = comparison(command, shell);
  const progress = progressLine(command, shell);
  const examination = await examineSite({
    config: loaded.config,
    configFile: loaded.watched,
    environment: shell.environment,
    compiles: mayExecute ? 'all' : 'withoutExecuting',
    onProgress: progress.show,
  });
  progress.clear();
  if (command.baseline !== undefined && command.writesBaseline)
    return writeBaseline(command.baseline, examination, shell);
  return report(compare(examination), command, shell);
}

function report({ examination, accepted, gone }: Compared, command: DoctorCommand, shell: Shell): number {
  const { options, format } = command;
  if (gone > 0 && !options.quiet) shell.stderr.write(`${mended(gone)}: write it anew with --write-baseline\n`);
  switch (format) {
    case 'json':
      shell.stdout.write(reportJson(examination, accepted));
      break;
    case 'github':
      shell.stdout.write(annotations(examination, shell.workingDirectory));
      shell.stderr.write(`${summary(examination, accepted)}\n`);
      break;
    case 'text': {
      const inColour = mayColour(shell.stdout, { environment: shell.environment, flag: options.colour });
      shell.stdout.write(reportText(examination, { inColour, accepted }));
      break;
    }
    default:
      return format satisfies never;
  }
  return countsOf(examination.findings).error > 0 ? 1 : 0;
}

function mended(entries: number): string {
  return entries === 1 ? '1 entry of the baseline is mended' : `${entries} entries of the baseline are mended`;
}

interface Progress {
  show(what: string): void;
  clear(): void;
}

const CLEAR_LINE = '\r\u001b[K';

/** One line that is written over, on a terminal only. */
function progressLine({ options, mayExecute }: DoctorCommand, { stderr }: Shell): Progress {
  if (!stderr.isTerminal || options.quiet) return { show: () => {}, clear: () => {} };
  if (mayExecute)
    stderr.write('perl -c executes BEGIN blocks and "use" lines of the site; --no-exec leaves that out\n');
  return {
    show: (what) => stderr.write(`${CLEAR_LINE}doctor: ${what}`),
    clear: () => stderr.write(CLEAR_LINE),
  };
}

type Comparison = (examination: Examination) => Compared;

function comparison({ baseline, writesBaseline }: DoctorCommand, shell: Shell): Comparison {
  if (baseline !== undefined && writesBaseline) checkWritable(baseline, shell);
  if (baseline === undefined || writesBaseline) return (examination) => ({ examination, accepted: 0, gone: 0 });
  const read = readBaseline(textOf(baseline, shell));
  if (read.kind === 'malformed') {
    throw new CgiboxError('USAGE', `Cannot read the baseline "${baseline}": ${read.reason}`, {
      hint: 'write it anew with --baseline FILE --write-baseline',
    });
  }
  return (examination) => compareWith(read.accepted, examination);
}

function textOf(baseline: string, { workingDirectory }: Shell): string {
  try {
    return readFileSync(resolve(workingDirectory, baseline), 'utf8');
  } catch (error) {
    const hint = 'name another file, or write it with --write-baseline';
    throw new CgiboxError('USAGE', `Cannot read the baseline "${baseline}": ${reasonOf(error)}`, {
      hint,
      cause: error,
    });
  }
}

function checkWritable(baseline: string, { workingDirectory }: Shell): void {
  const file = resolve(workingDirectory, baseline);
  const why = whyUnwritable(file, existsSync(file) ? file : dirname(file));
  if (why !== undefined) throw unwritable(baseline, why);
}

function unwritable(baseline: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'name a file in a folder that is there and may be written';
  return new CgiboxError('REPORT_UNWRITABLE', `Cannot write the baseline "${baseline}": ${reason}`, { hint, cause });
}

function writeBaseline(baseline: string, examination: Examination, shell: Shell): number {
  try {
    writeFileSync(resolve(shell.workingDirectory, baseline), baselineText(examination));
  } catch (error) {
    throw unwritable(baseline, reasonOfWriting(error), error);
  }
  const { length } = examination.findings;
  const accepted = length === 1 ? '1 finding is' : `${length} findings are`;
  shell.stdout.write(`${baseline}: ${accepted} accepted from now on\n`);
  return 0;
}
