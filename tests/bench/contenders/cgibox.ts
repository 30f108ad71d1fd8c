// cgibox itself, from this source tree, in the setting that a variant names.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Start } from '../contender.ts';
import { startProcess } from '../server-process.ts';

const MAIN = join(import.meta.dirname, '../../../server/main.ts');
// As its #! line has it started: `/usr/bin/env -S node --flag --flag`.
const FLAGS = (readFileSync(MAIN, 'utf8').split('\n', 1)[0] ?? '').split(' ').slice(3);
const SETTINGS: Readonly<Record<string, string>> = {
  default: '',
  direct: 'runner: direct',
  warm: 'runner: auto, warm: [perl, python3]',
};

/** `variant` is default, direct or warm. */
export function cgibox(variant: string): Contender {
  const setting = SETTINGS[variant];
  if (setting === undefined) {
    throw new RangeError(`Cannot measure cgibox "${variant}": the variants are ${Object.keys(SETTINGS).join(', ')}`);
  }
  return {
    name: variant === 'default' ? 'cgibox' : `cgibox ${variant}`,
    version: `cgibox on Node ${process.versions.node}`,
    start: (start) => [startCgibox(start, setting)],
  };
}

function startCgibox({ site, port, folder }: Start, setting: string) {
  const file = join(folder, 'cgibox.yaml');
  // Ports that the system chooses: another cgibox may be running. The body limit is for the streams.
  const text = `site: { root: ${JSON.stringify(site.folder)}, documentRoot: . }
cgi: { ${setting} }
limits: { bodyBytes: 64gb }
inspector: { port: 0 }
mail: { smtpPorts: [0] }
`;
  writeFileSync(file, text);
  return startProcess({
    file: process.execPath,
    args: [...FLAGS, MAIN, 'serve', '--config', file, '--port', String(port)],
    workingDirectory: folder,
    logFile: join(folder, 'cgibox.log'),
  });
}
