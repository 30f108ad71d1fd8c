// One output of a script, as the rest of cgi/ reads it: less than a stream of Node, of which a request would make two.
import type { Readable } from 'node:stream';

export interface StreamReader {
  chunk(bytes: Uint8Array): void;
  /** No more will come. */
  end(): void;
  /** The rest cannot be had. */
  lost(error: Error): void;
}

/** Nothing comes before `resume`, after `pause`, or after `destroy`; but for `lost`, which does not wait for `resume`. */
export interface ScriptStream {
  /** Once. */
  readTo(reader: StreamReader): void;
  pause(): void;
  resume(): void;
  /** The script finds its pipe closed. */
  destroy(): void;
}

export function scriptStream(readable: Readable): ScriptStream {
  return {
    readTo: (reader) => {
      readable.on('data', (chunk: Uint8Array) => reader.chunk(chunk));
      readable.pause();
      readable.once('end', () => reader.end());
      readable.on('error', (error) => reader.lost(error));
    },
    pause: () => void readable.pause(),
    resume: () => void readable.resume(),
    destroy: () => void readable.destroy(),
  };
}
