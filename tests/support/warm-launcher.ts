// A warm launcher over a cold one for one test, and a script run by both: what differs is what a script could tell.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createWarmLauncher, type WarmLauncherOptions } from '../../server/cgi/launch-warm.ts';
import type { Command, Launch, Launcher, WarmLanguage } from '../../server/cgi/launcher.ts';
import { NO_LIMITS, outcome, type Ran, readableScript, startForkedLauncher } from './forked-launcher.ts';
import { temporaryFolder } from './start-site.ts';

const PROGRAMS: Readonly<Record<WarmLanguage, string>> = { perl: '/usr/bin/perl', python3: '/usr/bin/python3' };

export interface WarmRan extends Ran {
  readonly runner: Launcher['name'];
  readonly remark: string | undefined;
}

export interface WarmBench {
  readonly folder: string;
  readonly launcher: Launcher;
  readonly warnings: string[];
  /** Writes the script, with a #! line before the text, and gives the command for it. */
  command(language: WarmLanguage, text: string, options?: ScriptOptions): Promise<Command>;
  run(command: Command, body?: string): Promise<WarmRan>;
  /** Waits until the resident for the command is there, then runs it. */
  runWarm(command: Command, body?: string): Promise<WarmRan>;
}

export interface ScriptOptions {
  readonly name?: string;
  readonly switches?: readonly string[];
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startWarm(t: TestContext, limits: WarmLauncherOptions['limits'] = NO_LIMITS): Promise<WarmBench> {
  const warnings: string[] = [];
  const folder = await temporaryFolder(t);
  const cold = await startForkedLauncher(t, { warnings, limits });
  const launcher = createWarmLauncher(cold, { limits, warn: (line) => void warnings.push(line) });
  t.after(() => launcher.close());
  const run = async (command: Command, body?: string) => finished(await launcher.launch(withBody(command, body)), body);
  return {
    folder,
    launcher,
    warnings,
    command: (language, text, options) => scriptCommand(folder, { language, text, ...options }),
    run,
    runWarm: async (command, body) => {
      for (let attempt = 0; attempt < 300; attempt += 1) {
        const trial = await run(command, body);
        if (trial.runner === 'warm') return trial;
        await new Promise((settle) => setTimeout(settle, 50));
      }
      throw new Error(`never run warm: ${(await run(command, body)).remark}`);
    },
  };
}

function withBody(command: Command, body: string | undefined): Command {
  return body === undefined ? command : { ...command, hasBody: true };
}

async function finished(launch: Launch, body: string | undefined): Promise<WarmRan> {
  if (launch.kind === 'failed') throw new Error(`not started: ${launch.errno}`);
  launch.process.stdin?.end(body, 'latin1');
  return {
    ...(await outcome(readableScript(launch.process))),
    runner: launch.runner ?? 'forkserver',
    remark: launch.remark,
  };
}

async function scriptCommand(
  folder: string,
  { language, text, name = 'script', switches = [], args = [], environment = {} }: ScriptOptions & Script,
): Promise<Command> {
  const file = join(folder, name);
  const program = PROGRAMS[language];
  await writeFile(file, `${[`#!${program}`, ...switches].join(' ')}\n${text}`, 'latin1');
  await chmod(file, 0o755);
  const argv = [program, ...switches, file, ...args];
  return {
    file,
    args,
    workingDirectory: folder,
    environment: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', ...environment },
    hasBody: false,
    warm: { kind: 'wanted', language, program, argv, script: file },
  };
}

interface Script {
  readonly language: WarmLanguage;
  readonly text: string;
}

/** Without what is another in each run: numbers of processes, addresses of objects, the time. */
export function masked({ stdout, stderr, exit }: Ran): Ran {
  const mask = (text: string) =>
    text
      .replace(/\b0x[0-9a-f]+\b/g, '0x')
      .replace(/\bpid=\d+/g, 'pid=')
      .replace(/\b\d\d:\d\d:\d\d\b/g, '00:00:00');
  return { stdout: mask(stdout), stderr: mask(stderr), exit };
}
