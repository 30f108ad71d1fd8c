// cgibox itself, from this source tree, in the setting that a variant names.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN, START_FLAGS } from '../../support/start-flags.ts';
import type { Contender, Start } from '../contender.ts';
import { startProcess } from '../server-process.ts';

// Ports that the system chooses: another cgibox may be running.
const RECORDED = 'inspector: { port: 0 }';
const SETTINGS: Readonly<Record<string, string>> = {
  default: RECORDED,
  direct: `cgi: { runner: direct }\n${RECORDED}`,
  warm: `cgi: { warm: [perl, python3] }\n${RECORDED}`,
  // What the record of each request costs, beside default.
  unrecorded: 'inspector: { enabled: false }',
};

/** `variant` is one of SETTINGS. */
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
  // The body limit is for the streams.
  const text = `site: { root: ${JSON.stringify(site.folder)}, documentRoot: . }
${setting}
limits: { bodyBytes: 64gb }
mail: { smtpPorts: [0] }
`;
  writeFileSync(file, text);
  return startProcess({
    file: process.execPath,
    args: [...START_FLAGS, MAIN, 'serve', '--config', file, '--port', String(port)],
    workingDirectory: folder,
    logFile: join(folder, 'cgibox.log'),
  });
}
