// The request as a script's meta-variables need it: plain values, no socket and no framework.
import type { Readable } from 'node:stream';
import type { ByteString } from '../config/byte-string.ts';
import type { Target } from '../site/request-target.ts';

/** Name as sent, value as received without surrounding white space. Order and repetition are kept. */
export type HeaderField = readonly [name: ByteString, value: ByteString];

/** Who asked whom. With `server.trustProxy` these are what the proxy says. */
export interface Connection {
  /** IPv4 or IPv6 address without zone; an IPv4 address mapped into IPv6 is written as IPv4. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly scheme: 'http' | 'https';
  /** SERVER_NAME (RFC 3875 §4.1.14): IPv6 in brackets. */
  readonly serverName: ByteString;
  readonly serverPort: number;
}

/** The request that a local redirect came from (RFC 3875 §6.2.2). */
export interface RedirectOrigin {
  /** Its URL path, decoded: REDIRECT_URL. */
  readonly path: ByteString;
  /** REDIRECT_QUERY_STRING; absent without a "?". */
  readonly query: ByteString | undefined;
}

/** The body: absent, or bytes whose number is known before the script starts (a chunked body is spooled first). */
export interface RequestBody {
  readonly length: number;
  readonly stream: Readable;
}

export interface ScriptRequest {
  /** X-Request-Id and UNIQUE_ID: ours, never the client's. */
  readonly id: string;
  /** Case kept; "GET" after a local redirect of any method but HEAD. */
  readonly method: string;
  /** "HTTP/1.1" or "HTTP/1.0": SERVER_PROTOCOL. */
  readonly protocol: string;
  /** What is asked for now: it changes with a local redirect. */
  readonly target: Target;
  /** REQUEST_URI: path and query as the client sent them; a local redirect keeps it. */
  readonly requestUri: ByteString;
  readonly fields: readonly HeaderField[];
  readonly connection: Connection;
  readonly redirectedFrom: RedirectOrigin | undefined;
  readonly body: RequestBody | undefined;
}
