// Requests that Node's parser lets through although their framing or version is not HTTP/1.x (RFC 9112).
// Pure. Each is refused with the connection closed: where the next request begins is in doubt.
import type { IncomingMessage } from 'node:http';
import type { ByteString } from '../config/byte-string.ts';

export interface FramingProblem {
  readonly status: 400 | 431 | 501 | 505;
}

type Framed = Pick<IncomingMessage, 'method' | 'rawHeaders' | 'headers' | 'httpVersionMajor' | 'httpVersionMinor'>;

/** Undefined where the framing is sound, and the header not longer than `limits.requestHeaderBytes`. */
export function framingProblem(
  request: Framed,
  target: ByteString,
  headerLimitBytes: number,
): FramingProblem | undefined {
  const { httpVersionMajor: major, httpVersionMinor: minor } = request;
  if (headerBytes(request, target) > headerLimitBytes) return { status: 431 };
  if (major > 1) return { status: 505 };
  // HTTP/0.9 has no header and no status line: no client of a CGI site speaks it on purpose.
  if (major < 1) return { status: 400 };
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1 || (hosts.length === 0 && minor === 1)) return { status: 400 };
  const encoding = request.headers['transfer-encoding'];
  if (encoding === undefined) return undefined;
  if (minor === 0) return { status: 400 };
  return encoding.toLowerCase() === 'chunked' ? undefined : { status: 501 };
}

/** Node counts names and values alone: 10 000 short fields would pass for half of what they are. */
function headerBytes({ method = '', rawHeaders }: Framed, target: ByteString): number {
  let bytes = `${method} ${target} HTTP/1.1\r\n\r\n`.length + rawHeaders.length * ': '.length;
  for (const part of rawHeaders) bytes += part.length;
  return bytes;
}
