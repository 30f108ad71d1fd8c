// A site in a temporary folder, examined as `cgibox doctor` would: its findings by id.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { bytesOfText } from '../../server/config/byte-string.ts';
import { loadConfig } from '../../server/config/load.ts';
import type { Config } from '../../server/config/schema.ts';
import type { Compiles } from '../../server/doctor/compile.ts';
import { type Examination, examineSite } from '../../server/doctor/examine.ts';
import { type Finding, relativeTo } from '../../server/doctor/finding.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

export const PROJECT = join(import.meta.dirname, '../..');

export interface ExamineTest {
  readonly compiles?: Compiles;
  readonly tolerate?: Config['cgi']['tolerate'];
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

/** Examines a folder without configuration file. */
export function examineFolder(folder: string, options: ExamineTest = {}): Promise<Examination> {
  const { compiles = 'all', tolerate, environment = {}, ...rest } = options;
  const { config, watched } = loadConfig({
    file: undefined,
    site: folder,
    flags: [],
    environment: {},
    workingDirectory: PROJECT,
    shippedFile: join(PROJECT, 'config/cgibox.yaml'),
  });
  return examineSite({
    config: { ...config, cgi: { ...config.cgi, ...(tolerate !== undefined && { tolerate }) } },
    configFile: watched,
    environment: { PATH: process.env.PATH, ...environment },
    compiles,
    ...rest,
  });
}

/** Files by name; text that begins with "#!" gets the execute bit. Names and texts in latin1 are written as bytes. */
export function siteFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    const file = Buffer.from(`${bytesOfText(folder)}/${name}`, 'latin1');
    mkdirSync(Buffer.from(dirname(file.toString('latin1')), 'latin1'), { recursive: true });
    writeFileSync(file, Buffer.from(text, 'latin1'));
    if (text.startsWith('#!')) chmodSync(file, 0o755);
  }
  return folder;
}

/** Findings as "severity id file:line file:line", sorted. */
export function told({ findings, root }: Examination): readonly string[] {
  const place = ({ file, line }: Finding['places'][number]) =>
    line === undefined ? relativeTo(file, root) : `${relativeTo(file, root)}:${line}`;
  return findings.map(({ severity, id, places }) => [severity, id, ...places.map(place)].join(' ')).sort();
}

/** What is found in a site of these files; an empty index.html is added. */
export async function findingsIn(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options: ExamineTest = {},
): Promise<readonly string[]> {
  return told(await examineFolder(siteFolder(t, { 'index.html': '', ...files }), options));
}
