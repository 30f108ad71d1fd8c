// The Content-Type of a file: by the extension in its URL, from the table of the `mime` package.
// Promises: no charset that the owner did not declare. Old pages name theirs in a <meta>, which a header would overrule.
import mime from 'mime';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';

const TEXT = /^text\/|[/+]xml$|\/(?:java|ecma)script$/;

/** @param charset as declared for the URL; it is added to types that are text. */
export function contentTypeOf(urlPath: ByteString, charset: string | undefined): string {
  const name = urlPath.slice(urlPath.lastIndexOf('/') + 1);
  const type = (name.includes('.') ? mime.getType(name) : null) ?? 'application/octet-stream';
  return charset !== undefined && TEXT.test(type) ? `${type}; charset=${charset}` : type;
}

/** The charset that `site.charset` declares for a decoded URL path: that of the longest prefix; absent without one. */
export function declaredCharset(charsets: Config['site']['charset'], urlPath: ByteString): string | undefined {
  let longest = '';
  let found: string | undefined;
  for (const [prefix, charset] of Object.entries(charsets)) {
    const bytes = bytesOfText(prefix);
    if (bytes.length <= longest.length || !urlPath.startsWith(bytes)) continue;
    longest = bytes;
    found = charset;
  }
  return found;
}
