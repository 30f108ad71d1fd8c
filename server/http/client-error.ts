// Connections on which no lawful request was read: a short answer where one can still be given, and the end.
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
const LINGER_MS = 1000;

/** Fastify's handler for what Node's parser refuses; called again for what still comes on the same connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.writableEnded || error.code === 'ECONNRESET') {
    if (!socket.writableEnded) socket.destroy();
    return;
  }
  // In the middle of an answer a second status line would look like a part of it.
  if (answerOf(socket)?.headersSent) return void socket.destroy();
  lastAnswer(socket, STATUS_OF_ERROR[error.code ?? ''] ?? 400);
}

/** Writes a short answer, and ends the connection. `fields` are lines, each with its end. */
export function lastAnswer(socket: Socket, status: number, fields = ''): void {
  const reason = STATUS_CODES[status] ?? 'Bad Request';
  const body = `${status} ${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\n${fields}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
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
