// Sends a request to the site once more, as bytes over its own listener: the whole path is run again. A door to the net.
// The answer is not read: the site records it, and the record is found by the port of our socket.
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HeaderField } from '../cgi/script-request.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { History, HistoryEntry } from '../exchange/history.ts';

export interface SentRequest {
  readonly method: string;
  readonly target: ByteString;
  readonly protocol: string;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
}

export type Sending =
  | { readonly kind: 'recorded'; readonly entry: HistoryEntry }
  /** The server took it for no request at all; `answer` is the beginning of what it said. */
  | { readonly kind: 'notRecorded'; readonly answer: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

const PATIENCE_MS = 10_000;

/** Settles when the site has taken the request. Never rejects. */
export function sendToSite(request: SentRequest, site: { url: string; history: History }): Promise<Sending> {
  const socket = socketTo(new URL(site.url));
  const beganAt = Date.now();
  return new Promise((resolve) => {
    let answer = '';
    const settle = (sending: Sending): void => {
      clearTimeout(patience);
      if (sending.kind !== 'recorded') leave();
      resolve(sending);
    };
    const leave = (): void => {
      unsubscribe();
      socket.destroy();
    };
    const changed = (entry: HistoryEntry): void => {
      const { exchange, recording, isFinished } = entry;
      const isOurs = recording.request.remotePort === socket.localPort && exchange.startedAt >= beganAt;
      if (!isOurs || !isSameAddress(exchange.remoteAddress, socket)) return;
      settle({ kind: 'recorded', entry });
      if (isFinished) leave();
    };
    const unsubscribe = site.history.subscribe({ changed, removed: () => {} });
    const patience = setTimeout(() => settle({ kind: 'notRecorded', answer }), PATIENCE_MS);
    socket.once('error', (error) => settle({ kind: 'unreachable', reason: error.message }));
    socket.once('close', () => {
      unsubscribe();
      settle({ kind: 'notRecorded', answer });
    });
    socket.on('data', (chunk) => {
      if (answer.length < 1000) answer += chunk.toString('latin1').slice(0, 1000);
    });
    socket.once('connect', () => socket.write(bytesOf(request)));
  });
}

/** The bytes on the wire. A body that came in chunks is sent as one chunk. */
function bytesOf({ method, target, protocol, fields, body }: SentRequest): Buffer {
  const head = [`${method} ${target} ${protocol}`, ...fields.map(([name, value]) => `${name}: ${value}`), '', ''];
  const isChunked = fields.some(
    ([name, value]) => name.toLowerCase() === 'transfer-encoding' && /chunked\s*$/i.test(value),
  );
  const framed = isChunked ? [Buffer.from(chunkHead(body.length)), body, Buffer.from(chunkEnd(body.length))] : [body];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), ...framed]);
}

function chunkHead(length: number): string {
  return length === 0 ? '' : `${length.toString(16)}\r\n`;
}

function chunkEnd(length: number): string {
  return length === 0 ? '0\r\n\r\n' : '\r\n0\r\n\r\n';
}

function socketTo({ protocol, hostname, port }: URL): Socket {
  const host = ownAddress(hostname.replace(/^\[|\]$/g, ''));
  // The certificate is the site's own: there is nobody in between to be found out.
  if (protocol === 'https:') return connectTls({ host, port: Number(port), rejectUnauthorized: false });
  return connectPlain({ host, port: Number(port) });
}

/** A listener for every address is reached by loopback. */
function ownAddress(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function isSameAddress(seen: string, { localAddress = '' }: Socket): boolean {
  return seen.replace('::ffff:', '') === localAddress.replace('::ffff:', '');
}
