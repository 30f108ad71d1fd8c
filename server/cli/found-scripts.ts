// The scripts of a site with their URLs, and how each will be run: what the server prints at its start.
// The same rules as a request: a script that this list says fails, fails.
import { howRun } from '../cgi/how-run.ts';
import { interpretation } from '../cgi/interpreter.ts';
import { perScript } from '../cgi/per-script.ts';
import { scriptEnvironment } from '../cgi/script-command.ts';
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import type { Environment } from '../config/environment.ts';
import type { LoadedConfig } from '../config/load.ts';
import { discoverScripts } from '../site/discover.ts';

/** More would push the address off the screen. */
const MAX_SHOWN = 30;

/** One line for each script, without line ends; the first says how many there are. */
export function foundScripts({ config, watched }: LoadedConfig, environment: Environment): readonly string[] {
  const found = discoverScripts(config, { configFile: watched });
  const { PATH: path = bytesOfText('') } = scriptEnvironment(config, environment);
  const settingsOf = perScript(config);
  const shown = found.slice(0, MAX_SHOWN).map(({ url, place }) => {
    const override = settingsOf(place).interpreter;
    return [textOfBytes(url), howRun(interpretation(place, { cgi: config.cgi, path, override }))] as const;
  });
  const width = Math.max(0, ...shown.map(([url]) => url.length));
  const rest = found.length > shown.length ? [`    … and ${found.length - shown.length} more`] : [];
  const lines = shown.map(([url, how]) => `    ${printable(url).padEnd(width)}  ${printable(how)}`);
  return [`${found.length} found`, ...lines, ...rest];
}

/** A file name must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\uFFFD');
}
