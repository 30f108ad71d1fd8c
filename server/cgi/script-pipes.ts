// Node's ends of a script's pipes, opened through /proc/<fork server>/fd (proc(5); Linux, same user).
// Promises: non-blocking, with back-pressure and no thread per read; the script's own ends stay blocking.
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

const ACCESS = { read: constants.O_RDONLY, write: constants.O_WRONLY } as const;

/** Throws where descriptors of that process cannot be had. */
export function tryToOpen(serverPid: number, descriptor: number): void {
  closeSync(openAnew(serverPid, descriptor, 'read'));
}

/** Gives the descriptor in Node, or the system's word for why not (EMFILE …). */
export function openDescriptor(serverPid: number, descriptor: number, access: keyof typeof ACCESS): number | string {
  try {
    return openAnew(serverPid, descriptor, access);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

// Opened anew, not shared: O_NONBLOCK is then ours alone, a script would fail on it.
function openAnew(serverPid: number, descriptor: number, access: keyof typeof ACCESS): number {
  return openSync(`/proc/${serverPid}/fd/${descriptor}`, ACCESS[access] | constants.O_NONBLOCK);
}

export function writableOf(fd: number): Writable {
  return new Socket({ fd, readable: false, writable: true });
}

export function readableOf(fd: number): Readable {
  // As process.stdin is made: a socket reads at once otherwise, and an empty stream would end before anyone listens.
  const options = { fd, readable: true, writable: false, manualStart: true };
  return new Socket(options);
}
