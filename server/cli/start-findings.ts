// What doctor would say of the site, as one line under the report of the start.
// Nothing of the site is executed or compiled. A process of its own does it, at low priority: no request waits for it, and
// the server keeps none of the memory it takes (a thread would leave 30 MiB behind; measured).
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from '../config/load.ts';
import type { Shell } from './shell.ts';
import type { FindingsQuestion } from './start-findings-process.ts';

/** The first answers come before. */
const DELAY_MILLISECONDS = 500;
const PROGRAM = fileURLToPath(new URL('./start-findings-process.ts', import.meta.url));

/** The line, without its end; absent where that process could not do it: the server does without. Never rejects. */
export async function countFindings(
  { config, watched }: LoadedConfig,
  { environment }: Shell,
): Promise<string | undefined> {
  await wait(DELAY_MILLISECONDS, undefined, { ref: false });
  const question: FindingsQuestion = { config, configFile: watched, environment };
  try {
    const found = (await answerTo(JSON.stringify(question), environment)).trim();
    if (found === '') return undefined;
    return `  doctor         ${found}${found === 'nothing found' ? '' : ': "cgibox doctor" shows them'}`;
  } catch {
    return undefined;
  }
}

function answerTo(question: string, environment: Shell['environment']): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
  const end = () => void child.kill();
  process.once('exit', end);
  child.once('exit', () => void process.off('exit', end));
  // It may be gone before it has read; then its answer is empty.
  for (const part of [child, child.stdin]) part.on('error', () => {});
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  child.stdin.end(question);
  return text(child.stdout);
}
