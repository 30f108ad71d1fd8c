// One script that a fork server started, as the rest of cgi/ sees it: streams over its pipes, its exit, its group.
// Promises: the exit settles once, also when the fork server is gone; no signal ever reaches a stranger.
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Exit } from '../diagnosis/cause.ts';
import type { OutputNumber } from './fork-protocol.ts';
import { ForkedOutput } from './forked-output.ts';
import type { ScriptProcess } from './launcher.ts';
import { writableOf } from './script-pipes.ts';

/** Whose parent, the fork server, was gone before it ended: the status went to init. */
const EXIT_UNKNOWN: Exit = { kind: 'killed', signal: 'unknown' };
/** Why the rest of an output cannot be had. */
export const SERVER_ENDED = 'its fork server ended';
const LOOK_EVERY_MS = 50;

export class ForkedScript implements ScriptProcess {
  readonly pid: number;
  readonly stdin: Writable | undefined;
  readonly stdout = new ForkedOutput();
  readonly stderr = new ForkedOutput();
  readonly exit: Promise<Exit>;
  #hasExited = false;
  #settle: (exit: Exit) => void = () => undefined;
  // The number is the group's own while its leader is not reaped or a member lives (the kernel reserves it).
  // Between the reaping and its report here it would have to be handed out again at once: numbers go round first.
  #hasGroup = true;

  /** `stdin` is a descriptor of Node; absent without a body. */
  constructor(pid: number, stdin: number | undefined) {
    this.pid = pid;
    this.stdin = stdin === undefined ? undefined : writableOf(stdin);
    this.exit = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!this.#hasGroup) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // ESRCH: all of it is gone. EPERM: what is left became another user (sudo), out of our reach.
      this.#hasGroup = false;
    }
  }

  /** The fork server has no more to say of it. */
  get isOver(): boolean {
    return this.#hasExited && this.stdout.isOver && this.stderr.isOver;
  }

  /** The fork server has read this of its output. */
  arrived(number: OutputNumber, bytes: Uint8Array, isEnd: boolean): void {
    this.#output(number).arrived(bytes, isEnd);
  }

  /** Node reads the rest of that output by itself. */
  takeOver(number: OutputNumber, open: () => number | string): void {
    this.#output(number).takeOver(open);
  }

  #output(number: OutputNumber): ForkedOutput {
    return number === 1 ? this.stdout : this.stderr;
  }

  /** The fork server has reaped it; `hasGroup` when children of it live on. */
  ended(exit: Exit, hasGroup: boolean): void {
    this.#hasExited = true;
    this.#hasGroup &&= hasGroup;
    this.#settle(exit);
  }

  /** Its number was given to another process: its group ended unseen. */
  disown(): void {
    this.#hasGroup = false;
  }

  /** Its fork server is gone, with what it had still to read of it. */
  orphaned(): void {
    for (const output of [this.stdout, this.stderr]) if (!output.isOver) output.fail(SERVER_ENDED);
    this.#lookForEnd();
  }

  /** Nobody will report its end. */
  #lookForEnd(): void {
    if (this.#hasExited) return;
    if (!isRunning(this.pid)) {
      this.ended(EXIT_UNKNOWN, this.#hasGroup);
      return;
    }
    setTimeout(() => this.#lookForEnd(), LOOK_EVERY_MS).unref();
  }
}

// A zombie has ended: in a container without an init nobody reaps it.
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}
