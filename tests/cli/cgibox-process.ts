// The real program as a child process: what it says on which stream, and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

export interface Start {
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running cgibox; it is ended with the test. */
export interface RunningCgibox {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Settles when stderr (or stdout) matches; rejects when the process ends before, or after 20 s. */
  saying(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

export function startCgibox(
  t: TestContext,
  words: readonly string[],
  { folder = '/', environment = {} }: Start = {},
): RunningCgibox {
  // Test files run at the same time: each server has an inspector of its own.
  const ports = { CGIBOX_INSPECTOR_PORT: '0', CGIBOX_MAIL_SMTP_PORTS: '[0]' };
  const env = { PATH: process.env.PATH ?? '', HOME: '/', ...ports, ...environment };
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      child.emit('said');
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }));
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  const saying = (pattern: RegExp, stream: 'stdout' | 'stderr' = 'stderr') =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(said[stream]);
        if (match !== null) resolve(match);
      };
      const fail = (why: string) => reject(new Error(`${why}, without ${pattern}: ${said.stdout}${said.stderr}`));
      child.on('said', look);
      child.on('close', () => fail('it ended'));
      setTimeout(() => fail('it waited'), 20_000).unref();
      look();
    });
  return { child, stdout: () => said.stdout, stderr: () => said.stderr, saying, ended };
}

/** Runs a command to its end. */
export function runCgibox(t: TestContext, words: readonly string[], start: Start = {}): Promise<Ended> {
  return startCgibox(t, words, start).ended;
}
