// The request target (RFC 9112 §3.2): the bytes of the request line → Target, or a refusal.
// Decoded once, here and nowhere else; an encoded slash or backslash never becomes a separator (CVE-2011-1015, CVE-2021-41773).
import type { ByteString } from '../config/byte-string.ts';
import type { Refusal } from './resource.ts';

export interface Target {
  /** Path and query as received, percent-encoded: REQUEST_URI. The scheme and authority of an absolute form are cut off. */
  readonly raw: ByteString;
  /** The path, percent-decoded once; begins with "/". Dot segments and double slashes are still in it. */
  readonly path: ByteString;
  /** What follows the first "?", as received; absent without a "?". */
  readonly query: ByteString | undefined;
  /** Host and port of an absolute form, as received; it wins over the Host field (RFC 9112 §3.2.2). */
  readonly authority: ByteString | undefined;
}

export type TargetOutcome =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'refused'; readonly status: 400 | 404; readonly reason: Refusal };

// Control bytes, space, "#" and DEL have no place in a target. Bytes above 0x7F have none either by the letter of
// RFC 3986, but old pages link to names in ISO-8859-1, and clients send them raw.
const UNLAWFUL = /[^!-"$-~\u0080-\u00ff]/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/is;
// No user information: RFC 9110 §4.2.4 has it treated as an error, because it is used to disguise the host.
const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+)(?::\d*)?$/i;

/** Reads a request target as received (one character per byte). Never throws. */
export function requestTarget(received: ByteString): TargetOutcome {
  if (UNLAWFUL.test(received)) return refused(400, 'malformedTarget');
  if (received.startsWith('/')) return splitTarget(received, undefined);
  const [, authority = '', rest = ''] = ABSOLUTE_FORM.exec(received) ?? [];
  if (!AUTHORITY.test(authority)) return refused(400, 'malformedTarget');
  return splitTarget(rest.startsWith('/') ? rest : `/${rest}`, authority);
}

function splitTarget(raw: ByteString, authority: ByteString | undefined): TargetOutcome {
  const mark = raw.indexOf('?');
  const encoded = mark < 0 ? raw : raw.slice(0, mark);
  const refusal = encodingRefusal(encoded);
  if (refusal !== undefined) return refusal;
  const query = mark < 0 ? undefined : raw.slice(mark + 1);
  return { kind: 'target', target: { raw, path: percentDecoded(encoded), query, authority } };
}

function encodingRefusal(encoded: ByteString): TargetOutcome | undefined {
  if (!encoded.includes('%')) return undefined;
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return refused(400, 'malformedPercentEncoding');
  if (encoded.includes('%00')) return refused(400, 'nulInPath');
  // Also where it would land in PATH_INFO: which part that is, only the file system knows.
  if (/%(?:2f|5c)/i.test(encoded)) return refused(404, 'encodedSlash');
  return undefined;
}

/** Once only: "%252F" is the name "%2F" (CVE-2001-0333 decoded twice). "+" is no space in a path. */
function percentDecoded(encoded: ByteString): ByteString {
  return encoded.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function refused(status: 400 | 404, reason: Refusal): TargetOutcome {
  return { kind: 'refused', status, reason };
}
