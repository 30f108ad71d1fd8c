// What a script writes to stdout or stderr: first what the fork server has read, then, where that is not all, the pipe
// itself. Promises: in order, nothing twice, and a reader that waits makes the script wait.
import { readableOf } from './script-pipes.ts';
import { type ScriptStream, type StreamReader, scriptStream } from './script-stream.ts';

export class ForkedOutput implements ScriptStream {
  #reader: StreamReader | undefined;
  /** What the fork server had read before its reader wanted it: it is little. */
  #waiting: Uint8Array[] | undefined;
  #pipe: ScriptStream | undefined;
  #isFlowing = false;
  #isOver = false;
  #hasEnded = false;
  /** Its reader has been told of the end, or wants no more. */
  #isDone = false;
  #loss: Error | undefined;

  /** Nothing of it is in the hands of the fork server any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  readTo(reader: StreamReader): void {
    this.#reader = reader;
    if (this.#loss !== undefined) reader.lost(this.#loss);
  }

  pause(): void {
    this.#isFlowing = false;
    this.#pipe?.pause();
  }

  resume(): void {
    this.#isFlowing = true;
    this.#flow();
  }

  destroy(): void {
    this.#isDone = true;
    this.#waiting = undefined;
    this.#pipe?.destroy();
  }

  /** Bytes that the fork server has read. */
  arrived(bytes: Uint8Array, isEnd: boolean): void {
    this.#isOver ||= isEnd;
    this.#hasEnded ||= isEnd;
    if (this.#isDone) return;
    if (bytes.length > 0) {
      if (this.#isFlowing && this.#waiting === undefined) this.#reader?.chunk(bytes);
      else this.#waiting = [...(this.#waiting ?? []), bytes];
    }
    if (isEnd) this.#flow();
  }

  /** The rest is read from the pipe: a descriptor, or the errno for why it cannot be. */
  takeOver(open: () => number | string): void {
    this.#isOver = true;
    if (this.#isDone) return;
    const descriptor = open();
    if (typeof descriptor === 'string') return this.fail(descriptor);
    this.#pipe = scriptStream(readableOf(descriptor));
    this.#pipe.readTo({
      chunk: (bytes) => this.#reader?.chunk(bytes),
      end: () => {
        this.#hasEnded = true;
        this.#flow();
      },
      lost: (error) => this.#lose(error),
    });
    this.#flow();
  }

  /** What is left of it cannot be had, for a reason. */
  fail(reason: string): void {
    this.#lose(new Error(reason));
  }

  #lose(error: Error): void {
    if (this.#isDone) return;
    this.destroy();
    this.#loss = error;
    this.#reader?.lost(error);
  }

  /** Hands on what its reader takes; it may pause, resume or destroy this meanwhile. */
  #flow(): void {
    while (this.#isFlowing && this.#waiting !== undefined) {
      const [first, ...rest] = this.#waiting;
      this.#waiting = rest.length === 0 ? undefined : rest;
      if (first !== undefined) this.#reader?.chunk(first);
    }
    if (!this.#isFlowing || this.#isDone) return;
    if (!this.#hasEnded) return this.#pipe?.resume();
    this.#isDone = true;
    this.#reader?.end();
  }
}
