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

/** Reads a request target as received (one character per byte). Never throws. */
export declare function requestTarget(received: ByteString): TargetOutcome;
