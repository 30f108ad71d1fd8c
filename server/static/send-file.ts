// Sends a file that resolve.ts found, with @fastify/static (RFC 9110: ETag, Last-Modified, conditions, ranges, HEAD).
// Promises: it is the very file that was judged, or none; the library never sees a URL, nor a name that it could read otherwise.
import { ReadStream } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ByteString } from '../config/byte-string.ts';
import { type OpenedFile, openFile } from '../site/disk.ts';
import type { ServedFile } from '../site/resource.ts';
import { contentTypeOf } from './content-type.ts';
import { entityTagOf, precondition } from './preconditions.ts';

export interface SendOptions {
  /** Declared by the owner for this URL (see declaredCharset); absent: none is named. */
  readonly charset: ByteString | undefined;
  /** Fields added to the answer: one character per byte, lawful values. */
  readonly headers: Readonly<Record<string, ByteString>>;
  /** Called where the file has become shorter while it was sent: the connection ends before what was promised. */
  readonly onShort?: (() => void) | undefined;
}

/** Makes an app able to send files. No route is added. */
export async function registerSendFile(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    serve: false,
    index: false,
    contentType: false,
    cacheControl: false,
    // A 304 has no content, and RFC 9110 §15.4.5 would rather not have it described.
    setHeaders: (reply, _path, { mtime }) => {
      if (reply.statusCode === 304) reply.removeHeader('content-type');
      // §8.8.2.1: a file from tomorrow (a wrong clock, another time zone) was changed today at the latest.
      if (mtime.getTime() > Date.now()) reply.header('last-modified', new Date().toUTCString());
    },
  });
  app.addHook('onSend', async (_request, reply: FastifyReply & Sending, payload) => {
    const sending = reply[SENDING];
    delete reply[SENDING];
    sending?.handedOver();
    if (!(payload instanceof ReadStream)) return sending?.opened.close();
    closeWhenShort(reply, payload, sending?.onShort);
    payload.once('close', () => sending?.opened.close());
  });
}

/** The file of an answer until the library has opened it anew: closed before, its number would be another's by then. */
const SENDING = Symbol('file that is being sent');
interface Sending {
  [SENDING]?: Pick<SendOptions, 'onShort'> & { readonly opened: OpenedFile; readonly handedOver: () => void };
}

/**
 * Answers a GET or HEAD with the file: 200, 206, 304, 412 or 416. Settles when the answer has left, or the client is gone.
 *
 * False where the file is gone, unreadable or no longer what it was when it was judged: nothing is sent then.
 * Several ranges are answered with the whole file, as RFC 9110 §14.2 allows.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, urlPath, charset, headers, onShort }: ServedFile & SendOptions,
): Promise<boolean> {
  const opened = openFile(file);
  if (opened === undefined) return false;
  // Development: the browser asks every time, and gets a 304 where nothing changed.
  reply.headers({ 'cache-control': 'no-cache', ...headers });
  const handedOver = Promise.withResolvers<void>();
  Object.assign(reply, { [SENDING]: { opened, handedOver: handedOver.resolve, onShort } } satisfies Sending);
  const decision = precondition(request.method, request.raw.headers, opened);
  if (decision.kind === 'stop') {
    refuse(reply, decision.status, opened);
  } else {
    // rawHeaders keeps what was sent; the library reads only this.
    request.raw.headers = decision.headers;
    reply.header('content-type', contentTypeOf(urlPath, charset)).sendFile(opened.path);
  }
  // Also where the client is gone: what follows would answer in its stead, and nobody would listen to the stream.
  await handedOver.promise;
  await reply;
  return true;
}

/** A file cut while it is sent: the client must see the end of the connection, never the next answer in the gap. */
function closeWhenShort(reply: FastifyReply, stream: ReadStream, onShort: SendOptions['onShort']): void {
  const promised = Number(reply.getHeader('content-length'));
  // Before the listener that ends the response, which would let the connection go on.
  stream.prependListener('end', () => {
    if (stream.bytesRead >= promised) return;
    onShort?.();
    reply.raw.destroy();
  });
}

function refuse(reply: FastifyReply, status: 412 | 416, file: OpenedFile): void {
  if (status === 416) reply.header('content-range', `bytes */${file.size}`);
  const reason = status === 412 ? 'Precondition Failed' : 'Range Not Satisfiable';
  reply
    .code(status)
    .headers({ etag: entityTagOf(file), 'content-type': 'text/plain' })
    .send(`${status} ${reason}\n`);
}
