// CONNECT asks for a tunnel (RFC 9110 §9.3.6), and there is none here. Node hands over the bare connection, on which
// answers may still be due: these are sent first, then the refusal, and the connection ends.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { SCRIPT_METHODS } from './allowed-methods.ts';
import { answerOf, lastAnswer } from './client-error.ts';
import type { Turns } from './turns.ts';

/** `close` ends the connections that are still being answered: Node has forgotten them, and would wait for ever. */
export function refuseTunnels(server: Server, turns: Turns): { close(): void } {
  const connections = new Set<Socket>();
  server.on('connect', (_request, stream) => {
    const socket = stream as Socket;
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    keepFlowing(socket);
    void turns.refuseAfter(socket, () => refuse(socket));
  });
  return {
    close: () => {
      for (const socket of connections) socket.destroy();
    },
  };
}

/** What Node's own listeners did, which it has taken off. */
function keepFlowing(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => answerOf(socket)?.emit('drain'));
  socket.resume();
}

function refuse(socket: Socket): void {
  if (socket.writable) lastAnswer(socket, 405, { fields: `Allow: ${SCRIPT_METHODS}\r\n` });
}
