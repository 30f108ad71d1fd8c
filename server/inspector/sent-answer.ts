// The answer of a record, as a client has seen it: header fields and body. Pure.
import { headerParser } from '../cgi/header-parser.ts';
import type { HeaderField } from '../cgi/script-request.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import { headerLength } from './shown-run.ts';

/** Fields as they were sent; those that an NPH script wrote itself too. */
export function sentFields({ head, runs }: HistoryEntry['recording']): readonly HeaderField[] {
  const output = head === undefined ? runs.at(-1)?.stdout.bytes(MOST_HEADER_BYTES) : undefined;
  const isNph = output?.toString('latin1', 0, 5) === 'HTTP/';
  const block = head ?? (isNph ? output?.toString('latin1', 0, headerLength(output) ?? 0) : undefined) ?? '';
  const lines = Buffer.from(block.replace(/^.*\r?\n/, ''), 'latin1');
  const outcome = headerParser(Number.MAX_SAFE_INTEGER).push(lines);
  return outcome.kind === 'complete' ? outcome.fields : [];
}

const MOST_HEADER_BYTES = 64 * 1024;

/** Of a page of the server, or of the last script; files are not kept. */
export function sentBody({ page, runs }: HistoryEntry['recording']): Buffer {
  if (page !== undefined) return Buffer.from(page);
  const output = runs.at(-1)?.stdout.bytes();
  return output?.subarray(headerLength(output) ?? 0) ?? Buffer.alloc(0);
}
