// A Docker engine for the container suite: the one that runs, else one that this file installs and starts.
// What it starts it stops, by its process id; its images stay in their own folder and make the next run short.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { run } from './command.ts';
import { lock } from './engine-lock.ts';
import { type EngineTools, hasEngine, installEngineTools } from './engine-tools.ts';

/** Kept between runs: the engine's programs, its images and its log. */
const FOLDER = '/var/tmp/cgibox-container-suite';

export interface Engine {
  readonly kind: 'ready';
  /** What a process needs to talk to this engine. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  stop(): Promise<void>;
}

export type EngineOrNot = Engine | { readonly kind: 'absent'; readonly reason: string };

/** Never rejects: whatever keeps an engine from running is the reason. */
export async function startEngine(): Promise<EngineOrNot> {
  if (await hasEngine()) return { kind: 'ready', environment: {}, stop: async () => {} };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return { kind: 'absent', reason: 'no Docker engine runs, and only root on Linux may start one' };
  }
  mkdirSync(FOLDER, { recursive: true });
  const release = await lock(join(FOLDER, 'lock'));
  try {
    const engine = await startOwn(await installEngineTools(FOLDER));
    if (engine.kind === 'absent') release();
    return engine.kind === 'absent' ? engine : { ...engine, stop: () => engine.stop().finally(release) };
  } catch (error) {
    release();
    return {
      kind: 'absent',
      reason: String(error)
        .trim()
        .replaceAll(/\s*\n\s*/g, ' / '),
    };
  }
}

async function startOwn(tools: EngineTools): Promise<EngineOrNot> {
  const socket = `unix://${join(FOLDER, 'docker.sock')}`;
  const path = [...tools.path, '/usr/sbin', '/sbin', process.env.PATH].join(delimiter);
  const environment = { PATH: path, DOCKER_HOST: socket, DOCKER_CONFIG: tools.configFolder };
  const places = ['data-root', 'exec-root'].flatMap((name) => [`--${name}`, join(FOLDER, name)]);
  const log = join(FOLDER, 'dockerd.log');
  const output = openSync(log, 'w');
  // However this process ends, its engine is told to end too (prctl(2), PR_SET_PDEATHSIG).
  const command = ['--pdeathsig', 'TERM', 'dockerd', '--host', socket, '--pidfile', join(FOLDER, 'dockerd.pid')];
  const daemon = spawn('setpriv', [...command, ...places], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', output, output],
  });
  if (await answers(daemon, environment)) return { kind: 'ready', environment, stop: () => stopDaemon(daemon) };
  await stopDaemon(daemon);
  const lastLine = readFileSync(log, 'utf8').trim().split('\n').at(-1);
  return { kind: 'absent', reason: `dockerd does not start here: ${lastLine}` };
}

async function answers(daemon: ChildProcess, environment: Engine['environment']): Promise<boolean> {
  for (let attempt = 0; attempt < 150 && daemon.exitCode === null; attempt += 1) {
    if ((await run('docker', ['info'], { environment, timeoutSeconds: 20 })).exitCode === 0) return true;
    await wait(200);
  }
  return false;
}

async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await gone;
}
