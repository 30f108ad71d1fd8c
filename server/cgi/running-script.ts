// A script while it runs: its input is fed, its output handed on, its clock kept, and its group ended when it must be.
// Output goes to one sink at a time and waits for it: memory stays flat however large the answer is.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import type { Exit } from '../diagnosis/cause.ts';
import type { Place } from './admission.ts';
import { feedInput } from './feed-input.ts';
import type { ScriptProcess } from './launcher.ts';
import { isGroupAlive } from './process-group.ts';
import { type ProgressClock, progressClock } from './progress-clock.ts';
import type { RunObserver } from './run-observer.ts';
import type { RequestBody } from './script-request.ts';

/** Why no more output comes: the script closed it, or its group was ended. */
export type OutputEnd = 'closed' | 'timeLimit' | 'clientGone' | 'refused' | 'stopping' | 'runnerLost';

export interface OutputSink {
  /** Takes a chunk; false: no more until `resume`. */
  write(chunk: Uint8Array): boolean;
  end(why: OutputEnd): void;
}

export interface Supervision {
  readonly body: RequestBody | undefined;
  readonly timeoutSeconds: number;
  readonly limits: Config['limits'];
  readonly clientGone: AbortSignal;
  readonly observer: RunObserver;
  /** Told of every byte that goes in or out. */
  readonly streamed: (count: number) => void;
  /** Left when the process has ended. */
  readonly place: Place;
}

// After the exit, what a background child still writes belongs to the answer as long as it keeps coming.
const QUIET_AFTER_EXIT_MS = 1000;
// What the script wrote before its exit is in the pipe already.
const STDERR_PATIENCE_MS = 100;
const FLOOD_BYTES = 32 * 1024;
const FLOOD_PAUSE_MS = 5;
const GROUP_POLL_MS = 20;
// Killed, a process is gone as soon as its parent looks; an init that does not reap must not hold us up.
const KILL_PATIENCE_MS = 2000;

export class RunningScript {
  /** Settles when the process itself has ended. */
  readonly exit: Promise<Exit>;
  readonly #process: ScriptProcess;
  readonly #supervision: Supervision;
  readonly #clock: ProgressClock;
  #sink: OutputSink | undefined;
  readonly #outputEnded = Promise.withResolvers<void>();
  #isPaused = true;
  #isStderrOver = false;
  #onStderrOver: (() => void) | undefined;
  #isDiscarding = false;
  #hasExited = false;
  #isGroupLeft = true;
  #outputEnd: OutputEnd | undefined;
  #isEnding = false;
  #quiet: NodeJS.Timeout | undefined;
  #killing: NodeJS.Timeout | undefined;

