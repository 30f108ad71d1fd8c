// Closes a connection so that the answer arrives: closed with bytes unread, the system answers what still comes with a
// reset, and the reset can overtake the answer (RFC 9112 §9.6). So our side is ended first, and the rest is read for a while.
import type { Socket } from 'node:net';

// As long as a client that sends at all may need to notice; Apache waits as long.
const SILENCE_MS = 2000;
const WHOLE_MS = 30_000;

/** Makes Node's http server close this connection in that way, wherever it does so of its own accord. */
export function lingerOnClose(socket: Socket): void {
  socket.destroySoon = () => closeLingering(socket);
}

/** Ends the connection: what was written is sent first. */
export function closeLingering(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableFinished) return linger(socket);
  // A client that takes its answer slowly takes the time it needs.
  socket.once('finish', () => linger(socket));
  socket.end();
}

function linger(socket: Socket): void {
  if (socket.readableEnded) return void socket.destroy();
  const deadline = setTimeout(() => socket.destroy(), WHOLE_MS);
  socket.once('close', () => clearTimeout(deadline));
  socket.once('end', () => socket.destroy());
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  socket.resume();
}
