// One request as dispatch.ts works on it: Node's and Fastify's objects, the record, and what all answers need.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HeaderField } from '../cgi/script-request.ts';
import type { ByteString } from '../config/byte-string.ts';
import { beginExchange, type Exchange } from '../exchange/exchange.ts';
import { type ClientWatch, watchClient } from './client-gone.ts';
import { clientAddress } from './connection.ts';
import type { ReplyContext } from './reply.ts';

export interface Incoming {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly exchange: Exchange;
  readonly fields: readonly HeaderField[];
  readonly client: ClientWatch;
  /** For reply.ts; its fields grow with the cookies of local redirects. */
  readonly context: ReplyContext;
}

/** `added` are `site.headers`. */
export function incoming(
  request: FastifyRequest,
  reply: FastifyReply,
  { now, added, trustProxy }: { now: number; added: Readonly<Record<string, ByteString>>; trustProxy: boolean },
): Incoming {
  const { raw } = request;
  const client = watchClient(raw, reply.raw);
  const exchange = beginExchange({
    id: request.id,
    startedAt: now,
    method: raw.method ?? 'GET',
    requestUri: request.originalUrl,
    protocol: `HTTP/${raw.httpVersion}`,
    remoteAddress: clientAddress({ socket: raw.socket, forwarded: trustProxy ? raw.headers : undefined }),
    referer: raw.headers.referer,
    userAgent: raw.headers['user-agent'],
  });
  const fields: HeaderField[] = [['X-Request-Id', request.id], ...Object.entries(added)];
  return {
    request,
    reply,
    exchange,
    fields: headerFields(raw.rawHeaders),
    client,
    context: { response: reply.raw, exchange, fields, onOutput: () => client.active() },
  };
}

/** The request with the cookies of a local redirect added to its answer. */
export function withFields(from: Incoming, fields: readonly HeaderField[]): Incoming {
  return { ...from, context: { ...from.context, fields: [...from.context.fields, ...fields] } };
}

function headerFields(raw: readonly string[]): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) fields.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return fields;
}
