// Spools a body of unknown length: in memory first, then in a file that has no name any more. A door to the file system.
// RFC 3875 §4.1.2 wants CONTENT_LENGTH exact, so a chunked body must be whole before its script starts.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { RequestBody } from '../cgi/script-request.ts';

export type Spooling =
  | { readonly kind: 'spooled'; readonly body: RequestBody }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'brokenOff' }
  | { readonly kind: 'failed'; readonly errno: string };

export interface SpoolLimits {
  readonly limitBytes: number;
  readonly temporaryFolder: string;
  /** Called for each piece of the body. */
  readonly came: () => void;
}

const IN_MEMORY_BYTES = 1024 * 1024;
/** Of all bodies at once: a thousand clients that send half a megabyte and fall silent must not fill the memory. */
const ALL_IN_MEMORY_BYTES = 16 * 1024 * 1024;
let allInMemory = 0;

/** Reads a body to its end. Above `limitBytes` it stops reading; what was spooled is gone then. */
export async function spoolBody(source: Readable, limits: SpoolLimits): Promise<Spooling> {
  const memory = new HeldChunks();
  let file: FileHandle | undefined;
  let length = 0;
  const giveUp = async () => {
    memory.take();
    await file?.close();
  };
  try {
    // The source is paused, not destroyed, when the loop is left early: the connection still needs an answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      limits.came();
      if (length > limits.limitBytes) {
        await giveUp();
        return { kind: 'tooLarge' };
      }
      memory.add(chunk);
      if (file === undefined && memory.hasRoom) continue;
      file ??= await openNameless(limits.temporaryFolder);
      await file.writev(memory.take());
    }
  } catch (error) {
    await giveUp();
    const { code = 'EIO', syscall } = error as NodeJS.ErrnoException;
    return syscall === undefined ? { kind: 'brokenOff' } : { kind: 'failed', errno: code };
  }
  const stream = file === undefined ? memory.stream() : file.createReadStream({ start: 0, highWaterMark: 65_536 });
  return { kind: 'spooled', body: { length, stream } };
}

/** The beginning of a body, in memory while there is room for it. */
class HeldChunks {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  get hasRoom(): boolean {
    return this.#bytes <= IN_MEMORY_BYTES && allInMemory <= ALL_IN_MEMORY_BYTES;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    allInMemory += chunk.length;
  }

  /** Gives them away: they take no room here any more. */
  take(): Uint8Array[] {
    allInMemory -= this.#bytes;
    this.#bytes = 0;
    return this.#chunks.splice(0);
  }

  /** They take room until it is closed. */
  stream(): Readable {
    const stream = Readable.from(this.#chunks);
    stream.once('close', () => this.take());
    return stream;
  }
}

/** A file that goes when it is closed. */
export async function openNameless(folder: string): Promise<FileHandle> {
  const name = join(folder, `cgibox-body-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  return file;
}
