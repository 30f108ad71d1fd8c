// A script that prints its environment and arguments byte by byte, and the reader of what it prints.
import type { TestSite } from './start-site.ts';

/** Prints each variable as NAME=VALUE and each argument as argv=VALUE, ended by NUL. */
export const SHOW_ENVIRONMENT = `#!/usr/bin/perl
binmode STDOUT;
print "Content-Type: application/octet-stream\\n\\n";
print map { "$_=$ENV{$_}\\0" } sort keys %ENV;
print map { "argv=$_\\0" } @ARGV;
`;

export interface Seen {
  /** Values as bytes, one character each. */
  readonly environment: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** Reads what the script printed. */
export function seen(body: Buffer): Seen {
  const entries = body
    .toString('latin1')
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry): [string, string] => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]);
  return {
    environment: Object.fromEntries(entries.filter(([name]) => name !== 'argv')),
    args: entries.filter(([name]) => name === 'argv').map(([, value]) => value),
  };
}

/** Asks for the script with a request as it goes over the wire; its header must end the answer's header lawfully. */
export async function environmentOf(site: TestSite, request: string): Promise<Seen> {
  const answer = await site.raw(request, { halfClose: false });
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.toString('latin1', 0, end);
  if (!head.startsWith('HTTP/1.1 200')) throw new Error(answer.toString('latin1'));
  const body = answer.subarray(end + 4);
  return seen(/transfer-encoding: chunked/i.test(head) ? unchunked(body) : body);
}

/** Joins the chunks of a chunked body (RFC 9112 §7.1). */
export function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
