// One process of a server under measurement, in a group of its own.
// Promises: its output goes to a file, and `stop` ends it with all its children, by their group and never by name.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SCRIPT_LANG } from './script-lang.ts';

const STOP_MILLISECONDS = 5000;

export interface ServerProcess {
  readonly pid: number;
  isRunning(): boolean;
  stop(): Promise<void>;
  /** At once, for a benchmark that is itself interrupted. */
  kill(): void;
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly logFile: string;
}

/** Starts a process. Throws when it cannot be started. */
export function startProcess(command: ServerCommand): ServerProcess {
  const log = openSync(command.logFile, 'a');
  const child = spawn(command.file, command.args, {
    cwd: command.workingDirectory,
    env: { ...process.env, LANG: SCRIPT_LANG },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${command.file}: look into ${command.logFile}`);
  const exited = once(child, 'exit');
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const kill = () => signalGroup(pid, 'SIGKILL');
  const stop = async () => {
    signalGroup(pid, 'SIGTERM');
    await Promise.race([exited, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    kill();
  };
  return { pid, isRunning, stop, kill };
}

/** A TCP port of the loopback address that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group is gone, which is what was wanted.
  }
}
