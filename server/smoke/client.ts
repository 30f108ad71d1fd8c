// Asks a server: the only file of this room that opens a connection. It knows a base URL, and nothing else.
// One connection for each request: its local port tells the server under test which of its records belongs to it.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Name as sent, value one character per byte. */
export type HeaderField = readonly [name: string, value: string];

/** A request ready to be sent; path and header values are one character per byte. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer | undefined;
}

export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
  readonly milliseconds: number;
  /** Our end of the connection; 0 where it is not known. */
  readonly localPort: number;
}

export interface NoAnswer {
  readonly kind: 'noAnswer';
  /** What is the case, in words. */
  readonly reason: string;
  /** Nobody listens there any more. */
  readonly isGone: boolean;
  readonly milliseconds: number;
  readonly localPort: number;
}

export interface AskOptions {
  /** For the whole answer. */
  readonly timeoutMilliseconds: number;
  /** Ends the request at once. */
  readonly signal: AbortSignal;
}

/** More of a body than this is an error: a smoke test is no download. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Sends one request. Never rejects: a broken connection or an unlawful header is an outcome. */
export function ask(base: URL, request: ClientRequest, options: AskOptions): Promise<Answer | NoAnswer> {
  const from = performance.now();
  const { promise, resolve } = Promise.withResolvers<Answer | NoAnswer>();
  const settle = (outcome: { kind: 'noAnswer'; reason: string; isGone: boolean } | AnswerParts): void => {
    clearTimeout(deadline);
    options.signal.removeEventListener('abort', onAbort);
    resolve({ ...outcome, milliseconds: performance.now() - from, localPort });
    sent.destroy();
  };
  const fail = (reason: string, isGone = false): void => settle({ kind: 'noAnswer', reason, isGone });
  let localPort = 0;
  let status: number | undefined;
  const send = base.protocol === 'https:' ? requestHttps : requestHttp;
  const sent = send(base, {
    method: request.method,
    path: prefixOf(base) + request.path,
    headers: flatHeaders(request, base),
    agent: false,
    setDefaultHeaders: false,
    // A line may end in LF alone (RFC 9112 §2.2), as old NPH scripts write it and every browser reads it.
    insecureHTTPParser: true,
    // The certificate of a development server is its own, that of an old server has run out.
    rejectUnauthorized: false,
  });
  const deadline = setTimeout(() => {
    const what = status === undefined ? 'no answer' : `status ${status}, but no end of the answer`;
    fail(`${what} within ${options.timeoutMilliseconds / 1000} s (--timeout)`);
  }, options.timeoutMilliseconds);
  const onAbort = (): void => fail('interrupted');
  options.signal.addEventListener('abort', onAbort);
  if (options.signal.aborted) onAbort();
  sent.on('socket', (socket) =>
    socket.once('connect', () => {
      localPort = socket.localPort ?? 0;
    }),
  );
  sent.on('error', (error: NodeJS.ErrnoException) => fail(reasonOf(error, base), GONE.has(error.code ?? '')));
  sent.on('response', (response) => {
    status = response.statusCode;
    collect(response, settle, fail);
  });
  sent.end(request.body);
  return promise;
}

const GONE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

type AnswerParts = Pick<Answer, 'kind' | 'status' | 'fields' | 'body'>;

function collect(
  response: IncomingMessage,
  settle: (parts: AnswerParts) => void,
  fail: (reason: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) fail(`the body is larger than ${MAX_BODY_BYTES} bytes`);
    else chunks.push(chunk);
  });
  response.on('error', () => fail('the answer was cut off before its end'));
  response.on('end', () => {
    if (!response.complete) return fail('the answer was cut off before its end');
    settle({
      kind: 'answer',
      status: response.statusCode ?? 0,
      fields: fieldsOf(response),
      body: Buffer.concat(chunks),
    });
  });
}

function fieldsOf({ rawHeaders }: IncomingMessage): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    fields.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return fields;
}

/** A base URL may have a path: the old server keeps the site below /~joe. */
function prefixOf({ pathname }: URL): string {
  return pathname.replace(/\/$/, '');
}

function flatHeaders({ method, fields, body }: ClientRequest, base: URL): readonly string[] {
  const has = (name: string) => fields.some(([given]) => given.toLowerCase() === name);
  const flat = fields.flat();
  if (!has('host')) flat.unshift('Host', base.host);
  const mayHaveBody = body !== undefined || method === 'POST' || method === 'PUT';
  if (mayHaveBody && !has('content-length')) flat.push('Content-Length', String(body?.length ?? 0));
  if (!has('connection')) flat.push('Connection', 'close');
  return flat;
}

function reasonOf(error: NodeJS.ErrnoException, { host }: URL): string {
  if (error.code === 'ECONNREFUSED') return `nothing listens at ${host}: the server is gone`;
  if (error.code === 'ECONNRESET') return 'the server closed the connection without an answer';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return `the host name ${host} is not known`;
  if (error.code?.startsWith('HPE_') === true) return `the answer is not lawful HTTP: ${error.message}`;
  return error.message === '' ? (error.code ?? 'no answer') : error.message;
}
