// Request targets with bytes above 0x7F: old pages link to names in ISO-8859-1 or EUC, and curl sends what it is given.
// Node's parser refuses them, with the packet at hand. They are percent-encoded for it and read again, and what the
// client sent is put back before anything looks at it.
import { type IncomingMessage, METHODS } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteString } from '../config/byte-string.ts';
import type { Turns } from './turns.ts';

/** What Node's parser tells of what it refuses: `bytesParsed` is the place in `rawPacket`. */
export interface ParseError extends NodeJS.ErrnoException {
  readonly bytesParsed?: number;
  readonly rawPacket?: unknown;
}

interface Spelling {
  readonly raw: ByteString;
  readonly encoded: ByteString;
}

export class RawTargets {
  readonly #turns: Turns;
  /** Of the next request of a connection. */
  readonly #spellings = new WeakMap<Socket, Spelling>();
  /** What has come of a request line that was read anew and is not whole yet. */
  readonly #unfinished = new WeakMap<Socket, ByteString>();

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** The target as the client sent it. */
  of({ socket, url = '' }: Pick<IncomingMessage, 'socket' | 'url'>): ByteString {
    const spelling = this.#spellings.get(socket);
    this.#spellings.delete(socket);
    return spelling?.encoded === url ? spelling.raw : url;
  }

  /** Reads on where the only thing wrong is such a byte; false where something else is. */
  readOn(error: ParseError, socket: Socket): boolean {
    const line = requestLine(error, this.#unfinished.get(socket));
    if (line === undefined || socket.destroyed) return false;
    this.#unfinished.delete(socket);
    const { method, raw, rest } = line;
    const encoded = percentEncoded(raw);
    const comeSince = stopReading(socket);
    void this.#turns.answered(socket).then(() => {
      if (socket.destroyed || socket.writableEnded) return;
      const since = Buffer.concat(comeSince).toString('latin1');
      this.#spellings.set(socket, { raw, encoded });
      readAnew(socket, Buffer.from(method + encoded + rest + since, 'latin1'));
      if (!(rest + since).includes('\n')) this.#follow(socket, method + raw + rest + since);
    });
    return true;
  }

  /** The rest of a long target comes in further packets, with or without such bytes. */
  #follow(socket: Socket, begun: ByteString): void {
    let text = begun;
    this.#unfinished.set(socket, text);
    const onData = (chunk: Buffer) => {
      if (text.includes('\n')) {
        this.#unfinished.delete(socket);
        return void socket.off('data', onData);
      }
      text += chunk.toString('latin1');
      const [, raw = ''] = /^[A-Z-]+ ([^ \r\n]*)/.exec(text) ?? [];
      this.#spellings.set(socket, { raw, encoded: percentEncoded(raw) });
      this.#unfinished.set(socket, text);
    };
    // Node's parser reads past the events until somebody listens to them by `on`; it shall see each packet after us.
    socket.on('data', onData);
    socket.off('data', onData);
    socket.prependListener('data', onData);
  }
}

interface RequestLine {
  readonly method: string;
  readonly raw: ByteString;
  readonly rest: ByteString;
}

// Leftmost, so the longest: UNLINK, not LINK. A blank ends a target, so the last one is that behind the method.
const READ_OF_LINE = new RegExp(`(?:${METHODS.join('|')}) [!-~]*$`);

/** Only where the line began in this packet, or is unfinished from before: what else came before is not to be had. */
function requestLine(error: ParseError, unfinished: ByteString | undefined): RequestLine | undefined {
  const { code, bytesParsed = 0, rawPacket } = error;
  if (code !== 'HPE_INVALID_URL' || !Buffer.isBuffer(rawPacket)) return undefined;
  // What the parser stopped at. All before it may be the body of another request.
  if ((rawPacket[bytesParsed] ?? 0) < 0x80) return undefined;
  const packet = rawPacket.toString('latin1');
  const [begun] = READ_OF_LINE.exec(packet.slice(0, bytesParsed)) ?? [];
  const text = unfinished ?? (begun ?? '') + packet.slice(bytesParsed);
  const place = bytesParsed + text.length - packet.length;
  const [, method, raw] = /^([A-Z-]+ )([!-~\u0080-\u00ff]+)/.exec(text) ?? [];
  if (method === undefined || raw === undefined) return undefined;
  // Behind it: it is a later request that is wrong.
  if (unfinished !== undefined && place > method.length + raw.length) return requestLine(error, undefined);
  return { method, raw, rest: text.slice(method.length + raw.length) };
}

function percentEncoded(raw: ByteString): string {
  return raw.replace(/[\u0080-\u00ff]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** Node's parser, under a name of its own, reads past the socket's events. */
interface Parsed {
  readonly parser?: { unconsume(): void; remove(): void; close(): void } | null;
}

/** Gives what comes all the same: turns.ts lets a connection flow again when fewer requests wait. */
function stopReading(socket: Socket & Parsed): readonly Buffer[] {
  const chunks: Buffer[] = [];
  socket.removeAllListeners('data');
  socket.parser?.unconsume();
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    socket.pause();
  });
  socket.pause();
  return chunks;
}

/** As if the connection were new. */
function readAnew(socket: Socket & Parsed & { readonly server?: NodeJS.EventEmitter }, packet: Buffer): void {
  const { parser } = socket;
  // Else Node would look after the old parser's deadlines, and end the connection at them.
  parser?.remove();
  setImmediate(() => parser?.close());
  socket.setMaxListeners(0); // Node adds one for "close" each time
  for (const event of ['data', 'end', 'drain', 'timeout', 'resume', 'pause']) socket.removeAllListeners(event);
  socket.server?.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
  socket.emit('data', packet);
  // Flowing or not, its reading may have been stopped: only a change of state starts it.
  socket.pause();
  socket.resume();
}
