// The script that a fork server was starting when it died, before Node was told its number: ended by what /proc shows.
// Promises: no other is ended, nor a daemon that left its stdout. Costs a launch nothing. Source: proc(5).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ByteString } from '../config/byte-string.ts';
import { signalGroup } from './process-group.ts';

export interface UnseenScript {
  /** UNIQUE_ID of its environment; absent where it has none. */
  readonly uniqueId: ByteString | undefined;
  /** Of the fork server. */
  readonly layout: ByteString | undefined;
  /** Scripts of the same fork server that Node knows. */
  readonly known: ReadonlySet<number>;
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly layout: ByteString | undefined;
}

/** It may not have got to its exec, or a warm one to its own pipes. */
const LOOK_AGAIN_MS = 100;

/**
 * Where the memory of a process begins: random (ASLR), inherited by a fork and lost by an exec. A warm perl overwrites
 * its environment and its command line, and so is known by nothing else. Absent where the system does not tell.
 */
export function memoryLayout(pid: number): ByteString | undefined {
  return entryOf(pid)?.layout;
}

/** Looks now and a moment later. */
export function endUnseen(script: UnseenScript): void {
  look(script);
  setTimeout(() => look(script), LOOK_AGAIN_MS);
}

function look({ uniqueId, layout, known }: UnseenScript): void {
  const entries = readdirSync('/proc').flatMap((name) => (/^\d/.test(name) ? (entryOf(Number(name)) ?? []) : []));
  const alike = new Set(
    entries.filter((one) => one.layout !== undefined && one.layout === layout).map(({ pid }) => pid),
  );
  for (const { pid, parent, group } of entries) {
    if (pid !== group || known.has(pid)) continue;
    const isFork = alike.has(pid) && !alike.has(parent);
    const isScript = isFork || (uniqueId !== undefined && hasVariable(pid, `UNIQUE_ID=${uniqueId}`));
    if (isScript && writesToPipe(pid)) signalGroup(pid, 'SIGKILL');
  }
}

function entryOf(pid: number): ProcessEntry | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The name in parentheses may hold anything, also parentheses. Numbers as in proc(5): 4 ppid, 5 pgrp, 26 startcode, 28 startstack.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, group, code, stack] = [4, 5, 26, 28].map((number) => fields[number - 3]);
  if (stack === undefined) return undefined;
  return { pid, parent: Number(parent), group: Number(group), layout: stack === '0' ? undefined : `${code} ${stack}` };
}

function hasVariable(pid: number, variable: ByteString): boolean {
  return read(() => readFileSync(`/proc/${pid}/environ`, 'latin1'))
    .split('\0')
    .includes(variable);
}

function writesToPipe(pid: number): boolean {
  return read(() => readlinkSync(`/proc/${pid}/fd/1`)).startsWith('pipe:');
}

/** "" of a process that has ended, or is another user's. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
