// Watches the client while it is being answered: gone, half-closed or silent, a script must not run on for nobody.
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ClientWatch {
  /** Fires when no answer can reach the client any more, or it stopped sending its body. */
  readonly gone: AbortSignal;
  /** The client still listens, but has not sent its body for a long time: 408. */
  isSilent(): boolean;
  /** The next script is to come, after others maybe: a half-closed client is given time until it is `active`. */
  waiting(): void;
  /** The script has started, or output went to the client: a half-closed one is given time anew. */
  active(): void;
  /** A piece of a chunked body came. */
  bodyCame(): void;
}

// A FIN after the request is a half-close (nc, some old proxies): the answer is still wanted, but not for ever.
const HALF_CLOSED_SILENCE_MS = 2000;
const BODY_SILENCE_MS = 60_000;

/** Watches until the response is closed. */
export function watchClient(request: IncomingMessage, response: ServerResponse): ClientWatch {
  const { socket } = request;
  const controller = new AbortController();
  const gone = () => controller.abort();
  let isSilent = false;
  let isWaiting = false;
  let silence: NodeJS.Timeout | undefined;

  // An NPH script's output does not pass through the response.
  const isHeldUp = () => isWaiting || response.writableNeedDrain || socket.writableNeedDrain;
  const onSilence = () => (isHeldUp() ? silence?.refresh() : gone());
  const onHalfClose = () => {
    silence ??= setTimeout(onSilence, HALF_CLOSED_SILENCE_MS);
  };
  const bodySilence = watchBody(request, () => {
    isSilent = true;
    gone();
  });

  if (socket.readableEnded) onHalfClose();
  socket.once('end', onHalfClose);
  response.once('close', () => {
    clearTimeout(silence);
    socket.off('end', onHalfClose);
    bodySilence.stop();
    if (!response.writableFinished) gone();
  });
  return {
    gone: controller.signal,
    // Not a getter: V8 makes a hidden class of each literal with one, and that keeps a whole request from collection.
    isSilent: () => isSilent,
    waiting: () => {
      isWaiting = true;
    },
    active: () => {
      isWaiting = false;
      silence?.refresh();
    },
    bodyCame: bodySilence.came,
  };
}

interface BodyWatch {
  /** A piece of it was read. */
  came(): void;
  stop(): void;
}

const NO_BODY: BodyWatch = { came() {}, stop() {} };

/** Calls `silent` when the client has sent nothing of its body for long, although we would take it. */
function watchBody(request: IncomingMessage, silent: () => void): BodyWatch {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (encoding !== undefined) return watchChunks(request, silent);
  return length === '0' ? NO_BODY : watchBytes(request, silent);
}

/**
 * Chunks are spooled at once, so what was read of them counts: bytes may come for ever that are no chunk, and Node's
 * parser does not tell where the client also asked for an upgrade.
 */
function watchChunks(request: IncomingMessage, silent: () => void): BodyWatch {
  const timer = setTimeout(() => {
    if (!request.complete) silent();
  }, BODY_SILENCE_MS);
  return { came: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

function watchBytes(request: IncomingMessage, silent: () => void): BodyWatch {
  let bytesBefore = request.socket.bytesRead;
  // Not socket.setTimeout: Node ends a connection whose socket times out, and a script may think for longer.
  const timer = setInterval(() => {
    const { bytesRead } = request.socket;
    if (!request.complete && !request.isPaused() && bytesRead === bytesBefore) silent();
    bytesBefore = bytesRead;
  }, BODY_SILENCE_MS);
  return { came() {}, stop: () => clearInterval(timer) };
}
