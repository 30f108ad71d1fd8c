// What a script writes to stdout or stderr, as a stream: first what the fork server has read, then, where that is not
// all, the pipe itself. Promises: in order, nothing twice, and a reader that waits makes the script wait.
import { Readable } from 'node:stream';
import { readableOf } from './script-pipes.ts';

export class ForkedOutput extends Readable {
  #pipe: Readable | undefined;
  #isOver = false;

  /** Nothing of it is in the hands of the fork server any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes that the fork server has read. They are few, so they wait here for their reader. */
  arrived(bytes: Uint8Array, isEnd: boolean): void {
    this.#isOver ||= isEnd;
    if (this.destroyed) return;
    if (bytes.length > 0) this.push(bytes);
    if (isEnd) this.push(null);
  }

  /** The rest is read from the pipe: a descriptor, or the errno for why it cannot be. */
  takeOver(open: () => number | string): void {
    this.#isOver = true;
    if (this.destroyed) return;
    const descriptor = open();
    if (typeof descriptor === 'string') return this.fail(descriptor);
    const pipe = readableOf(descriptor);
    this.#pipe = pipe;
    pipe.on('data', (chunk: Uint8Array) => {
      if (!this.push(chunk)) pipe.pause();
    });
    pipe.once('end', () => this.push(null));
    pipe.once('error', (error) => this.destroy(error));
    if (this.readableFlowing !== true) pipe.pause();
  }

  /** What is left of it cannot be had: destroyed with an error that says why. */
  fail(reason: string): void {
    if (!this.readableEnded) this.destroy(new Error(reason));
  }

  override _read(): void {
    this.#pipe?.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pipe?.destroy();
    callback(error);
  }
}
