// One request for a script, run as http/dispatch.ts does, but without a socket: the record is made by the same recorder.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Scripts } from '../cgi/run.ts';
import type { Connection, ScriptRequest } from '../cgi/script-request.ts';
import type { ScriptOutput, ScriptResponse } from '../cgi/script-response.ts';
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { type Cause, type Evidence, statusOf } from '../diagnosis/cause.ts';
import { CgiboxError } from '../errors.ts';
import { beginExchange, type Exchange } from '../exchange/exchange.ts';
import { History, type HistoryEntry } from '../exchange/history.ts';
import { recordRun } from '../exchange/record-run.ts';
import { connection } from '../http/connection.ts';
import { redirected, type Step } from '../http/local-redirect.ts';
import { statusOfNph } from '../http/reply.ts';
import { requestTarget, type Target } from '../site/request-target.ts';
import type { Site } from '../site/resolve.ts';
import type { Resource, ScriptPlace } from '../site/resource.ts';
import type { ExecRequest } from './exec-request.ts';

export interface ExecSetting {
  readonly config: Config;
  readonly site: Site;
  readonly scripts: Scripts;
  readonly interrupted: AbortSignal;
  /** Takes the body of the answer as it comes; all output where it is no lawful answer, or NPH. */
  readonly stdout: (bytes: Uint8Array) => void;
  /** Takes each line that the script writes to stderr, as it comes. */
  readonly stderrLine: (line: ByteString) => void;
}

export interface Executed {
  readonly entry: HistoryEntry;
  /** A lawful answer below 500. */
  readonly isGood: boolean;
  /** What the last local redirect led to, where that is no script. */
  readonly redirectedTo: { readonly location: ByteString; readonly resource: Resource['kind'] } | undefined;
  readonly cause: Cause | undefined;
  readonly evidence: Evidence | undefined;
  readonly scriptFile: ByteString | undefined;
}

/** Of each stream, for the record: what goes to stdout is never cut. */
const RECORDED_BYTES = 16 * 1024 * 1024;
const SHARE_OF_STREAM = 16;

/** @throws CgiboxError USAGE where the URL means no script */
export async function execute(request: ExecRequest, setting: ExecSetting): Promise<Executed> {
  const first = targetOf(request.url);
  const running = begin(request, first, setting);
  const { exchange } = running;
  let step: Step = { target: first, method: request.method, redirectedFrom: undefined };
  for (let hop = 0; ; hop += 1) {
    const resource = setting.site.resolve(step.target);
    if (resource.kind !== 'script') return hop === 0 ? refuse(request, resource) : elsewhere(running, step, resource);
    const response = await runOnce(running, resource.place, step);
    await exchange.exited;
    if (response.kind !== 'localRedirect') return finished(running, response);
    const next = redirected(step, response.location, hop);
    if (next.kind === 'failed') return finished(running, { ...next, evidence: evidenceOf(resource.place) });
    step = next.step;
  }
}

interface Running {
  readonly request: ExecRequest;
  readonly first: Target;
  readonly setting: ExecSetting;
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly entry: HistoryEntry;
}

function targetOf(url: ByteString): Target {
  const outcome = requestTarget(url);
  if (outcome.kind === 'target') return outcome.target;
  throw new CgiboxError('USAGE', `Cannot run "${textOfBytes(url)}": it is no lawful URL`, {
    hint: 'write a path from "/" with its query, percent-encoded, for example /cgi-bin/search.pl?q=a%20b',
  });
}

function begin(request: ExecRequest, first: Target, setting: ExecSetting): Running {
  const from = connectionOf(request, first, setting.config);
  const exchange = beginExchange({
    id: randomUUID(),
    startedAt: Date.now(),
    method: request.method,
    requestUri: first.raw,
    protocol: request.protocol,
    remoteAddress: from.remoteAddress,
    referer: undefined,
    userAgent: undefined,
  });
  const history = new History({ keep: 1, keepBytes: RECORDED_BYTES * SHARE_OF_STREAM });
  history.begin(exchange, {
    fields: request.fields,
    remotePort: 0,
    scheme: setting.config.server.tls === null ? 'http' : 'https',
  });
  const entry = history.get(exchange.id);
  if (entry === undefined) throw new Error('a history of one request has forgotten it');
  return { request, first, setting, connection: from, exchange, entry };
}

/** As a client on this machine would have it. */
function connectionOf({ fields }: ExecRequest, { authority }: Target, { server }: Config): Connection {
  const localAddress = server.host === '::1' ? '::1' : '127.0.0.1';
  // Of fields that are repeated the first one counts.
  const named = Object.fromEntries(fields.toReversed().map(([name, value]) => [name.toLowerCase(), value]));
  return connection({
    socket: { localAddress, localPort: server.port, remoteAddress: localAddress, remotePort: 0 },
    isTls: server.tls !== null,
    host: authority ?? named.host,
    forwarded: server.trustProxy ? named : undefined,
  });
}

