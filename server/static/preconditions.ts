// Conditional and range requests (RFC 9110 §13.2.2, §14.2): which of them stops a request for a file, and which bytes are asked for.
// Stands in front of @fastify/send, which answers 412 and 416 through an error page, gives ranges of a HEAD, takes a suffix longer than the
// file for unsatisfiable, and resumes by a weak If-Range. Pure.
import type { IncomingHttpHeaders } from 'node:http';
import { httpDate } from './http-date.ts';

export interface Version {
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** What tells whether a copy is still good (RFC 9110 §8.8): absent or NaN where that is not known. */
export interface Validators {
  readonly entityTag: string | undefined;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export type Precondition =
  | { readonly kind: 'stop'; readonly status: 412 | 416 }
  /** Headers that ask @fastify/send for what is to be sent, and nothing it would answer differently. */
  | { readonly kind: 'send'; readonly headers: IncomingHttpHeaders };

/** The entity tag that @fastify/send gives to a file. Weak: two writes within a millisecond look the same. */
export function entityTagOf({ size, modifiedAt }: Version): string {
  return `W/"${size.toString(16)}-${Math.floor(modifiedAt).toString(16)}"`;
}

/** Evaluates the header fields of a GET or HEAD in the order of §13.2.2. Dates that are none are not there. */
export function precondition(method: string, asked: IncomingHttpHeaders, version: Version): Precondition {
  const { 'if-match': match, 'if-unmodified-since': unmodifiedSince, 'if-range': ifRange, range, ...others } = asked;
  if (!holds(match, unmodifiedSince, version)) return { kind: 'stop', status: 412 };
  const headers = withLawfulDate(others);
  const isFresh = ifRange === undefined || httpDate(String(ifRange)) === wholeSeconds(version.modifiedAt);
  if (method !== 'GET' || range === undefined || !isFresh || isNotModified(headers, validatorsOf(version)))
    return { kind: 'send', headers };
  const wanted = satisfiableRanges(range, version.size);
  if (wanted === undefined || wanted.length > 1) return { kind: 'send', headers };
  const [only] = wanted;
  if (only === undefined) return { kind: 'stop', status: 416 };
  return { kind: 'send', headers: { ...headers, range: `bytes=${only.first}-${only.last}` } };
}

/** @fastify/send would make a date of "0" or "foo 2030". */
function withLawfulDate({ 'if-modified-since': since, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  const date = httpDate(since);
  return Number.isNaN(date) ? headers : { ...headers, 'if-modified-since': new Date(date).toUTCString() };
}

function holds(match: string | undefined, unmodifiedSince: string | undefined, version: Version): boolean {
  if (match !== undefined) return listsTag(match, entityTagOf(version));
  const limit = httpDate(unmodifiedSince);
  return Number.isNaN(limit) || wholeSeconds(version.modifiedAt) <= limit;
}

function validatorsOf(version: Version): Validators {
  return { entityTag: entityTagOf(version), modifiedAt: version.modifiedAt };
}

/** Whether the client of a GET or HEAD has what would be sent: it is told so with a 304. */
export function isNotModified(asked: IncomingHttpHeaders, { entityTag, modifiedAt }: Validators): boolean {
  // A reload: @fastify/send then sends the file whatever else is said.
  if (asked['cache-control']?.includes('no-cache')) return false;
  const noneMatch = asked['if-none-match'];
  if (noneMatch !== undefined) return entityTag !== undefined && listsTag(noneMatch, entityTag);
  return wholeSeconds(modifiedAt) <= httpDate(asked['if-modified-since']);
}

/** Compared weakly, for If-Match too: by the letter no weak tag could ever match there, and those of files are all weak. */
function listsTag(list: string, entityTag: string): boolean {
  if (list.trim() === '*') return true;
  const tags: readonly string[] = list.match(/"[^"]*"|[^\s,"]+/g) ?? [];
  return tags.includes(entityTag.trim().replace(/^W\//, ''));
}

interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Absent where the field is malformed or in another unit: it is then as if it were not there. */
function satisfiableRanges(field: string, size: number): readonly ByteRange[] | undefined {
  const [, list] = /^\s*bytes\s*=(.*)$/i.exec(field) ?? [];
  if (list === undefined) return undefined;
  const ranges: ByteRange[] = [];
  for (const spec of list.split(',')) {
    const [, from = '', to = ''] = /^\s*(\d*)-(\d*)\s*$/.exec(spec) ?? [];
    if ((from === '' && to === '') || (from !== '' && to !== '' && Number(to) < Number(from))) return undefined;
    const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
    const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
    if (first <= last) ranges.push({ first, last });
  }
  return ranges;
}

/** HTTP dates have whole seconds (RFC 9110 §5.6.7). */
function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
