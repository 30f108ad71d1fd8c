// Percent-encoding (RFC 3986 §2.1) of a decoded URL path, byte by byte.
// Promises: what comes out is ASCII, safe in a header field and in HTML text, and decodes to what went in.
import type { ByteString } from '../config/byte-string.ts';

// pchar of RFC 3986 §3.3 and "/", without the apostrophe and "&", which mean something in HTML.
const ENCODED = /[^A-Za-z0-9\-._~!$()*+,;=:@/]/g;

/** Encodes a decoded path; its slashes stay separators. A backslash is encoded: browsers read a raw one as "/". */
export function percentEncodedPath(path: ByteString): ByteString {
  return path.replace(ENCODED, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
