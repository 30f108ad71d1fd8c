// A clock that stands still for scripts: libfaketime, loaded into their processes (faketime(1)).
// Only where it is installed: the name of its file says for which processor.
import { existsSync } from 'node:fs';
import { CgiboxError } from '../errors.ts';

const FOLDERS = [
  '/usr/lib/x86_64-linux-gnu/faketime',
  '/usr/lib/aarch64-linux-gnu/faketime',
  '/usr/lib/faketime',
  '/usr/local/lib/faketime',
];
const LIBRARY = 'libfaketime.so.1';

/**
 * Variables for every script.
 *
 * @throws CgiboxError USAGE where libfaketime is not there
 */
export function frozenClock(time: string): Readonly<Record<string, string>> {
  const library = FOLDERS.map((folder) => `${folder}/${LIBRARY}`).find((file) => existsSync(file));
  if (library !== undefined) return { LD_PRELOAD: library, FAKETIME: time, TZ: 'UTC' };
  const hint = 'apt-get install faketime, or build the image with EXTRA_PACKAGES="faketime"';
  throw new CgiboxError('USAGE', `Cannot set the clock to "${time}": libfaketime is not installed here`, { hint });
}
