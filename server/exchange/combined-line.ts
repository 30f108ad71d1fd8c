// The access log of Apache: "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\"" (mod_log_config), byte for byte.
import type { ByteString } from '../config/byte-string.ts';
import type { Exchange } from './exchange.ts';

/** The line of a finished request. The time is in UTC. */
export function combinedLine(exchange: Exchange): string {
  const { remoteAddress, startedAt, method, requestUri, protocol, status, bytesSent } = exchange;
  const request = apacheEscape(`${method} ${requestUri} ${protocol}`);
  // Apache writes "-" where there was no status, and for a body of no bytes.
  const figures = `${status > 0 ? status : '-'} ${bytesSent > 0 ? bytesSent : '-'}`;
  const fields = [exchange.referer, exchange.userAgent].map((field) => `"${apacheEscape(field || '-')}"`);
  return `${apacheEscape(remoteAddress)} - - [${apacheTime(startedAt)}] "${request}" ${figures} ${fields.join(' ')}`;
}

const APACHE_NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

// As ap_escape_logitem does: everything but printable ASCII is \xhh.
function apacheEscape(bytes: ByteString): string {
  return bytes.replace(
    /[^ !#-[\]-~]/g,
    (byte) => APACHE_NAMED[byte] ?? `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** 10/Oct/2000:13:55:36 +0000. */
export function apacheTime(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
