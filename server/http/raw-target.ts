// Request targets with bytes above 0x7F: old pages link to names in ISO-8859-1 or EUC, and curl sends what it is given.
// Node's parser refuses them, with the packet at hand. They are percent-encoded for it and read again, and what the
// client sent is put back before anything looks at it.
import type { IncomingMessage } from 'node:http';
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
    const line = requestLine(error);
    if (line === undefined || socket.destroyed) return false;
    const encoded = line.raw.replace(/[\u0080-\u00ff]/g, percentEncoded);
    const packet = Buffer.from(line.method + encoded + line.rest, 'latin1');
    const comeSince = stopReading(socket);
    void this.#turns.answered(socket).then(() => {
      if (socket.destroyed || socket.writableEnded) return;
      this.#spellings.set(socket, { raw: line.raw, encoded });
      readAnew(socket, Buffer.concat([packet, ...comeSince]));
    });
    return true;
  }
}

interface RequestLine {
  readonly method: string;
  readonly raw: ByteString;
  readonly rest: ByteString;
}

/** Only where the line began in this packet: what came before is not to be had. */
function requestLine({ code, bytesParsed = 0, rawPacket }: ParseError): RequestLine | undefined {
  if (code !== 'HPE_INVALID_URL' || !Buffer.isBuffer(rawPacket)) return undefined;
  const text = rawPacket.toString('latin1');
  const begin = text.lastIndexOf('\n', bytesParsed) + 1;
  const [, method, raw] = /^([A-Z-]+ )([!-~\u0080-\u00ff]+)/.exec(text.slice(begin)) ?? [];
  if (method === undefined || raw === undefined || begin + method.length > bytesParsed) return undefined;
  if (!/[\u0080-\u00ff]/.test(raw)) return undefined;
  return { method, raw, rest: text.slice(begin + method.length + raw.length) };
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
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
