// A request as a curl command that sends it again: method, target, fields and body as they came. Pure.
// curl adds fields of its own; those that the request did not have are taken out again (curl(1), --header).
import type { HeaderField } from '../cgi/script-request.ts';
import { shellWord, withInput } from '../cgi/shell-line.ts';
import type { ByteString } from '../config/byte-string.ts';

export interface CurlInput {
  readonly method: string;
  /** Path and query as received. */
  readonly target: ByteString;
  readonly protocol: string;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
  /** "http://127.0.0.1:8000": where the site listens. */
  readonly siteUrl: string;
}

/** The name by which this machine was asked: in a container the port that is published, not the one inside. */
function originFor(fields: readonly HeaderField[], siteUrl: string): string {
  const host = fields.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const { protocol } = new URL(siteUrl);
  if (/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)) return `${protocol}//${host}`;
  return siteUrl.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

// curl counts a body itself; of none it says nothing.
const COUNTED = 'content-length';

export function curlLine({ method, target, protocol, fields, body, siteUrl }: CurlInput): string {
  const isPath = target.startsWith('/');
  const origin = originFor(fields, siteUrl);
  const words = [
    'curl --include --globoff --path-as-is',
    ...(protocol === 'HTTP/1.0' ? ['--http1.0'] : []),
    // The certificate of a development site is its own: nobody has signed it.
    ...(origin.startsWith('https:') ? ['--insecure'] : []),
    ...methodWords(method, body),
    ...(isPath ? [] : [`--request-target ${shellWord(target)}`]),
    ...fieldWords(fields, body.length > 0),
    ...(body.length > 0 ? ['--data-binary @-'] : []),
    shellWord(isPath ? origin + withoutFragment(target) : `${origin}/`),
  ];
  const line = words.join(' \\\n  ');
  return `${body.length > 0 ? withInput(line, body) : line}\n`;
}

function methodWords(method: string, body: Buffer): readonly string[] {
  if (method === 'HEAD') return ['--head'];
  const implied = body.length > 0 ? 'POST' : 'GET';
  return method === implied ? [] : [`--request ${shellWord(method)}`];
}

function fieldWords(fields: readonly HeaderField[], hasBody: boolean): readonly string[] {
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const own = ['Host', 'User-Agent', 'Accept', ...(hasBody ? ['Content-Type', 'Expect'] : [])];
  const removed = own.filter((name) => !names.has(name.toLowerCase())).map((name) => `${name}:`);
  const kept = fields
    .filter(([name]) => !hasBody || name.toLowerCase() !== COUNTED)
    .map(([name, value]) => (value === '' ? `${name};` : `${name}: ${value}`));
  return [...kept, ...removed].map((field) => `--header ${shellWord(field)}`);
}

/** A "#" in a request target is data; curl would take it for the fragment of a URL. */
function withoutFragment(target: ByteString): ByteString {
  return target.replaceAll('#', '%23');
}
