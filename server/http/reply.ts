// Puts answers on the wire: a script's, or a page of the server's own. What a script promised and did not keep never
// corrupts the connection: too much is cut, too little closes it so that the client can tell.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ResponseHead } from '../cgi/response.ts';
import type { OutputEnd } from '../cgi/running-script.ts';
import type { HeaderField } from '../cgi/script-request.ts';
import type { ScriptOutput } from '../cgi/script-response.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { httpDate } from '../static/http-date.ts';
import { isNotModified } from '../static/preconditions.ts';
import { closeLingering } from './lingering-close.ts';
import type { Page } from './page.ts';

export interface ReplyContext {
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  /** Fields of every answer: X-Request-Id, `site.headers`, and the cookies of local redirects. */
  readonly fields: readonly HeaderField[];
  /** Told of each chunk that goes out. */
  readonly onOutput: () => void;
}

/** A page of the server's own, with its status. */
export interface OwnAnswer extends Page {
  readonly status: number;
  readonly fields?: readonly HeaderField[];
}

// Most scripts are done a moment after their first byte: header, body and end then go out in one write to the socket.
const GATHER_MS = 3;
const GATHER_BYTES = 8 * 1024;

/** Sends a page; without its body where the client asked with HEAD. */
export function replyPage(page: OwnAnswer, { response, exchange, fields }: ReplyContext): void {
  exchange.status = page.status;
  const content: HeaderField[] = [
    ['Content-Type', page.contentType],
    ['Content-Length', String(page.body.length)],
    ['Cache-Control', 'no-store'],
  ];
  const own = [...(page.status === 204 ? [] : content), ...(page.fields ?? [])];
  response.writeHead(page.status, withAdded(own, fields).flat());
  if (exchange.method === 'HEAD' || page.status === 204) return void response.end();
  exchange.bytesSent = page.body.length;
  response.end(page.body);
  exchange.recording?.ownPage(page.body);
}

/** Sends a script's document or redirect, as its bytes come; a 304 where the client has that document. */
export function replyDocument(given: ResponseHead, output: ScriptOutput, context: ReplyContext): void {
  const { response, exchange } = context;
  const head = revalidated(given, exchange.method, response.req.headers);
  exchange.status = head.status;
  // The id is ours alone: log, inspector and UNIQUE_ID know the answer by it.
  const written = head.fields.filter(([name]) => name.toLowerCase() !== 'x-request-id');
  const fields = withAdded(written, context.fields).flat();
  const writeHead = (...more: string[]) => {
    if (head.reason === '') response.writeHead(head.status, [...fields, ...more]);
    else response.writeHead(head.status, head.reason, [...fields, ...more]);
  };
  if (exchange.method === 'HEAD' || head.status === 204 || head.status === 304) {
    writeHead();
    return sendNoBody(output, context);
  }
  sendBody(output, { promised: head.contentLength, writeHead }, context);
}

// RFC 9110 §15.4.5: what describes the content that is not sent.
const OF_CONTENT = new Set(['content-type', 'content-length', 'content-encoding', 'content-language', 'last-modified']);

/** A script that gives its page an entity tag or a date need not look itself at what the client has: as in Apache. */
function revalidated(head: ResponseHead, method: string, asked: IncomingHttpHeaders): ResponseHead {
  if (asked['if-none-match'] === undefined && asked['if-modified-since'] === undefined) return head;
  if (head.status !== 200 || (method !== 'GET' && method !== 'HEAD')) return head;
  const value = (name: string) => head.fields.find((field) => field[0].toLowerCase() === name)?.[1];
  const validators = { entityTag: value('etag'), modifiedAt: httpDate(value('last-modified')) };
  if (!isNotModified(asked, validators)) return head;
  const fields = head.fields.filter(([name]) => !OF_CONTENT.has(name.toLowerCase()));
  return { status: 304, reason: '', fields, contentLength: undefined };
}

/** Hands the output of an NPH script to the wire as it is (RFC 3875 §5); the connection ends with it. */
export function replyNph(output: ScriptOutput, { response, exchange, onOutput }: ReplyContext): void {
  const { socket } = response;
  if (socket === null) return output.pipeTo({ write: () => true, end: () => {} });
  exchange.status = statusOfNph(output);
  const write = (chunk: Uint8Array) => {
    exchange.bytesSent += chunk.length;
    onOutput();
    return socket.write(chunk);
  };
  const end = (why: OutputEnd) => {
    if (why === 'closed') endNph(socket, exchange);
    else cut(why, { exchange, destroy: () => resetConnection(socket) });
  };
  socket.on('drain', () => output.resume());
  output.pipeTo({ write, end }, write(output.first));
}

