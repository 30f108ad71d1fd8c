// Connections on which no lawful request was read: a short answer where one can still be given, and the end.
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ParseError } from './raw-target.ts';

const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
/** What a person at the other end can do about it; the codes are those of Node's parser. */
const WORDS: Readonly<Record<string, string>> = {
  HPE_INVALID_URL:
    'An address begins with a slash, and a control character in it has to be percent-encoded: a tab is %09.',
  HPE_INVALID_METHOD:
    'This is no HTTP method that is known here. Methods are written in capitals; HTTPS needs server.tls.',
  HPE_INVALID_HEADER_TOKEN:
    'A header field has a name, a colon and a value, without blanks in the name or control characters.',
  HPE_INVALID_CONTENT_LENGTH: 'Content-Length is a number of bytes.',
  HPE_UNEXPECTED_CONTENT_LENGTH:
    'The length of the body is told twice: by Content-Length, and by chunks or another Content-Length.',
  HPE_HEADER_OVERFLOW: 'Request line and header are larger than limits.requestHeaderBytes.',
  ERR_HTTP_REQUEST_TIMEOUT: 'The header did not come in time.',
};
const LINGER_MS = 1000;

/** Fastify's handler for what Node's parser refuses; called again for what still comes on the same connection. */
export function refuseConnection(error: ParseError, socket: Socket): void {
  if (!socket.writable || socket.writableEnded || error.code === 'ECONNRESET') {
    if (!socket.writableEnded) socket.destroy();
    return;
  }
  // In the middle of an answer a second status line would look like a part of it.
  if (answerOf(socket)?.headersSent) return void socket.destroy();
  const code = error.code ?? '';
  lastAnswer(socket, STATUS_OF_ERROR[code] ?? 400, { words: WORDS[code], isHead: isOfHead(error) });
}

function isOfHead({ rawPacket, bytesParsed }: ParseError): boolean {
  if (!Buffer.isBuffer(rawPacket)) return false;
  const lines = rawPacket.toString('latin1', 0, bytesParsed).matchAll(/^([A-Z-]+) \S+ HTTP\//gm);
  return [...lines].at(-1)?.[1] === 'HEAD';
}

interface LastWords {
  /** Lines of the header, each with its end. */
  readonly fields?: string;
  readonly words?: string | undefined;
  /** The request was a HEAD: what would be said is told by its length alone. */
  readonly isHead?: boolean;
}

/** Writes a short answer, and ends the connection. */
export function lastAnswer(
  socket: Socket,
  status: number,
  { fields = '', words, isHead = false }: LastWords = {},
): void {
  const reason = STATUS_CODES[status] ?? 'Bad Request';
  const body = `${status} ${reason}\n${words === undefined ? '' : `\n${words}\n`}`;
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nDate: ${new Date().toUTCString()}\r\n${fields}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${isHead ? '' : body}`,
  );
  // Closed with bytes unread, the system would answer with a reset that can overtake the answer.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** The answer that Node is writing on the connection, under a name of its own. */
export function answerOf(
  socket: Socket & { readonly _httpMessage?: ServerResponse | null },
): ServerResponse | null | undefined {
  return socket._httpMessage;
}