  constructor(process: ScriptProcess, supervision: Supervision) {
    this.#process = process;
    this.#supervision = supervision;
    const { place, timeoutSeconds } = supervision;
    this.#clock = progressClock(timeoutSeconds, {
      expired: () => this.#onTimeLimit(),
      waiting: (isWaiting) => (isWaiting ? place.lend() : place.takeBack()),
    });
    this.exit = process.exit;
    this.#watch();
    const { body, observer, clientGone } = supervision;
    if (body !== undefined && process.stdin !== undefined)
      feedInput(body, process.stdin, { clock: this.#clock, observer, streamed: supervision.streamed });
    else body?.stream.resume();
    if (clientGone.aborted) this.end('clientGone');
    else clientGone.addEventListener('abort', this.#onClientGone, { once: true });
  }

  /** Hands output to a new sink, from the first byte that the last one did not take; at `resume` if it is not ready. */
  attach(sink: OutputSink, isReady = true): void {
    this.#sink = sink;
    if (this.#outputEnd !== undefined) sink.end(this.#outputEnd);
    else if (isReady) this.resume();
  }

  /** The sink must wait: output stays in the pipe, and the script's clock stands still. */
  pause(): void {
    this.#isPaused = true;
    this.#process.stdout.pause();
    this.#clock.hold('outputUnread');
  }

  resume(): void {
    this.#isPaused = false;
    this.#clock.release('outputUnread');
    this.#process.stdout.resume();
  }

  /** The answer is whole: what still comes is read and thrown away, and gains the script no time. */
  discard(): void {
    this.#isDiscarding = true;
    this.resume();
  }

  /** Ends the whole process group: SIGTERM, and SIGKILL after `limits.killAfterSeconds`. */
  end(why: Exclude<OutputEnd, 'closed'>): void {
    this.#endOutput(why);
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#signal('SIGTERM');
    this.#killing = setTimeout(() => this.kill(), this.#supervision.limits.killAfterSeconds * 1000);
  }

  /** Ends the whole process group at once. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  /** Settles when stderr has been read to its end; at once where a background child holds it open. */
  async stderrRead(): Promise<void> {
    if (this.#isStderrOver) return;
    const over = new Promise<void>((resolve) => {
      this.#onStderrOver = resolve;
    });
    await Promise.race([over, setTimeoutPromise(STDERR_PATIENCE_MS)]);
  }

  /** Settles when the process and its output have ended, and, where its group was ended, every process of the group. */
  async over(): Promise<void> {
    await this.exit;
    await this.#outputEnded.promise;
    const deadline = performance.now() + this.#supervision.limits.killAfterSeconds * 1000 + KILL_PATIENCE_MS;
    while (this.#isEnding && this.#isGroupAlive() && performance.now() < deadline)
      await setTimeoutPromise(GROUP_POLL_MS);
  }

  readonly #onClientGone = () => this.end('clientGone');

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#isGroupAlive()) this.#process.signalGroup(signal);
  }

  /** Once the leader is reaped its number is free again, unless others of its group are left to hold it. */
  #isGroupAlive(): boolean {
    if (!this.#hasExited) return true;
    this.#isGroupLeft &&= isGroupAlive(this.#process.pid);
    return this.#isGroupLeft;
  }

  #watch(): void {
    const { stdout, stderr } = this.#process;
    const { observer } = this.#supervision;
    stdout.readTo({
      chunk: (bytes) => this.#onOutput(bytes),
      end: () => this.#endOutput('closed'),
      lost: (error) => this.#onBroken(error),
    });
    const onStderrOver = () => {
      this.#isStderrOver = true;
      this.#onStderrOver?.();
    };
    const onStderr = (bytes: Uint8Array) => {
      observer.stderr(bytes);
      // Nothing holds a script back that floods it: others get their turn after each chunk.
      stderr.pause();
      if (bytes.length < FLOOD_BYTES) setImmediate(() => stderr.resume());
      else setTimeout(() => stderr.resume(), FLOOD_PAUSE_MS);
    };
    stderr.readTo({ chunk: onStderr, end: onStderrOver, lost: onStderrOver });
    stderr.resume();
    void this.exit.then((exit) => this.#onExit(exit));
  }

  #onBroken({ message }: Error): void {
    if (this.#outputEnd === undefined) this.#supervision.observer.remark(`the rest of its output was lost: ${message}`);
    this.end('runnerLost');
  }

  #onOutput(chunk: Uint8Array): void {
    if (!this.#isDiscarding) this.#clock.progress();
    this.#quiet?.refresh();
    this.#supervision.observer.stdout(chunk);
    this.#supervision.streamed(chunk.length);
    if (this.#sink?.write(chunk) === false) this.pause();
  }

  #onExit(exit: Exit): void {
    this.#hasExited = true;
    this.#clock.stop();
    this.#supervision.place.leave();
    this.#supervision.observer.exited(exit);
    this.#process.stdin?.destroy();
    if (this.#isEnding && !this.#isGroupAlive()) clearTimeout(this.#killing);
    if (this.#outputEnd === undefined) this.#quiet = setTimeout(() => this.#onQuiet(), QUIET_AFTER_EXIT_MS);
  }

  #onQuiet(): void {
    // A slow client is no sign of silence: the pipe may be full.
    if (this.#isPaused) return void this.#quiet?.refresh();
    this.#supervision.observer.remark(
      'a background process that the script left behind keeps stdout open: the answer was ended 1 s after the exit; ' +
        'redirect the output of the background process, for example with >/dev/null 2>&1',
    );
    this.#endOutput('closed');
  }

  #onTimeLimit(): void {
    const { timeoutSeconds, observer } = this.#supervision;
    if (this.#outputEnd !== undefined || this.#isDiscarding)
      observer.remark(`the script went on when its answer was whole; it was ended after ${timeoutSeconds} s`);
    this.end('timeLimit');
  }

  #endOutput(why: OutputEnd): void {
    if (this.#outputEnd !== undefined) return;
    this.#outputEnd = why;
    clearTimeout(this.#quiet);
    // The answer is whole: a client that leaves now has what it came for, and the script may go on.
    if (why === 'closed') this.#supervision.clientGone.removeEventListener('abort', this.#onClientGone);
    this.#clock.release('outputUnread');
    this.#process.stdout.destroy();
    this.#outputEnded.resolve();
    this.#sink?.end(why);
  }
}
