// A site and plans in a temporary folder, and the real program run on them.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Ended, runCgibox } from '../cli/cgibox-process.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

export interface Smoked extends Ended {
  readonly folder: string;
}

/** A folder with files; those that begin with "#!" are made executable. */
export function siteFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t, { 'public/': '', 'cgi-bin/': '', ...files });
  for (const [name, content] of Object.entries(files))
    if (content.startsWith('#!')) chmodSync(join(folder, name), 0o755);
  return folder;
}

/** Runs `cgibox smoke` in the folder of the site, which is the site. */
export async function smoke(t: TestContext, folder: string, words: readonly string[] = []): Promise<Smoked> {
  return smokeIn(t, { folder, environment: {} }, words);
}

/** As `smoke`, with variables of its own. */
export async function smokeIn(
  t: TestContext,
  { folder, environment }: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
  words: readonly string[] = [],
): Promise<Smoked> {
  const ended = await runCgibox(t, ['smoke', '--site', folder, ...words], { folder, environment });
  return { ...ended, folder };
}

/** As `smoke`, and gives the JSON report. */
export async function smokeJson(t: TestContext, folder: string, words: readonly string[] = []) {
  const { code, stdout, stderr } = await smoke(t, folder, ['--json', ...words]);
  const report = JSON.parse(stdout) as JsonReport;
  return { code, stderr, report, results: report.results };
}

export interface JsonReport {
  readonly ok: boolean;
  readonly notes: readonly string[];
  readonly results: readonly {
    readonly outcome: string;
    readonly name: string;
    readonly url: string;
    readonly place: string | null;
    readonly status: number | null;
    readonly attempts: number;
    readonly skipped: string | null;
    readonly notChecked: readonly string[];
    readonly stderr: string;
    readonly failures: readonly {
      readonly kind: string;
      readonly summary: string;
      readonly detail: readonly string[];
      readonly line: number;
      readonly column: number;
      readonly mend: readonly string[];
    }[];
  }[];
}

export const HELLO = '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nhello $QUERY_STRING\\n"\n';
