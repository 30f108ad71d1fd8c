// A client that decides itself when it sends, reads, half-closes and leaves: what fetch() does not let a test do.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Status line and fields, as they came. */
  readonly head: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Latin1; what came of it where it is not whole. */
  readonly body: string;
  /** It ended as its header promised, or at the end of the connection where that is its end. */
  readonly isWhole: boolean;
}

/** One connection. Answers are taken from it in order. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #arrived: Buffer[] = [];
  #isOver = false;
  #wasReset = false;
  #news = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#arrived.push(chunk);
      this.#tell();
    });
    socket.on('error', () => {
      this.#wasReset = true;
    });
    for (const event of ['end', 'close'])
      socket.once(event, () => {
        this.#isOver = true;
        this.#tell();
      });
  }

  /** The server reset the connection instead of closing it. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** What has come and was not taken yet. */
  get received(): string {
    return this.#gather().toString('latin1');
  }

  /** Sends bytes (a string is latin1); settles when the system has taken them, or the connection is over. */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((settle) => {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => settle());
    });
  }

  /** The next answer; of a request made with HEAD it has no body. Fails after so many milliseconds. */
  async answer({ isHead = false, withinMs = 20_000 } = {}): Promise<RawAnswer> {
    const head = await this.#until(() => this.#gather().indexOf('\r\n\r\n') + 1 || undefined, withinMs, 'an answer');
    if (head === undefined) throw new Error(`no answer but ${JSON.stringify(this.received.slice(0, 500))}`);
    const text = this.#take(head + 3).toString('latin1');
    const fields = fieldsOf(text);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]);
    if (status < 200) return { status, head: text, fields, body: '', isWhole: true };
    const hasBody = !isHead && status !== 204 && status !== 304;
    const { body, isWhole } = hasBody ? await this.#body(fields, withinMs) : { body: '', isWhole: true };
    return { status, head: text, fields, body, isWhole };
  }

  /** Settles when the server has ended the connection; fails if it does not within the time. */
  async over(withinMs = 20_000): Promise<void> {
    await this.#until(() => (this.#isOver ? true : undefined), withinMs, 'the end of the connection');
  }

  /** Leaves with a FIN, as a program that ends does. */
  leave(): void {
    this.socket.destroy();
  }

  /** Leaves with a RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #body(fields: ReadonlyMap<string, string>, withinMs: number): Promise<{ body: string; isWhole: boolean }> {
    if (fields.get('transfer-encoding') === 'chunked') return this.#chunkedBody(withinMs);
    const length = fields.get('content-length');
    const wanted = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    await this.#until(() => (this.#count() >= wanted ? true : undefined), withinMs, 'a body');
    const body = this.#take(Math.min(wanted, this.#gather().length)).toString('latin1');
    return { body, isWhole: length === undefined ? !this.#wasReset : body.length === wanted };
  }

  async #chunkedBody(withinMs: number): Promise<{ body: string; isWhole: boolean }> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = await this.#until(() => this.#gather().indexOf('\r\n') + 1 || undefined, withinMs, 'a chunk');
      const size = line === undefined ? Number.NaN : Number.parseInt(this.#take(line + 1).toString('latin1'), 16);
      const whole = await this.#until(() => (this.#count() >= size + 2 ? true : undefined), withinMs, 'a chunk');
      if (whole === undefined) chunks.push(this.#take(this.#gather().length));
      else chunks.push(this.#take(size + 2).subarray(0, size));
      if (whole === undefined || size === 0)
        return { body: Buffer.concat(chunks).toString('latin1'), isWhole: whole !== undefined };
    }
  }

  /** Gathering at each chunk would copy a long body again and again. */
  #count(): number {
    return this.#arrived.reduce((sum, chunk) => sum + chunk.length, this.#received.length);
  }

  #gather(): Buffer {
    if (this.#arrived.length > 0) this.#received = Buffer.concat([this.#received, ...this.#arrived.splice(0)]);
    return this.#received;
  }

  #take(count: number): Buffer {
    const received = this.#gather();
    const taken = received.subarray(0, count);
    this.#received = received.subarray(count);
    return taken;
  }

  /** Undefined where the connection is over first. */
  async #until<Value>(look: () => Value | undefined, withinMs: number, what: string): Promise<Value | undefined> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const value = look();
      if (value !== undefined || this.#isOver) return value;
      const left = deadline - Date.now();
      const timer = setTimeout(() => this.#tell(), left);
      await this.#news.promise;
      clearTimeout(timer);
      if (Date.now() >= deadline) throw new Error(`${what} did not come within ${withinMs} ms`);
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

/** Connects, and sends bytes at once where some are given. The connection may be half-closed. */
export async function rawClient(port: number, bytes: string | Uint8Array = ''): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const client = new RawClient(socket);
  await once(socket, 'connect');
  if (bytes.length > 0) void client.send(bytes);
  return client;
}

/** The text of a request; without `Host` in the fields one is added. */
export function requestText(line: string, fields: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...fields, '', body].join('\r\n');
}

function fieldsOf(head: string): ReadonlyMap<string, string> {
  const lines = head.split('\r\n').slice(1);
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
}
