// What doctor would say of the site: one line under the report of the start, and the findings that the inspector shows.
// Nothing of the site is executed or compiled. A process of its own does it, at low priority: no request waits for it, and
// the server keeps none of the memory it takes (a thread would leave 30 MiB behind; measured).
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endBeforeServer } from '../cgi/out-of-memory.ts';
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import type { LoadedConfig } from '../config/load.ts';
import { shellQuote } from '../diagnosis/shell-quote.ts';
import type { CommonOptions } from './arguments.ts';
import type { Shell } from './shell.ts';
import type { FindingsAnswer, FindingsQuestion } from './start-findings-process.ts';

/** The first answers come before. */
const DELAY_MILLISECONDS = 500;
const PROGRAM = fileURLToPath(new URL('./start-findings-process.ts', import.meta.url));

/** The line, without its end; absent where that process could not do it: the server does without. Never rejects. */
export async function countFindings(
  { config, watched }: LoadedConfig,
  { environment }: Shell,
  { site, file }: CommonOptions,
): Promise<string | undefined> {
  await wait(DELAY_MILLISECONDS, undefined, { ref: false });
  const found = await askDoctor({ config, configFile: watched, environment });
  if (found === undefined) return undefined;
  if (found.findings.length === 0) return `  doctor         ${found.counts}`;
  const asked = [...(site === undefined ? [] : [site]), ...(file === undefined ? [] : ['--config', file])];
  const command = ['cgibox', 'doctor', ...asked.map((word) => textOfBytes(shellQuote(bytesOfText(word))))].join(' ');
  return `  doctor         ${found.counts}; to see them: ${command}`;
}

/** What doctor finds now, without executing or compiling anything; absent where its process failed. Never rejects. */
export async function askDoctor(question: FindingsQuestion): Promise<FindingsAnswer | undefined> {
  try {
    return JSON.parse(await answerTo(JSON.stringify(question), question.environment)) as FindingsAnswer;
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
  if (child.pid !== undefined) {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    endBeforeServer(child.pid);
  }
  child.stdin.end(question);
  return text(child.stdout);
}
