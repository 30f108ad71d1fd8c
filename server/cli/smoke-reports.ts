// Writes the reports of a run where they were asked for. A report that cannot be written is an error after the others.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../config/read-file.ts';
import { CgiboxError } from '../errors.ts';
import { junitXml } from '../smoke/report-junit.ts';
import type { SmokeResult } from '../smoke/result.ts';
import type { Shell } from './shell.ts';
import { REPORT_NAMES, type ReportName, type SmokeWords } from './smoke-words.ts';

const WRITERS: Readonly<Partial<Record<ReportName, (result: SmokeResult) => string>>> = {
  junit: junitXml,
};

/** @throws CgiboxError REPORT_UNWRITABLE, when the others are written */
export function writeReports(
  result: SmokeResult,
  { reports }: SmokeWords,
  at: { readonly shell: Shell; readonly folder: string },
): void {
  const failures: CgiboxError[] = [];
  for (const name of REPORT_NAMES) {
    const file = reports[name];
    if (file === undefined) continue;
    const text = WRITERS[name]?.(result) ?? '';
    if (file === '-') at.shell.stdout.write(text);
    else failures.push(...written(resolve(at.folder, file), file, text));
  }
  const [first] = failures;
  if (first !== undefined) throw first;
}

function written(path: string, shown: string, text: string): readonly CgiboxError[] {
  try {
    writeFileSync(path, text);
    return [];
  } catch (error) {
    const hint = 'name a file in a folder that is there and may be written';
    return [
      new CgiboxError('REPORT_UNWRITABLE', `Cannot write the report "${shown}": ${reasonOf(error)}`, {
        hint,
        cause: error,
      }),
    ];
  }
}
