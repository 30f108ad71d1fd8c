// A call of a plan, its templates filled → the request as bytes: query, form, multipart (RFC 7578), JSON or raw body.
// Pure: the files that it sends are read by the one who asks, through `readFile`.
import { basename } from 'node:path';
import { bytesOfText } from '../config/byte-string.ts';
import type { ClientRequest, HeaderField } from './client.ts';
import type { Call } from './plan.ts';

export interface CallSurroundings {
  /** Bytes of a file named in the plan. Throws where it cannot be read. */
  readonly readFile: (path: string) => Buffer;
  /** The Cookie field; "" for none. */
  readonly cookies: string;
}

/** Throws what `readFile` throws. */
export function clientRequest(call: Call, { readFile, cookies }: CallSurroundings): ClientRequest {
  const body = bodyOf(call, readFile);
  const given = Object.entries(call.headers ?? {}).map(([name, value]) => [name, bytesOfText(value)] as const);
  const has = (name: string) => given.some(([field]) => field.toLowerCase() === name);
  const fields: HeaderField[] = [...given];
  if (!has('accept')) fields.push(['Accept', '*/*']);
  if (cookies !== '' && !has('cookie')) fields.push(['Cookie', bytesOfText(cookies)]);
  if (body?.type !== undefined && !has('content-type')) fields.push(['Content-Type', body.type]);
  return { method: call.method, path: pathOf(call), fields, body: body?.bytes };
}

/** Path and query, percent-encoded: what is lawful in the plan's own text stays as it is written. */
function pathOf({ path, query = {} }: Call): string {
  const written = bytesOfText(path.replace(/#.*$/s, '')).replace(/[^\x21-\x7e]/g, percentEncoded);
  const added = formEncoded(query);
  if (added === '') return written;
  return `${written}${written.includes('?') ? '&' : '?'}${added}`;
}

function percentEncoded(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** application/x-www-form-urlencoded, as a browser writes it. */
export function formEncoded(fields: Readonly<Record<string, readonly string[]>>): string {
  const pairs = Object.entries(fields).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new URLSearchParams(pairs).toString();
}

interface CallBody {
  readonly bytes: Buffer;
  readonly type: string | undefined;
}

function bodyOf(call: Call, readFile: (path: string) => Buffer): CallBody | undefined {
  if (call.files !== undefined) return multipart(call, readFile);
  if (call.form !== undefined)
    return { bytes: Buffer.from(formEncoded(call.form)), type: 'application/x-www-form-urlencoded' };
  if (call.json !== undefined) return { bytes: Buffer.from(JSON.stringify(call.json)), type: 'application/json' };
  if (typeof call.body === 'string') return { bytes: Buffer.from(call.body), type: undefined };
  return call.body === undefined ? undefined : { bytes: readFile(call.body.file), type: undefined };
}

/** The same at every run: goldens of a script that shows its body stay as they are. */
const BOUNDARY = '----cgibox-smoke-7MA4YWxkTrZu0gW';

function multipart({ form = {}, files = {} }: Call, readFile: (path: string) => Buffer): CallBody {
  const parts: Buffer[] = [];
  const part = (name: string, rest: string, content: Buffer): void => {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${quoted(name)}"${rest}\r\n\r\n`;
    parts.push(Buffer.from(head), content, Buffer.from('\r\n'));
  };
  for (const [name, values] of Object.entries(form)) for (const value of values) part(name, '', Buffer.from(value));
  for (const [name, { path, name: shown = basename(path), type }] of Object.entries(files))
    part(name, `; filename="${quoted(shown)}"\r\nContent-Type: ${type}`, readFile(path));
  parts.push(Buffer.from(`--${BOUNDARY}--\r\n`));
  return { bytes: Buffer.concat(parts), type: `multipart/form-data; boundary=${BOUNDARY}` };
}

/** As browsers do it (HTML, multipart/form-data encoding algorithm). */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
