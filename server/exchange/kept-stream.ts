// The first bytes of one stream, kept in memory: what is beyond the share is counted and thrown away.
// Costs a request next to nothing: large chunks are kept by reference, small ones are copied into a block.

/** Told of memory that is taken; whoever counts it may make room elsewhere. */
export type Charge = (bytes: number) => void;

/** When bytes from `offset` on came: milliseconds since the request was accepted. */
export interface Arrival {
  readonly offset: number;
  readonly at: number;
}

export interface KeptStreamOptions {
  /** Most bytes kept, as it is now. */
  readonly share: () => number;
  readonly charge: Charge;
}

const BY_REFERENCE_BYTES = 4096;
const SMALLEST_BLOCK = 512;
const LARGEST_BLOCK = 16 * 1024;
// A script that flushes byte by byte must not make us keep a time for each of them.
const MOST_ARRIVALS = 4096;
const ARRIVAL_CHARGE = 48;

export class KeptStream {
  readonly #options: KeptStreamOptions;
  readonly #chunks: Uint8Array[] = [];
  readonly #arrivals: Arrival[] = [];
  #block: Buffer | undefined;
  #blockUsed = 0;
  #kept = 0;
  #total = 0;

  constructor(options: KeptStreamOptions) {
    this.#options = options;
  }

  /** Bytes that came, kept or not. */
  get totalBytes(): number {
    return this.#total;
  }

  get keptBytes(): number {
    return this.#kept;
  }

  get isCut(): boolean {
    return this.#kept < this.#total;
  }

  /** By offset; times beyond the first few thousand are not kept. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** Takes a chunk that nobody will change. */
  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    const room = this.#options.share() - this.#kept;
    if (room <= 0 || chunk.length === 0) return;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#kept += part.length;
    if (part.length >= BY_REFERENCE_BYTES) this.#keepWhole(part);
    else this.#keepInBlock(part);
  }

  /** As `push`, and remembers when. */
  pushAt(chunk: Uint8Array, at: number): void {
    const last = this.#arrivals.at(-1);
    const isNews = last === undefined || at - last.at >= 1;
    if (isNews && this.#arrivals.length < MOST_ARRIVALS && this.#kept < this.#options.share()) {
      this.#arrivals.push({ offset: this.#kept, at });
      this.#options.charge(ARRIVAL_CHARGE);
    }
    this.push(chunk);
  }

  /** What was kept, at most `limit` bytes of it: a copy. */
  bytes(limit = Number.POSITIVE_INFINITY): Buffer {
    const parts =
      this.#block === undefined ? this.#chunks : [...this.#chunks, this.#block.subarray(0, this.#blockUsed)];
    return Buffer.concat(parts, Math.min(limit, this.#kept));
  }

  #keepWhole(part: Uint8Array): void {
    this.#closeBlock();
    // A slice of something much larger would hold all of it in memory.
    const isSlice = part.buffer.byteLength > part.length * 2;
    this.#chunks.push(isSlice ? Uint8Array.prototype.slice.call(part) : part);
    this.#options.charge(isSlice ? part.length : part.buffer.byteLength);
  }

  #keepInBlock(part: Uint8Array): void {
    if (this.#block === undefined || this.#block.length - this.#blockUsed < part.length) this.#openBlock(part.length);
    this.#block?.set(part, this.#blockUsed);
    this.#blockUsed += part.length;
  }

  #openBlock(needed: number): void {
    const former = this.#block?.length ?? 0;
    this.#closeBlock();
    const size = Math.min(Math.max(former * 2, SMALLEST_BLOCK, needed), LARGEST_BLOCK);
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#blockUsed = 0;
    this.#options.charge(size);
  }

  #closeBlock(): void {
    if (this.#block !== undefined) this.#chunks.push(this.#block.subarray(0, this.#blockUsed));
    this.#block = undefined;
  }
}
