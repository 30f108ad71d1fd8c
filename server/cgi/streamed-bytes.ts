// Gives back the memory of what has streamed through. Each chunk is garbage as soon as it is written, but its bytes lie
// outside V8's heap, and V8 collects by the size of that heap: left to itself it keeps some 60 MB of them (measured).
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A collection of the young generation takes about a millisecond. */
const COLLECT_EVERY_BYTES = 8 * 1024 * 1024;

/** Counts bytes that streamed through; now and then the buffers they came in are collected. */
export function streamedBytes(): (count: number) => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  let uncollected = 0;
  return (count) => {
    uncollected += count;
    if (uncollected < COLLECT_EVERY_BYTES) return;
    uncollected = 0;
    collect({ type: 'minor' });
  };
}
