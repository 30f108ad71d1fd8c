// One script that a fork server started, as the rest of cgi/ sees it: streams over its pipes, its exit, its group.
// Promises: the exit settles once, also when the fork server is gone; no signal ever reaches a stranger.
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Exit } from '../diagnosis/cause.ts';
import type { ScriptProcess } from './launcher.ts';

/** Node's ends of a script's pipes. */
export interface ScriptPipes {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Whose parent, the fork server, was gone before it ended: the status went to init. */
const EXIT_UNKNOWN: Exit = { kind: 'killed', signal: 'unknown' };
const LOOK_EVERY_MS = 50;

export class ForkedScript implements ScriptProcess {
  readonly pid: number;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<Exit>;
  #settle: (exit: Exit) => void = () => undefined;
  // The number is the group's own while its leader is not reaped or a member lives (the kernel reserves it).
  // Between the reaping and its report here it would have to be handed out again at once: numbers go round first.
  #hasGroup = true;

  constructor(pid: number, pipes: ScriptPipes) {
    this.pid = pid;
    this.stdin = pipes.stdin;
    this.stdout = pipes.stdout;
    this.stderr = pipes.stderr;
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

  /** The fork server has reaped it; `hasGroup` when children of it live on. */
  ended(exit: Exit, hasGroup: boolean): void {
    this.#hasGroup &&= hasGroup;
    this.#settle(exit);
  }

  /** Its number was given to another process: its group ended unseen. */
  disown(): void {
    this.#hasGroup = false;
  }

  /** Its fork server is gone: nobody will report its end, so it is looked for. */
  orphaned(): void {
    if (!isRunning(this.pid)) {
      this.ended(EXIT_UNKNOWN, this.#hasGroup);
      return;
    }
    setTimeout(() => this.orphaned(), LOOK_EVERY_MS).unref();
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
