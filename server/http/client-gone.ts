// Watches the client while it is being answered: gone, half-closed or silent, a script must not run on for nobody.
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ClientWatch {
  /** Fires when no answer can reach the client any more, or it stopped sending its body. */
  readonly gone: AbortSignal;
  /** The client still listens, but has not sent its body for a long time: 408. */
  readonly isSilent: boolean;
  /** Output went to the client: a half-closed one is given time anew. */
  active(): void;
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
  let silence: NodeJS.Timeout | undefined;

  const onSilence = () => (response.writableNeedDrain ? silence?.refresh() : gone());
  const onHalfClose = () => {
    silence ??= setTimeout(onSilence, HALF_CLOSED_SILENCE_MS);
  };
  const onIdle = () => {
    if (request.complete || request.isPaused()) return;
    isSilent = true;
    gone();
  };

  if (socket.readableEnded) onHalfClose();
  socket.once('end', onHalfClose);
  socket.setTimeout(BODY_SILENCE_MS, onIdle);
  response.once('close', () => {
    clearTimeout(silence);
    socket.off('end', onHalfClose);
    socket.off('timeout', onIdle);
    if (!response.writableFinished) gone();
  });
  return {
    gone: controller.signal,
    get isSilent() {
      return isSilent;
    },
    active: () => void silence?.refresh(),
  };
}
