// Reads one answer as it came over the wire, for tests in which the bytes matter.
import { unchunked } from './script-environment.ts';

export interface HttpAnswer {
  /** "HTTP/1.1 200 OK" */
  readonly statusLine: string;
  readonly status: number;
  /** As sent, in order; names as sent. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Values of one field, whatever its case. */
  all(name: string): string[];
  /** Body without chunks, one character per byte. */
  readonly body: string;
}

/** Parses the first answer in the bytes. */
export function httpAnswer(bytes: Buffer): HttpAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end === -1 ? bytes.length : end).split('\r\n');
  const fields = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  const all = (name: string) =>
    fields.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  const rest = end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 4);
  const body = all('transfer-encoding').includes('chunked') ? unchunked(rest) : rest;
  return { statusLine, status: Number(statusLine.split(' ')[1]), fields, all, body: body.toString('latin1') };
}

export const GET = (target: string, ...fields: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: a', ...fields, 'Connection: close', '', ''].join('\r\n');
