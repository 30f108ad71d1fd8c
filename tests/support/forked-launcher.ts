// A launcher of fork servers for one test, and a script run to its end: what it wrote, and how it ended.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { createForkedLauncher, type ForkedLauncherOptions } from '../../server/cgi/launch-forked.ts';
import type { Command, Launcher, ScriptProcess } from '../../server/cgi/launcher.ts';
import type { ScriptStream } from '../../server/cgi/script-stream.ts';
import type { Exit } from '../../server/diagnosis/cause.ts';

export const NO_LIMITS = { cpuSeconds: null, memoryBytes: null, processes: null, fileSizeBytes: null };

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: Exit;
}

/** Closed with the test. `warnings` collects what the operator would see. */
export async function startForkedLauncher(
  t: TestContext,
  options: Partial<ForkedLauncherOptions> & { readonly warnings?: string[] } = {},
): Promise<Launcher> {
  const launcher = await createForkedLauncher({
    environment: { PATH: process.env.PATH ?? '' },
    limits: NO_LIMITS,
    warn: (line) => options.warnings?.push(line),
    ...options,
  });
  t.after(() => launcher.close());
  return launcher;
}

/** The command for a line of sh. */
export function shell(line: string, rest: Partial<Command> = {}): Command {
  return {
    file: '/bin/sh',
    args: ['-c', line],
    workingDirectory: '/',
    environment: { PATH: '/usr/bin:/bin' },
    hasBody: false,
    ...rest,
  };
}

/** A running script whose outputs are streams of Node. */
export interface ReadableScript extends Pick<ScriptProcess, 'pid' | 'stdin' | 'exit' | 'signalGroup'> {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Throws where it is not started. */
export async function started(launcher: Launcher, command: Command): Promise<ReadableScript> {
  const launch = await launcher.launch(command);
  if (launch.kind === 'failed') throw new Error(`${command.file} was not started: ${launch.errno}`);
  return readableScript(launch.process);
}

export function readableScript(script: ScriptProcess): ReadableScript {
  const { pid, stdin, exit } = script;
  const signalGroup: ScriptProcess['signalGroup'] = (signal) => script.signalGroup(signal);
  return { pid, stdin, exit, signalGroup, stdout: readable(script.stdout), stderr: readable(script.stderr) };
}

function readable(stream: ScriptStream): Readable {
  const all = new Readable({
    read: () => stream.resume(),
    destroy: (error, callback) => {
      stream.destroy();
      callback(error);
    },
  });
  stream.readTo({
    chunk: (bytes) => {
      if (!all.push(bytes)) stream.pause();
    },
    end: () => all.push(null),
    lost: (error) => all.destroy(error),
  });
  return all;
}

/** Text is latin1. */
export async function outcome(script: ReadableScript): Promise<Ran> {
  const [stdout, stderr, exit] = await Promise.all([buffer(script.stdout), buffer(script.stderr), script.exit]);
  return { stdout: stdout.toString('latin1'), stderr: stderr.toString('latin1'), exit };
}

export async function run(launcher: Launcher, command: Command, body?: string): Promise<Ran> {
  const script = await started(launcher, body === undefined ? command : { ...command, hasBody: true });
  script.stdin?.end(body, 'latin1');
  return outcome(script);
}
