// What doctor would say of the site, as one line under the report of the start.
// Nothing of the site is executed or compiled: its text is read, while the server answers, and perl and python3 are asked
// once which modules they have.
import { setTimeout as wait } from 'node:timers/promises';
import type { LoadedConfig } from '../config/load.ts';
import type { Shell } from './shell.ts';

/** The first answers come before. */
const DELAY_MILLISECONDS = 500;
/** As many as the list of scripts looks at. */
const MAX_ENTRIES = 5000;

/** The line, without its end. */
export async function countFindings({ config, watched }: LoadedConfig, { environment }: Shell): Promise<string> {
  await wait(DELAY_MILLISECONDS, undefined, { ref: false });
  const { examineSite } = await import('../doctor/examine.ts');
  const { countsText } = await import('../doctor/report.ts');
  const examination = await examineSite({
    config,
    configFile: watched,
    environment,
    compiles: 'none',
    maxEntries: MAX_ENTRIES,
  });
  const found = countsText(examination.findings);
  const more = examination.findings.length === 0 ? '' : ': "cgibox doctor" shows them';
  return `  doctor         ${found}${more}`;
}
