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
}

const IN_MEMORY_BYTES = 1024 * 1024;

/** Reads a body to its end. Above `limitBytes` it stops reading; what was spooled is gone then. */
export async function spoolBody(source: Readable, limits: SpoolLimits): Promise<Spooling> {
  const chunks: Uint8Array[] = [];
  let file: FileHandle | undefined;
  let length = 0;
  try {
    // The source is paused, not destroyed, when the loop is left early: the connection still needs an answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > limits.limitBytes) {
        await file?.close();
        return { kind: 'tooLarge' };
      }
      chunks.push(chunk);
      if (length <= IN_MEMORY_BYTES) continue;
      file ??= await openNameless(limits.temporaryFolder);
      await file.writev(chunks.splice(0));
    }
  } catch (error) {
    await file?.close();
    const { code = 'EIO', syscall } = error as NodeJS.ErrnoException;
    return syscall === undefined ? { kind: 'brokenOff' } : { kind: 'failed', errno: code };
  }
  const stream =
    file === undefined ? Readable.from(chunks) : file.createReadStream({ start: 0, highWaterMark: 65_536 });
  return { kind: 'spooled', body: { length, stream } };
}

/** A file that goes when it is closed. */
export async function openNameless(folder: string): Promise<FileHandle> {
  const name = join(folder, `cgibox-body-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  return file;
}
