// Writes log lines to a descriptor in order, without ever blocking the server or growing without bound.
// A reader that is slow, or a disk that is full for a while, loses lines, and is told how many; a reader that is gone loses all.
import { write } from 'node:fs';

export interface LineWriter {
  /** Takes one line without its end. Returns at once. */
  writeLine(line: string): void;
  /** Settles when all is written, or after so many milliseconds. */
  drain(patienceMilliseconds: number): Promise<void>;
}

/** About 40 000 lines: enough for a burst, nothing beside the memory a server may use. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** A terminal or pipe that another program made non-blocking. */
const RETRY_MILLISECONDS = 10;
/** A disk that is full or sick may be well again. */
const TROUBLE_MILLISECONDS = 1000;
const READER_IS_GONE = new Set(['EPIPE', 'EBADF']);
/** Lines that come together are written together: a write costs about as much as answering a request from memory. */
const GATHER_MILLISECONDS = 50;

/** In so many milliseconds; absent where nobody will ever read. */
function againAfter({ code = '' }: NodeJS.ErrnoException): number | undefined {
  if (READER_IS_GONE.has(code)) return undefined;
  return code === 'EAGAIN' ? RETRY_MILLISECONDS : TROUBLE_MILLISECONDS;
}

export function lineWriter(descriptor: number): LineWriter {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let lost = 0;
  let isWriting = false;
  let isGone = false;
  let idle: (() => void)[] = [];

  const rest = () => {
    isWriting = false;
    for (const settle of idle) settle();
    idle = [];
  };
  const next = () => {
    if (lost > 0) {
      waiting.push(Buffer.from(`${lost} log lines were lost: their reader is too slow, or the disk was full\n`));
      lost = 0;
    }
    if (waiting.length === 0) return rest();
    const chunk = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    send(chunk);
  };
  const send = (chunk: Buffer) => {
    write(descriptor, chunk, (error, count) => {
      const again = error === null ? undefined : againAfter(error);
      if (again !== undefined) return void setTimeout(send, again, chunk);
      if (error) {
        isGone = true;
        waiting = [];
        return rest();
      }
      if (count < chunk.length) return send(chunk.subarray(count));
      if (waiting.length === 0) return next();
      setTimeout(next, GATHER_MILLISECONDS);
    });
  };

  return {
    writeLine(line) {
      if (isGone) return;
      const bytes = Buffer.from(`${line}\n`);
      if (waitingBytes + bytes.length > MAX_WAITING_BYTES) {
        lost += 1;
        return;
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (!isWriting) setTimeout(next, GATHER_MILLISECONDS);
      isWriting = true;
    },
    drain(patienceMilliseconds) {
      if (!isWriting) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, patienceMilliseconds);
        idle.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}
