// `cgibox serve` as a process of its own, as a user starts it: for signals, and for memory that is the server's alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MAIN, START_FLAGS } from './start-flags.ts';
import { temporaryFolder } from './start-site.ts';

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
  /** What it has said on stderr so far. */
  said(): string;
  /** Its exit code and signal. */
  readonly ended: Promise<unknown[]>;
  residentBytes(): Promise<number>;
  openFiles(): Promise<number>;
}

const RUNNER = process.env.CGIBOX_TEST_RUNNER ?? 'auto';
const RUNNER_SETTINGS: Readonly<Record<string, string>> =
  RUNNER === 'warm' ? { CGIBOX_CGI_WARM: '[perl, python3]' } : { CGIBOX_CGI_RUNNER: RUNNER };

/** Serves scripts by name; `settings` are variables of its environment. */
export function serveProcess(
  t: Pick<TestContext, 'after'>,
  scripts: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  return serveWrapped(t, scripts, { settings, wrapper: [] });
}

interface Wrapping {
  readonly settings: Readonly<Record<string, string>>;
  /** A command that executes the words after its own. */
  readonly wrapper: readonly string[];
}

export async function serveWrapped(
  t: Pick<TestContext, 'after'>,
  scripts: Readonly<Record<string, string>>,
  { settings, wrapper }: Wrapping,
): Promise<ServeProcess> {
  const folder = await temporaryFolder(t);
  if (wrapper.length > 0) await chmod(folder, 0o755); // it may run as another user
  await mkdir(join(folder, 'cgi-bin'));
  for (const [name, text] of Object.entries(scripts))
    await writeFile(join(folder, 'cgi-bin', name), text, { mode: 0o755 });
  const { CGIBOX_TEST_RUNNER: _, ...environment } = process.env;
  const words = [...wrapper, process.execPath, ...START_FLAGS, MAIN, 'serve', folder, '--port', '0', '--json'];
  const child = spawn(words[0] ?? '', words.slice(1), {
    env: {
      ...environment,
      ...RUNNER_SETTINGS,
      CGIBOX_INSPECTOR_ENABLED: 'false',
      CGIBOX_MAIL_ENABLED: 'false',
      // What the inspector keeps is bounded, and no part of what the server itself needs.
      CGIBOX_INSPECTOR_KEEP_BYTES: '1mb',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  const port = await portOf(child, () => said);
  const { pid = 0 } = child;
  return {
    child,
    pid,
    port,
    folder,
    said: () => said,
    ended,
    residentBytes: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'latin1');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
    },
    openFiles: async () => (await readdir(`/proc/${pid}/fd`)).length,
  };
}

async function portOf({ stderr }: ChildProcess, said: () => string): Promise<number> {
  for (;;) {
    const [, port] = /http:\/\/[^/]*:(\d+)\//.exec(said()) ?? [];
    if (port !== undefined || stderr === null) return Number(port);
    const [news] = await Promise.race([once(stderr, 'data'), once(stderr, 'close')]);
    if (news === undefined) throw new Error(`it ended: ${said()}`);
  }
}
