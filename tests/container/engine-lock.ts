// One engine at a time in its folder: a second run of the suite waits for the first to end.
// The lock is a file that holds a process id; one left by a process that is gone counts for nothing.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const PATIENCE_SECONDS = 1200;

/** Settles with the function that gives the lock back. Rejects when the other run does not end. */
export async function lock(file: string): Promise<() => void> {
  for (let second = 0; second < PATIENCE_SECONDS; second += 1) {
    if (take(file)) return () => rmSync(file, { force: true });
    if (!isAlive(holderOf(file))) rmSync(file, { force: true });
    else await wait(1000);
  }
  throw new Error(`another run of the suite (process ${holderOf(file)}) does not end`);
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function holderOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0; // given back between two looks
  }
}

function isAlive(pid: number): boolean {
  try {
    if (pid > 0) process.kill(pid, 0);
    return pid > 0;
  } catch {
    return false;
  }
}
