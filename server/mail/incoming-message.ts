// The bytes of a message that is being received: in few pieces, however they come, and no more than there is room for.
// smtp-server gives a chunk of its own for each dot that it takes away: millions of them in a message of dots.

/** What all messages that are being received may still take. */
export interface Room {
  bytes: number;
}

const MAX_LOOSE_CHUNKS = 1000;

export class IncomingMessage {
  readonly #room: Room;
  #joined: Buffer[] = [];
  #loose: Buffer[] = [];
  #length = 0;
  #isDropped = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Without room for it, the message is dropped. */
  add(chunk: Buffer): void {
    if (this.#isDropped) return;
    if (chunk.length > this.#room.bytes) return this.drop();
    this.#room.bytes -= chunk.length;
    this.#length += chunk.length;
    this.#loose.push(chunk);
    if (this.#loose.length === MAX_LOOSE_CHUNKS) this.#joined.push(Buffer.concat(this.#loose.splice(0)));
  }

  get pieces(): number {
    return this.#joined.length + this.#loose.length;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  whole(): Buffer {
    return Buffer.concat([...this.#joined, ...this.#loose]);
  }

  /** Gives its room back; what is added from now on is forgotten. */
  drop(): void {
    this.#isDropped = true;
    this.#room.bytes += this.#length;
    this.#length = 0;
    this.#joined = [];
    this.#loose = [];
  }
}
