// The processes that a test's site has left running, found through /proc: orphans have nobody else who knows of them.
import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** R, S, D, T (stopped), Z (zombie) … */
  readonly state: string;
}

const PATIENCE_MS = 8000;
const POLL_MS = 50;

/** Processes whose working directory lies in a folder: scripts run in theirs, and their children too. */
export async function processesIn(folder: string): Promise<readonly ProcessEntry[]> {
  const entries = await allProcesses();
  const isScript = await Promise.all(entries.map(({ pid }) => isScriptIn(folder, pid)));
  return entries.filter((_, index) => isScript[index]);
}

/** A fork server stays where its last script ran: it is no script. */
async function isScriptIn(folder: string, pid: number): Promise<boolean> {
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  if (!directory.startsWith(folder)) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  return !commandLine.includes('fork-server');
}

/** Zombies below a process. */
export async function zombiesBelow(root: number): Promise<readonly ProcessEntry[]> {
  const entries = await allProcesses();
  const family = new Set([root]);
  for (const { pid, parent } of entries) if (family.has(parent)) family.add(pid);
  return entries.filter(({ parent, state }) => state === 'Z' && family.has(parent));
}

/** Waits until so many processes run in the folder: 0 proves that nothing was left behind. */
export async function untilProcessesIn(folder: string, count: number, withinMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await processesIn(folder);
    if (found.length === count) return;
    if (Date.now() > deadline) assert.fail(`${found.length} processes run in the site's folder, not ${count}`);
    await sleep(POLL_MS);
  }
}

async function allProcesses(): Promise<readonly ProcessEntry[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(names.map(readEntry));
  return entries.filter((entry) => entry !== undefined).sort((left, right) => left.pid - right.pid);
}

async function readEntry(name: string): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
  // The name in parentheses may hold anything, also parentheses.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || parent === undefined) return undefined;
  return { pid: Number(name), parent: Number(parent), state };
}
