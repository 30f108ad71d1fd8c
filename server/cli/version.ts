// The version of cgibox, from package.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shell } from './shell.ts';

export function versionOf(shell: Pick<Shell, 'packageFolder'>): string {
  const { version } = JSON.parse(readFileSync(join(shell.packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
