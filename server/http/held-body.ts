// A body whose script does not read it now. The end of a connection comes behind the bytes that the system holds, so a
// client that left would be seen only when its body is read: it is read ahead here, slowly, into a file without a name.
// Promises: memory stays flat, and the client is held to `AHEAD_BYTES` a look as long as the script reads nothing.
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { openNameless } from './body-spool.ts';

/** What is shorter fits into the buffers between here and the script: nothing of it is ever held. */
export const HOLDABLE_BYTES = 32 * 1024;

const PATIENCE_MS = 1000;
const LOOK_EVERY_MS = 250;
const AHEAD_BYTES = 512 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** The body of `source`. Errors where the client breaks off; destroyed, it lets the rest go by. */
export class HeldBody extends Readable {
  readonly #source: IncomingMessage;
  readonly #temporaryFolder: string;
  #file: FileHandle | undefined;
  #readAt = 0;
  #writtenTo = 0;
  /** Comes after what the file holds. */
  #ahead: Buffer[] = [];
  #aheadBytes = 0;
  #isAhead = false;
  #isWhole = false;
  #isWanted = false;
  #isBusy = false;
  #look: NodeJS.Timeout | undefined;

  constructor(source: IncomingMessage, temporaryFolder: string) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#source = source;
    this.#temporaryFolder = temporaryFolder;
    source.on('data', this.#onData);
    source.pause();
    source.once('end', () => {
      this.#isWhole = true;
      if (!this.#isAhead) this.push(null);
      else if (this.#isWanted) void this.#serve();
    });
    // Not the source: once its answer is given, Node tells it nothing more.
    source.socket.once('close', this.#onGone);
    // Nobody may listen yet, or any more.
    source.on('error', () => {});
    this.on('error', () => {});
    this.#lookIn(PATIENCE_MS);
  }

  override _read(): void {
    this.#isWanted = true;
    if (this.#isAhead) return void this.#serve();
    clearTimeout(this.#look);
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#look);
    this.#source.off('data', this.#onData);
    this.#source.socket.off('close', this.#onGone);
    this.#source.resume();
    this.#close();
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#isAhead) {
      this.#isWanted = false;
      if (this.push(chunk)) return;
      this.#source.pause();
      return this.#lookIn(PATIENCE_MS);
    }
    this.#ahead.push(chunk);
    this.#aheadBytes += chunk.length;
    if (this.#aheadBytes >= AHEAD_BYTES) this.#source.pause();
    if (this.#isWanted) void this.#serve();
  };

  readonly #onGone = (): void => {
    if (!this.#isWhole) this.destroy(new Error('the client broke off'));
  };

  #lookIn(milliseconds: number): void {
    clearTimeout(this.#look);
    this.#look = setTimeout(() => void this.#lookAhead(), milliseconds);
    this.#look.unref();
  }

  async #lookAhead(): Promise<void> {
    if (this.#isWhole || this.destroyed) return;
    this.#isAhead = true;
    await this.#alone(async () => {
      if (await this.#putAside()) this.#source.resume();
    });
    if (this.#isAhead) this.#lookIn(LOOK_EVERY_MS);
  }

  /** False where there is no room: the client then waits for the script, and is not seen to leave. */
  async #putAside(): Promise<boolean> {
    if (this.#aheadBytes < CHUNK_BYTES) return true; // not worth a file: the client drips
    const bytes = Buffer.concat(this.#ahead.splice(0));
    let written = 0;
    try {
      this.#file ??= await openNameless(this.#temporaryFolder);
      ({ bytesWritten: written } = await this.#file.write(bytes, 0, bytes.length, this.#writtenTo));
    } catch {
      // Kept in memory, below.
    }
    this.#writtenTo += written;
    if (written < bytes.length) this.#ahead.unshift(bytes.subarray(written));
    this.#aheadBytes -= written;
    return this.#aheadBytes < AHEAD_BYTES;
  }

  async #serve(): Promise<void> {
    await this.#alone(async () => {
      const bytes = await this.#next();
      if (this.destroyed) return;
      if (bytes.length > 0 || this.#isWhole) {
        this.#isWanted = false;
        this.push(bytes.length > 0 ? bytes : null);
      } else {
        this.#isAhead = false;
        clearTimeout(this.#look);
        this.#source.resume();
      }
    });
  }

  async #next(): Promise<Buffer> {
    if (this.#file !== undefined && this.#readAt < this.#writtenTo) {
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, this.#writtenTo - this.#readAt));
      const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#readAt);
      this.#readAt += bytesRead;
      return bytes.subarray(0, bytesRead);
    }
    this.#readAt = 0;
    this.#writtenTo = 0;
    this.#aheadBytes = 0;
    return Buffer.concat(this.#ahead.splice(0));
  }

  /** One thing at a time on the file. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await work();
    } catch (error) {
      this.destroy(error as Error);
    } finally {
      this.#isBusy = false;
      if (this.destroyed)
        this.#close(); // it may have been opened since
      else if (this.#isWanted && this.#isAhead) void this.#serve();
    }
  }

  #close(): void {
    void this.#file?.close().catch(() => {});
  }
}
