// Response types (RFC 3875 §6.2): the header of a script → document, local redirect or client redirect.
// Pure. Fields that only concern one connection are dropped here; what is left may go on the wire as it is.
import type { ByteString } from '../config/byte-string.ts';
import { isHopByHop } from '../config/hop-by-hop.ts';
import type { Cause } from '../diagnosis/cause.ts';
import type { HeaderOutcome } from './header-parser.ts';
import type { HeaderField } from './script-request.ts';

export interface ResponseHead {
  readonly status: number;
  /** Reason phrase of the script; "" where it gave none. */
  readonly reason: ByteString;
  /** Without Status and hop-by-hop fields; Content-Length only where it is lawful and single. */
  readonly fields: readonly HeaderField[];
  /** Value of that Content-Length. */
  readonly contentLength: number | undefined;
}

export type ResponseType =
  | { readonly kind: 'document'; readonly head: ResponseHead }
  /** §6.2.3, §6.2.4: a Location that leads elsewhere, with or without a document. */
  | { readonly kind: 'clientRedirect'; readonly head: ResponseHead }
  /** §6.2.2. `fields` are the cookies, which go with the final answer. */
  | { readonly kind: 'localRedirect'; readonly location: ByteString; readonly fields: readonly HeaderField[] }
  | { readonly kind: 'failed'; readonly cause: Cause };

type CompleteHeader = Extract<HeaderOutcome, { kind: 'complete' }>;

// RFC 9110 §5.3: a list field may be repeated, these may not; the last one counts, as in Apache.
const SINGLE = new Set(['content-type', 'content-length', 'location', 'status', 'date', 'server']);
const FOUND = { code: 302, reason: '' };
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Decides the type of a response from its header. Never throws. */
export function responseType(header: CompleteHeader): ResponseType {
  const { fields, lineOf } = singleFields(withoutBlanks(header));
  const value = (name: string) => fields.find((field) => field[0].toLowerCase() === name)?.[1];
  const location = value('location');
  const statusField = value('status');
  if (location === undefined && statusField === undefined && value('content-type') === undefined)
    return failed({ kind: 'headerWithoutCgiField' });
  const status = readStatus(statusField);
  if (status === undefined)
    return failed({ kind: 'statusMalformed', line: lineOf('status'), value: statusField ?? '' });
  if (location === undefined) {
    const code = status.code ?? (header.isErrorReport ? 500 : 200);
    return { kind: 'document', head: head({ ...status, code }, fields) };
  }
  if (location === '') return failed({ kind: 'locationMalformed', line: lineOf('location'), value: location });
  if (isLocal(location, status.code)) return localRedirect(location, fields);
  // A browser does not follow the Location of a 200, and whoever writes both means a redirect (as Apache reads it).
  const { code = 200, reason } = status;
  return { kind: 'clientRedirect', head: head(code === 200 ? FOUND : { code, reason }, fields) };
}

function failed(cause: Cause): ResponseType {
  return { kind: 'failed', cause };
}

/** A blank in a Location, which old scripts take from a form, is encoded: what every browser does with it. */
function withoutBlanks(header: CompleteHeader): CompleteHeader {
  const fields = header.fields.map(([name, value]): HeaderField => {
    const isLocation = name.toLowerCase() === 'location';
    return [name, isLocation ? value.replaceAll(' ', '%20').replaceAll('\t', '%09') : value];
  });
  return { ...header, fields };
}

function singleFields(header: CompleteHeader) {
  const last = new Map<string, number>();
  for (const [index, [name]] of header.fields.entries()) last.set(name.toLowerCase(), index);
  const fields = header.fields.filter(([name], index) => {
    const key = name.toLowerCase();
    return !SINGLE.has(key) || last.get(key) === index;
  });
  return { fields, lineOf: (name: string) => header.lines[last.get(name) ?? 0] ?? 1 };
}

/** §6.3.3. 1xx is refused: it announces a further answer. No Status at all gives no code. "200OK" is read as Apache does. */
function readStatus(value: ByteString | undefined): { code: number | undefined; reason: ByteString } | undefined {
  if (value === undefined) return { code: undefined, reason: '' };
  const match = /^([2-9]\d\d)(?!\d)[ \t]*(.*)$/.exec(value);
  return match ? { code: Number(match[1]), reason: match[2] ?? '' } : undefined;
}

/**
 * A path on this server that the client need not know of. With a Status other than 200 the script means the client
 * (as Apache reads it); a fragment is for the client alone.
 */
function isLocal(location: ByteString, status: number | undefined): boolean {
  if (ABSOLUTE_URI.test(location) || !location.startsWith('/')) return false;
  return (status === undefined || status === 200) && !location.includes('#');
}

function localRedirect(location: ByteString, fields: readonly HeaderField[]): ResponseType {
  return { kind: 'localRedirect', location, fields: fields.filter(([name]) => name.toLowerCase() === 'set-cookie') };
}

function head(status: { code: number; reason: ByteString }, fields: readonly HeaderField[]): ResponseHead {
  const length = fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  const contentLength = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return {
    status: status.code,
    reason: status.reason,
    fields: fields.filter(([name]) => isForClient(name.toLowerCase(), status.code, contentLength)),
    contentLength,
  };
}

function isForClient(name: string, status: number, contentLength: number | undefined): boolean {
  if (name === 'status' || isHopByHop(name)) return false;
  // RFC 9110 §8.6: a 204 has no length.
  return name !== 'content-length' || (contentLength !== undefined && status !== 204);
}
