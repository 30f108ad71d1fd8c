// Wires Fastify: every request, whatever its method, target or headers, goes to dispatch.ts as it came.
// A catch-all route would refuse odd ones by itself (Fastify 5: "%E9" is a 400, an odd Content-Type a 415), hence the hook.
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { registerSendFile } from '../static/send-file.ts';
import { refuseConnection } from './client-error.ts';
import { dispatch, newExchangeId } from './dispatch.ts';
import { type Incoming, incoming } from './incoming.ts';
import { lingerOnClose } from './lingering-close.ts';
import { RawTargets } from './raw-target.ts';
import { recordEnd } from './record-end.ts';
import type { Serving } from './serving.ts';
import { certificateAndKey } from './tls.ts';
import { refuseTunnels } from './tunnel.ts';
import { Turns } from './turns.ts';

export interface AppOptions {
  /** The serving of this moment. */
  readonly serving: () => Serving;
  readonly onRequest: (from: Incoming) => void;
  /** Told when a request has been answered; its script, if any, has then ended, or outlives its answer. */
  readonly onAnswered: (exchange: Exchange) => void;
  /** The server is about to stop: connections are not kept. */
  readonly isStopping: () => boolean;
}

// Deadlines for clients that drip: a request's header, and a connection between two requests.
const HEADER_DEADLINE_MS = 20_000;
const IDLE_DEADLINE_MS = 15_000;
const DEADLINE_CHECK_MS = 2_000;

/** Builds the app for one listener. */
export async function createApp(config: Config, options: AppOptions): Promise<FastifyInstance> {
  const turns = new Turns();
  const targets = new RawTargets(turns);
  const app = Fastify({
    ...transport(config),
    logger: false,
    requestTimeout: 0, // an upload may take hours; silence is watched in client-gone.ts
    keepAliveTimeout: IDLE_DEADLINE_MS,
    genReqId: newExchangeId,
    rewriteUrl: (request) => {
      Object.assign(request, { originalUrl: targets.of(request) });
      return '/';
    },
    clientErrorHandler: (error, socket) => void (targets.readOn(error, socket) || refuse(turns, error, socket)),
    forceCloseConnections: true,
  });
  const { server } = app;
  server.headersTimeout = HEADER_DEADLINE_MS;
  server.maxHeadersCount = 0; // bounded by bytes; a limit in number would drop the rest in silence
  Object.assign(server, { httpAllowHalfOpen: true }); // a client's FIN ends its request, not our answer
  server.on(config.server.tls === null ? 'connection' : 'secureConnection', lingerOnClose);
  // dispatch.ts decides whether the client is told to send its body, and answers what else it expects.
  for (const event of ['checkContinue', 'checkExpectation'])
    server.on(event, (request, response) => void server.emit('request', request, response));
  const tunnels = refuseTunnels(server, turns);
  app.addHook('preClose', async () => tunnels.close());
  await registerSendFile(app);
  app.addHook('onRequest', (request, reply) => inTurn(turns, request, { reply, options }));
  return app;
}

function transport(config: Config) {
  const http = {
    maxHeaderSize: config.limits.requestHeaderBytes,
    connectionsCheckingInterval: DEADLINE_CHECK_MS,
    requireHostHeader: false, // its answer would not be one of our pages
  };
  const { tls } = config.server;
  if (tls === null) return { http };
  return { https: { ...http, ...certificateAndKey(tls) } };
}

async function inTurn(turns: Turns, request: FastifyRequest, { reply, options }: Asked): Promise<void> {
  const { mayAnswer, done } = await turns.take(request.raw);
  if (!mayAnswer) {
    reply.hijack();
    return done();
  }
  const { isOver } = await answer(request, reply, options);
  void isOver.then(done);
}

/** A connection that broke is over at once; one on which nonsense came is owed its answers first. */
async function refuse(turns: Turns, error: NodeJS.ErrnoException, socket: Socket): Promise<void> {
  if (error.code === 'ECONNRESET') return refuseConnection(error, socket);
  await turns.refuseAfter(socket, () => refuseConnection(error, socket));
}

interface Asked {
  readonly reply: FastifyReply;
  readonly options: AppOptions;
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: AppOptions) {
  const serving = options.serving();
  const { trustProxy } = serving.config.server;
  const from = incoming(request, reply, { now: Date.now(), added: serving.headers, trustProxy });
  // Node's parser drops what came in one packet behind a request with Upgrade: the client must send it again.
  if (options.isStopping() || request.raw.headers.upgrade !== undefined) reply.raw.shouldKeepAlive = false;
  // The image's health check: it is no request of a visitor.
  const isServers = request.raw.method === 'OPTIONS' && request.originalUrl === '*';
  if (!isServers) options.onRequest(from);
  const isOver = recordEnd(from, isServers ? () => {} : options.onAnswered);
  await dispatch(from, serving);
  return { isOver };
}

/** `site.headers` as bytes. */
export function siteHeaders(config: Config): Serving['headers'] {
  return Object.fromEntries(Object.entries(config.site.headers).map(([name, value]) => [name, bytesOfText(value)]));
}
