// Pipelined requests of a connection (RFC 9112 §9.3.2) are answered one after the other: the second may ask for what
// the first wrote. None is answered on a connection that has ended, and only so many are read ahead.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** More wait in the network: a client must not fill our memory with requests. */
const READ_AHEAD = 32;

interface Connection {
  /** Settles when everything that was read so far is answered. */
  idle: Promise<unknown>;
  pending: number;
  newest: IncomingMessage;
  isRefused: boolean;
}

export class Turns {
  readonly #connections = new WeakMap<Socket, Connection>();

  /** Waits for the requests before; false where the connection has ended meanwhile. `done` must be called in any case. */
  async take(request: IncomingMessage): Promise<{ readonly mayAnswer: boolean; readonly done: () => void }> {
    const { socket } = request;
    const connection = this.#connectionOf(request);
    const before = connection.idle;
    const turn = Promise.withResolvers<void>();
    connection.idle = turn.promise;
    connection.newest = request;
    connection.pending += 1;
    // Not at once: Node starts reading again when it has this request whole.
    const pause = () => void (connection.pending > READ_AHEAD && socket.pause());
    if (connection.pending > READ_AHEAD) setImmediate(pause);
    const done = () => {
      connection.pending -= 1;
      if (connection.pending === READ_AHEAD) socket.resume();
      turn.resolve();
    };
    await before;
    return { mayAnswer: !socket.destroyed && !socket.writableEnded, done };
  }

  /** Calls `refuse` once; where what is wrong lies behind whole requests, after their answers. */
  async refuseAfter(socket: Socket, refuse: () => void): Promise<void> {
    const connection = this.#connections.get(socket);
    if (connection === undefined || connection.pending === 0 || !connection.newest.complete) return refuse();
    if (connection.isRefused) return;
    connection.isRefused = true;
    await connection.idle;
    refuse();
  }

  /** Settles when everything that was read of the connection is answered. */
  async answered(socket: Socket): Promise<void> {
    await this.#connections.get(socket)?.idle;
  }

  #connectionOf(request: IncomingMessage): Connection {
    const known = this.#connections.get(request.socket);
    if (known !== undefined) return known;
    const connection = { idle: Promise.resolve(), pending: 0, newest: request, isRefused: false };
    this.#connections.set(request.socket, connection);
    return connection;
  }
}
