// The path of one request: target → resource → file, folder or script → answer. The only loop is the local redirect.
import { randomUUID } from 'node:crypto';
import type { RunObserver } from '../cgi/run-observer.ts';
import type { RequestBody, ScriptRequest } from '../cgi/script-request.ts';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { Cause, Evidence } from '../diagnosis/cause.ts';
import { debugRun, meaningOf } from '../exchange/debug-run.ts';
import { recordRun } from '../exchange/record-run.ts';
import { requestTarget, type Target } from '../site/request-target.ts';
import type { ScriptPlace } from '../site/resource.ts';
import { FILE_METHODS, SCRIPT_METHODS } from './allowed-methods.ts';
import { answerBug, answerFailure, answerRefusal, answerResource } from './answer.ts';
import { connection } from './connection.ts';
import { type Incoming, withFields } from './incoming.ts';
import { redirected, type Step } from './local-redirect.ts';
import { replyDocument, replyNph } from './reply.ts';
import { expectation, requestBody } from './request-body.ts';
import { framingProblem } from './request-framing.ts';
import type { Serving } from './serving.ts';

/** Ids of exchanges: X-Request-Id, UNIQUE_ID, log line, inspector. */
export function newExchangeId(): string {
  return randomUUID();
}

/** Answers one request. Settles when the answer has begun, or cannot be given. Never rejects. */
export async function dispatch(from: Incoming, serving: Serving): Promise<void> {
  try {
    await answer(from, serving);
  } catch (error) {
    answerBug(from, error);
  }
}

async function answer(from: Incoming, serving: Serving): Promise<void> {
  const { raw, originalUrl } = from.request;
  const problem = framingProblem(raw, originalUrl, serving.config.limits.requestHeaderBytes);
  if (problem !== undefined) return answerRefusal(from, { status: problem.status, closes: true });
  // Whether its body still comes is in doubt.
  if (expectation(raw) === 'unknown') return answerRefusal(from, { status: 417, closes: true });
  if (from.exchange.method === 'OPTIONS' && originalUrl === '*')
    return answerRefusal(from, { status: 204, fields: [['Allow', SCRIPT_METHODS]] });
  const asked = requestTarget(originalUrl);
  if (asked.kind === 'refused') return answerRefusal(from, { status: asked.status, reason: asked.reason });
  if (from.exchange.method === 'TRACE') {
    const allow = serving.site.resolve(asked.target).kind === 'script' ? SCRIPT_METHODS : FILE_METHODS;
    return answerRefusal(from, { status: 405, fields: [['Allow', allow]] });
  }
  return follow(from, serving, asked.target);
}

async function follow(from: Incoming, serving: Serving, first: Target): Promise<void> {
  let step: Step = { target: first, method: from.exchange.method, redirectedFrom: undefined };
  let current = from;
  for (let hop = 0; ; hop += 1) {
    const resource = serving.site.resolve(step.target);
    from.exchange.resource = resource.kind;
    serving.debugStep?.(from.exchange, meaningOf(step.target, resource));
    if (resource.kind !== 'script')
      return answerResource(current, { resource, method: step.method, redirectedTo: redirectedTo(step) }, serving);
    const outcome = await runOnce(current, { place: resource.place, step, first }, serving);
    if (outcome === undefined) return;
    const { location, script } = outcome;
    current = withFields(current, outcome.fields);
    const next = redirected(step, location, hop);
    if (next.kind === 'failed')
      return answerFailure(current, { cause: next.cause, evidence: withoutStreams(script) }, serving);
    step = next.step;
  }
}

function redirectedTo({ redirectedFrom, target }: Step): ByteString | undefined {
  return redirectedFrom === undefined ? undefined : target.raw;
}

function withoutStreams(place: ScriptPlace): Evidence {
  return { scriptFile: place.scriptFile, scriptName: place.scriptName, stderr: '', output: '' };
}

interface ScriptStep {
  readonly place: ScriptPlace;
  readonly step: Step;
  readonly first: Target;
}

interface LocalRedirect {
  readonly location: ByteString;
  readonly fields: Incoming['fields'];
  readonly script: ScriptPlace;
}

