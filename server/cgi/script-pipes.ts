// Node's ends of a script's pipes, opened through /proc/<fork server>/fd (proc(5); Linux, same user).
// Promises: non-blocking, with back-pressure and no thread per read; the script's own ends stay blocking.
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ScriptPipes } from './forked-script.ts';

/** The two descriptors of a pipe, as the fork server numbers them. */
export interface ServerPipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/** Descriptors of Node. */
export interface OpenedEnds {
  readonly stdin: number | undefined;
  readonly stdout: number;
  readonly stderr: number;
}

/** Throws where descriptors of that process cannot be had. */
export function tryToOpen(serverPid: number, readEnd: number): void {
  closeSync(openDescriptor(serverPid, readEnd, constants.O_RDONLY));
}

// Opened anew, not shared: O_NONBLOCK is then ours alone, a script would fail on it.
function openDescriptor(serverPid: number, descriptor: number, access: number): number {
  return openSync(`/proc/${serverPid}/fd/${descriptor}`, access | constants.O_NONBLOCK);
}

/** Gives the system's word for why not (EMFILE …), with nothing left open. Of stdin, the last, Node writes. */
export function openEnds(
  serverPid: number,
  [stdout, stderr, stdin]: readonly [ServerPipe, ServerPipe, ServerPipe | undefined],
): OpenedEnds | string {
  const opened: number[] = [];
  const open = (descriptor: number, access: number): number => {
    const end = openDescriptor(serverPid, descriptor, access);
    opened.push(end);
    return end;
  };
  try {
    return {
      stdout: open(stdout.readEnd, constants.O_RDONLY),
      stderr: open(stderr.readEnd, constants.O_RDONLY),
      stdin: stdin && open(stdin.writeEnd, constants.O_WRONLY),
    };
  } catch (error) {
    for (const end of opened) closeSync(end);
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

export function streamsOf(ends: OpenedEnds): ScriptPipes {
  return {
    stdin: ends.stdin === undefined ? undefined : new Socket({ fd: ends.stdin, readable: false, writable: true }),
    stdout: readableOf(ends.stdout),
    stderr: readableOf(ends.stderr),
  };
}

function readableOf(fd: number): Readable {
  // As process.stdin is made: a socket reads at once otherwise, and an empty stream would end before anyone listens.
  const options = { fd, readable: true, writable: false, manualStart: true };
  return new Socket(options);
}

export function destroyPipes(pipes: ScriptPipes): void {
  pipes.stdin?.destroy();
  pipes.stdout.destroy();
  pipes.stderr.destroy();
}
