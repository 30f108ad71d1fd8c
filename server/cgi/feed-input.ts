// Feeds the request body to a script's stdin, no faster than the script reads and no faster than the client sends.
// A script that leaves its body unread is right in doing so: the rest is thrown away, and its answer is not lost.
import type { Writable } from 'node:stream';
import type { ProgressClock } from './progress-clock.ts';
import type { RunObserver } from './run-observer.ts';
import type { RequestBody } from './script-request.ts';

export interface Feeding {
  readonly clock: ProgressClock;
  readonly observer: RunObserver;
  readonly streamed: (count: number) => void;
}

/** Starts feeding; it ends by itself with the body, or when the script closes its stdin. */
export function feedInput(body: RequestBody, stdin: Writable, { clock, observer, streamed }: Feeding): void {
  const { stream } = body;
  let untaken = 0;
  let isWhole = false;

  const settleHold = () => (untaken === 0 && !isWhole ? clock.hold('inputMissing') : clock.release('inputMissing'));
  const onTaken = (error?: Error | null) => {
    untaken -= 1;
    if (error) return;
    clock.progress();
    settleHold();
  };
  const onData = (chunk: Uint8Array) => {
    observer.stdin(chunk);
    streamed(chunk.length);
    untaken += 1;
    settleHold();
    if (!stdin.write(chunk, onTaken)) stream.pause();
  };
  const throwAway = () => {
    isWhole = true;
    clock.release('inputMissing');
    stream.off('data', onData);
    stream.off('data', observer.unread);
    stream.on('data', observer.unread);
    stream.resume();
  };

  settleHold();
  stream.on('data', onData);
  stream.once('end', () => {
    isWhole = true;
    clock.release('inputMissing');
    stdin.end();
  });
  // The client broke off: the script sees the end of its input, and soon its group is ended.
  stream.once('error', () => stdin.destroy());
  stdin.on('drain', () => stream.resume());
  stdin.once('error', throwAway); // EPIPE
  stdin.once('close', throwAway);
}