async function runOnce(running: Running, place: ScriptPlace, step: Step): Promise<ScriptResponse> {
  const { setting, exchange, request } = running;
  const { limits } = setting.config;
  exchange.resource = 'script';
  if (step.redirectedFrom === undefined && (request.body?.length ?? 0) > limits.bodyBytes) {
    const cause: Cause = { kind: 'bodyTooLarge', limitBytes: limits.bodyBytes };
    return { kind: 'failed', cause, evidence: evidenceOf(place) };
  }
  const response = await setting.scripts.run({
    place,
    request: scriptRequest(running, step),
    clientGone: setting.interrupted,
    observer: recordRun(exchange, setting.stderrLine),
  });
  if ('output' in response) await passOn(response.output, running, step.method === 'HEAD' && response.kind !== 'nph');
  return response;
}

function scriptRequest({ request, first, connection: client, exchange }: Running, step: Step): ScriptRequest {
  const { redirectedFrom: from } = step;
  const body = from === undefined ? request.body : undefined;
  return {
    id: exchange.id,
    method: step.method,
    protocol: request.protocol,
    target: step.target,
    requestUri: first.raw,
    fields: request.fields,
    connection: client,
    redirectedFrom: from === undefined ? undefined : { path: from.path, query: from.query },
    body:
      body === undefined ? undefined : { length: body.length, stream: Readable.from(body.length > 0 ? [body] : []) },
  };
}

/** Settles when the output has ended. */
function passOn(output: ScriptOutput, { exchange, setting }: Running, isHead: boolean): Promise<void> {
  return new Promise((resolve) => {
    const write = (chunk: Uint8Array): boolean => {
      if (isHead) return true;
      exchange.bytesSent += chunk.length;
      setting.stdout(chunk);
      return true;
    };
    const end = (why: string): void => {
      exchange.ending = why === 'closed' ? 'complete' : 'truncated';
      resolve();
    };
    write(output.first);
    output.pipeTo({ write, end });
  });
}

type Final = Exclude<ScriptResponse, { kind: 'localRedirect' }>;

function finished(running: Running, response: Final): Executed {
  const { exchange, entry, setting } = running;
  const cause = response.kind === 'failed' ? response.cause : undefined;
  exchange.status = statusOfAnswer(response);
  exchange.cause = cause;
  if (response.kind === 'clientGone') exchange.ending = 'clientGone';
  if (response.kind === 'failed') setting.stdout(entry.recording.runs.at(-1)?.stdout.bytes() ?? Buffer.alloc(0));
  return executed(running, {
    isGood: exchange.status > 0 && exchange.status < 500 && exchange.ending === 'complete',
    redirectedTo: undefined,
    cause,
    evidence: response.kind === 'failed' ? response.evidence : undefined,
  });
}

/** A local redirect to a page or to nothing: the server answers with that itself. */
function elsewhere(running: Running, { target }: Step, resource: Exclude<Resource, { kind: 'script' }>): Executed {
  const { exchange } = running;
  exchange.resource = resource.kind;
  exchange.ending = 'complete';
  exchange.status = { file: 200, directory: 200, movedTo: 301, absent: 404, refused: 403 }[resource.kind];
  const redirectedTo = { location: target.raw, resource: resource.kind };
  return executed(running, { isGood: true, redirectedTo, cause: undefined, evidence: undefined });
}

function executed(
  { entry, exchange }: Running,
  rest: Pick<Executed, 'isGood' | 'redirectedTo' | 'cause' | 'evidence'>,
): Executed {
  entry.recording.finished = entry.recording.elapsed();
  exchange.finishedAt = exchange.startedAt + entry.recording.finished;
  entry.isFinished = true;
  return { entry, scriptFile: exchange.scriptFile, ...rest };
}

function statusOfAnswer(response: Final): number {
  switch (response.kind) {
    case 'document':
    case 'clientRedirect':
      return response.head.status;
    case 'nph':
      return statusOfNph(response.output);
    case 'failed':
      return statusOf(response.cause);
    case 'clientGone':
      return 0;
    default:
      return response satisfies never;
  }
}

const MEANINGS: Readonly<Record<Exclude<Resource['kind'], 'script'>, string>> = {
  file: 'it is a file, which is sent as it is',
  directory: 'it is a folder, which is listed',
  movedTo: 'it is a folder, and its URL ends in "/"',
  absent: 'there is nothing',
  refused: 'it is never served',
};

function refuse({ url }: ExecRequest, resource: Exclude<Resource, { kind: 'script' }>): never {
  throw new CgiboxError('USAGE', `Cannot run "${textOfBytes(url)}": ${MEANINGS[resource.kind]}`, {
    hint: 'take the URL of a script: cgibox serve lists them at its start; another site is named with --site',
  });
}

function evidenceOf({ scriptFile, scriptName }: ScriptPlace): Evidence {
  return { scriptFile, scriptName, stderr: '', output: '' };
}
