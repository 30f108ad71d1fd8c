// Which requests the list shows: the query of /api/requests, /api/events and /api/har.
import { z } from 'zod';
import type { HistoryEntry } from '../exchange/history.ts';

const Milliseconds = z.coerce.number().min(0);
const Words = z.string().max(1000);

/** All that is given must hold; an unknown name is refused, so that a typing error does not show everything. */
export const FilterQuery = z.strictObject({
  /** Part of path and query; case does not count. */
  path: Words.optional(),
  /** "500", "5xx", or several with commas; 0 is a request without answer. */
  status: z
    .string()
    .regex(/^([0-9]xx|[0-9]{1,3})(,([0-9]xx|[0-9]{1,3}))*$/i, 'must be like 500, 5xx or 4xx,5xx')
    .optional(),
  method: Words.optional(),
  /** Part of the script's name or file. */
  script: Words.optional(),
  minMs: Milliseconds.optional(),
  maxMs: Milliseconds.optional(),
  /** Somewhere in the URL, the fields, the diagnosis, or the first 64 KiB of a stream; case does not count. */
  text: Words.optional(),
});
export type FilterQuery = z.infer<typeof FilterQuery>;

export type Filter = (entry: HistoryEntry) => boolean;

const SEARCHED_BYTES = 64 * 1024;

export function filterOf(query: FilterQuery): Filter {
  const { path, status, method, script, minMs, maxMs, text } = query;
  const tests: readonly (Filter | undefined)[] = [
    method === undefined ? undefined : ({ exchange }) => exchange.method.toLowerCase() === method.toLowerCase(),
    status === undefined ? undefined : ({ exchange }) => hasStatus(exchange.status, status),
    minMs === undefined ? undefined : ({ recording }) => (recording.finished ?? recording.elapsed()) >= minMs,
    maxMs === undefined ? undefined : ({ recording }) => (recording.finished ?? recording.elapsed()) <= maxMs,
    path === undefined ? undefined : ({ exchange }) => contains(exchange.requestUri, path),
    script === undefined
      ? undefined
      : ({ exchange }) => contains(exchange.scriptName ?? '', script) || contains(exchange.scriptFile ?? '', script),
    text === undefined ? undefined : (entry) => hasText(entry, text),
  ];
  const asked = tests.filter((test) => test !== undefined);
  return (entry) => asked.every((test) => test(entry));
}

function hasStatus(status: number, wanted: string): boolean {
  return wanted
    .toLowerCase()
    .split(',')
    .some((part) => (part.endsWith('xx') ? Math.floor(status / 100) === Number(part[0]) : status === Number(part)));
}

/** Both as bytes: what is typed is UTF-8, what is searched is what came. */
function contains(bytes: string, words: string): boolean {
  return bytes.toLowerCase().includes(Buffer.from(words, 'utf8').toString('latin1').toLowerCase());
}

function hasText({ exchange, recording }: HistoryEntry, words: string): boolean {
  const { requestUri, diagnosis = '', scriptFile = '', remarks } = exchange;
  const head = [
    requestUri,
    diagnosis,
    scriptFile,
    ...remarks,
    ...recording.request.fields.flat(),
    recording.head ?? '',
  ];
  if (contains(head.join('\n'), words)) return true;
  const streams = [recording.body, ...recording.runs.flatMap(({ stdout, stderr }) => [stdout, stderr])];
  return streams.some((stream) => contains(stream.bytes(SEARCHED_BYTES).toString('latin1'), words));
}