/** Runs a script and answers, unless it redirects locally. */
async function runOnce(from: Incoming, at: ScriptStep, serving: Serving): Promise<LocalRedirect | undefined> {
  const { place } = at;
  const body =
    at.step.redirectedFrom === undefined
      ? await bodyOf(from, at, serving)
      : { kind: 'taken' as const, body: undefined };
  if (body.kind === 'answered') return undefined;
  from.client.waiting();
  const response = await serving.scripts.run({
    place,
    request: scriptRequest(from, at, { config: serving.config, body: body.body }),
    clientGone: from.client.gone,
    observer: observerOf(from, serving),
  });
  if (response.kind === 'failed' || response.kind === 'clientGone') discardSpooled(from, body.body);
  switch (response.kind) {
    case 'localRedirect':
      return { location: response.location, fields: response.fields, script: place };
    case 'document':
    case 'clientRedirect':
      from.reply.hijack();
      return void replyDocument(response.head, response.output, from.context);
    case 'nph':
      from.reply.hijack();
      return void replyNph(response.output, from.context);
    case 'failed':
      return void answerFailure(from, response, serving);
    case 'clientGone':
      return void answerGone(from);
    default:
      return response satisfies never;
  }
}

function observerOf({ client, exchange }: Incoming, { stderrLine, debugStep }: Serving): RunObserver {
  const record = recordRun(exchange, (line) => stderrLine(exchange, line));
  const observer: RunObserver = {
    ...record,
    started: (run) => {
      client.active();
      record.started(run);
    },
  };
  return debugStep === undefined ? observer : debugRun(observer, (step) => debugStep(exchange, step));
}

type TakenBody = { readonly kind: 'taken'; readonly body: RequestBody | undefined } | { readonly kind: 'answered' };

async function bodyOf(from: Incoming, { place }: ScriptStep, serving: Serving): Promise<TakenBody> {
  const { request, reply } = from;
  const limitBytes = serving.config.limits.bodyBytes;
  const { temporaryFolder } = serving;
  const failed = (cause: Cause): TakenBody => {
    answerFailure(from, { cause, evidence: withoutStreams(place) }, serving);
    // Its rest is thrown away until the connection ends.
    request.raw.resume();
    return { kind: 'answered' };
  };
  const taking = requestBody(request.raw, reply.raw, { limitBytes, temporaryFolder, came: from.client.bodyCame });
  const outcome = await Promise.race([taking, clientSilent(from)]);
  switch (outcome.kind) {
    case 'none':
      return { kind: 'taken', body: undefined };
    case 'spooled':
      return { kind: 'taken', body: outcome.body };
    case 'tooLarge':
      return failed({ kind: 'bodyTooLarge', limitBytes });
    case 'brokenOff':
      answerGone(from);
      return { kind: 'answered' };
    case 'failed':
      return failed({ kind: 'spoolFailed', errno: outcome.errno, folder: bytesOfText(temporaryFolder) });
    default:
      return outcome satisfies never;
  }
}

/** A client may fall silent while its body is spooled, before a script knows of it. */
function clientSilent({ client }: Incoming): Promise<{ readonly kind: 'brokenOff' }> {
  return new Promise((resolve) =>
    client.gone.addEventListener('abort', () => resolve({ kind: 'brokenOff' }), { once: true }),
  );
}

/** A script that never started did not read its body: the file would stay open. The connection's own stream goes on. */
function discardSpooled(from: Incoming, body: RequestBody | undefined): void {
  if (body !== undefined && body.stream !== from.request.raw) body.stream.destroy();
}

/** Nobody listens any more, or the client fell silent in the middle of its body. */
function answerGone(from: Incoming): void {
  if (from.client.isSilent()) return answerRefusal(from, { status: 408, closes: true });
  from.exchange.ending = 'clientGone';
  from.reply.hijack();
  from.reply.raw.destroy();
}

function scriptRequest(
  { request, exchange, fields }: Incoming,
  { step, first }: ScriptStep,
  { config, body }: { config: Config; body: RequestBody | undefined },
): ScriptRequest {
  const { raw } = request;
  const from = step.redirectedFrom;
  return {
    id: exchange.id,
    method: step.method,
    protocol: exchange.protocol,
    target: step.target,
    requestUri: first.raw,
    fields,
    connection: connection({
      socket: raw.socket,
      isTls: 'encrypted' in raw.socket,
      host: first.authority ?? raw.headers.host,
      forwarded: config.server.trustProxy ? raw.headers : undefined,
    }),
    redirectedFrom: from === undefined ? undefined : { path: from.path, query: from.query },
    body,
  };
}
