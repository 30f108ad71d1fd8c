// A proxy that remembers: what a browser asks and what the server answers, for a plan (--record).
// Opens a port of its own. Pictures, styles and scripts of the browser pass through, but are not remembered.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isHopByHop } from '../config/hop-by-hop.ts';
import { headerValues } from './answer-text.ts';
import { type Answer, ask, type ClientRequest, type HeaderField } from './client.ts';

/** A request with its answer, as they were. */
export interface Recorded {
  readonly request: ClientRequest;
  readonly answer: Pick<Answer, 'status' | 'fields' | 'body'>;
}

export interface Recorder {
  readonly url: string;
  readonly recorded: readonly Recorded[];
  close(): Promise<void>;
}

export interface RecorderOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMilliseconds: number;
  /** Told of each request that is remembered. */
  readonly onRecorded: (recorded: Recorded) => void;
}

/** Rejects with the system's error where the port cannot be had. */
export async function startRecorder(base: URL, options: RecorderOptions): Promise<Recorder> {
  const recorded: Recorded[] = [];
  const ended = new AbortController();
  const server = createServer((incoming, response) => {
    void pass(incoming, response, { base, options, signal: ended.signal }).then((each) => {
      if (each === undefined || !isWorthAPlan(each)) return;
      recorded.push(each);
      options.onRecorded(each);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    recorded,
    close: async () => {
      ended.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Passing {
  readonly base: URL;
  readonly options: RecorderOptions;
  readonly signal: AbortSignal;
}

/** Never rejects. */
async function pass(
  incoming: IncomingMessage,
  response: ServerResponse,
  { base, options, signal }: Passing,
): Promise<Recorded | undefined> {
  const body = Buffer.concat(await incoming.toArray().catch(() => []));
  const proxy = `http://${incoming.headers.host ?? ''}`;
  const request: ClientRequest = {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    fields: passedOn(fieldsOf(incoming)).map(([name, value]) => [name, value.replaceAll(proxy, base.origin)]),
    body: body.length > 0 ? body : undefined,
  };
  const { timeoutMilliseconds } = options;
  const answer = await ask(base, request, { timeoutMilliseconds, signal });
  if (answer.kind === 'noAnswer') {
    response.writeHead(502, { 'Content-Type': 'text/plain' }).end(`${base.href} gave no answer: ${answer.reason}\n`);
    return undefined;
  }
  const fields = answer.fields
    .filter(([name]) => !isHopByHop(name) && name.toLowerCase() !== 'content-length')
    .map(([name, value]): HeaderField => [name, toProxy(name, value, { base, proxy })]);
  response.writeHead(answer.status, [...fields.flat(), 'Content-Length', String(answer.body.length)]);
  response.end(request.method === 'HEAD' ? undefined : answer.body);
  return { request, answer };
}

/** Asked for whole and plain: an answer "304 Not Modified" or a compressed one is no use in a plan. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  'content-length',
  'host',
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'if-range',
  'range',
  'expect',
]);

function passedOn(fields: readonly HeaderField[]): readonly HeaderField[] {
  return fields.filter(([name]) => !isHopByHop(name) && !NOT_PASSED.has(name.toLowerCase()));
}

function fieldsOf({ rawHeaders }: IncomingMessage): readonly HeaderField[] {
  return rawHeaders.flatMap((name, index): HeaderField[] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
}

/** Redirects and cookies of the server, as they must be for a browser that knows the proxy only. */
function toProxy(name: string, value: string, { base, proxy }: { readonly base: URL; readonly proxy: string }): string {
  if (/^(?:location|refresh|content-location)$/i.test(name)) return value.replace(base.origin, proxy);
  if (/^set-cookie$/i.test(name)) return value.replace(/;\s*(?:domain=[^;]*|secure)(?=;|$)/gi, '');
  return value;
}

export function isWorthAPlan({ answer }: Recorded): boolean {
  const [type = ''] = headerValues(answer.fields, 'content-type');
  return !/^(?:image|font|audio|video)\/|^text\/css|javascript/i.test(type);
}