/** As its status line says; 200 where it has none that ends an exchange. */
export function statusOfNph({ first }: ScriptOutput): number {
  return Number(/^HTTP\/\d\.\d ([2-9]\d\d)/.exec(Buffer.from(first).toString('latin1', 0, 16))?.[1] ?? 200);
}

function endNph(socket: Socket, exchange: Exchange): void {
  socket.once('finish', () => {
    exchange.ending = 'complete';
  });
  closeLingering(socket);
}

/** A script is read to its end even where its body goes nowhere. */
function sendNoBody(output: ScriptOutput, { response }: ReplyContext): void {
  response.end();
  output.pipeTo({ write: () => true, end: () => {} });
  output.discard();
}

interface Header {
  /** What the script says of its body's length. */
  readonly promised: number | undefined;
  /** To be called once, before the body; takes further fields as Node does, name and value in turn. */
  readonly writeHead: (...more: string[]) => void;
}

function sendBody(output: ScriptOutput, header: Header, context: ReplyContext): void {
  const { response, exchange, onOutput } = context;
  const { promised } = header;
  const body = gather(response, header);
  const finish = () => {
    body.end();
    output.discard();
  };
  const write = (chunk: Uint8Array): boolean => {
    const left = promised === undefined ? chunk.length : promised - exchange.bytesSent;
    if (left <= 0 || response.writableEnded) return true;
    const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
    exchange.bytesSent += part.length;
    onOutput();
    const mayGoOn = body.write(part);
    if (exchange.bytesSent === promised) finish();
    return mayGoOn || response.writableEnded;
  };
  const end = (why: OutputEnd): void => {
    if (response.writableEnded) return;
    const isShort = promised !== undefined && exchange.bytesSent < promised;
    if (isShort) exchange.remarks.push(`the script promised ${promised} bytes and gave ${exchange.bytesSent}`);
    if (why === 'closed' && !isShort) return body.end();
    body.letGo();
    // Node writes to the socket at the end of this turn: what did come shall arrive.
    cut(why, { exchange, destroy: () => setImmediate(() => breakOff(response, promised)) });
  };
  response.on('drain', () => output.resume());
  if (promised === 0) finish();
  output.pipeTo({ write, end }, output.first.length === 0 || write(output.first));
  body.wait();
}

/** Holds the header and the first bytes of a body back for a moment: with luck they are the whole, and its length is known. */
function gather(response: ServerResponse, { promised, writeHead }: Header) {
  let held: Uint8Array[] | undefined = [];
  let heldBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const take = (): Buffer => {
    clearTimeout(timer);
    const bytes = Buffer.concat(held ?? []);
    held = undefined;
    return bytes;
  };
  const letGo = (): boolean => {
    if (held === undefined || response.writableEnded || response.destroyed) return true;
    writeHead();
    // Also of no bytes, for a script may have flushed its header alone: flushHeaders would make UTF-8 of its values.
    return response.write(take());
  };
  return {
    letGo,
    /** What comes later than this allows goes out by itself. */
    wait(): void {
      if (held === undefined) return;
      timer = setTimeout(letGo, GATHER_MS);
      response.once('close', () => clearTimeout(timer));
    },
    write(chunk: Uint8Array): boolean {
      if (held === undefined) return response.write(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      return heldBytes <= GATHER_BYTES || letGo();
    },
    end(): void {
      const isWhole = held !== undefined;
      const bytes = take();
      if (isWhole && promised === undefined) writeHead('Content-Length', String(bytes.length));
      else if (isWhole) writeHead();
      if (bytes.length > 0) response.end(bytes);
      else response.end();
    },
  };
}

/** An answer that is not whole must not look whole. */
function cut(why: OutputEnd, { exchange, destroy }: { exchange: Exchange; destroy: () => void }): void {
  exchange.ending = why === 'clientGone' ? 'clientGone' : 'truncated';
  if (why === 'timeLimit') exchange.remarks.push('cut at the time limit');
  if (why === 'stopping') exchange.remarks.push('cut because the server stops');
  destroy();
}

/** Where the end of the connection is the end of the body (HTTP/1.0), only a reset can tell that it is not whole. */
function breakOff(response: ServerResponse, promised: number | undefined): void {
  const { socket } = response;
  const isCloseDelimited = promised === undefined && !response.chunkedEncoding;
  if (isCloseDelimited && socket !== null) return resetConnection(socket);
  response.destroy();
}

/** TLS has its own farewell, which then is missing. */
function resetConnection(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Of a field that both name the answer's own counts; cookies are all kept, in the order they were set in. */
function withAdded(own: readonly HeaderField[], added: readonly HeaderField[]): readonly HeaderField[] {
  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const isCookie = ([name]: HeaderField) => name.toLowerCase() === 'set-cookie';
  return [
    ...added.filter(isCookie),
    ...own,
    ...added.filter((field) => !isCookie(field) && !named.has(field[0].toLowerCase())),
  ];
}
