// Memory of a server: the proportional set size of its processes and their children, so that
// shared pages count once (proc(5), smaps_rollup). Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** MiB of the processes given and all their descendants; a process that ends meanwhile counts nothing. */
export function memoryMegabytes(pids: readonly number[]): number {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid)) parents.set(pid, parentOf(pid));
  }
  const family = [...parents.keys()].filter((pid) => isWithin(pid, pids, parents));
  return family.reduce((sum, pid) => sum + proportionalKilobytes(pid), 0) / 1024;
}

function isWithin(pid: number, roots: readonly number[], parents: ReadonlyMap<number, number>): boolean {
  for (let current = pid; current > 1; current = parents.get(current) ?? 0) {
    if (roots.includes(current)) return true;
  }
  return false;
}

function parentOf(pid: number): number {
  // The name in parentheses may hold anything; the parent is the second field after it.
  const stat = readOrNothing(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function proportionalKilobytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
