// The body of an answer as text, in the character set that it declares; the header as values.
// Never throws: an unknown character set is read as UTF-8 where that is lawful, else as ISO-8859-1.
import { textOfBytes } from '../config/byte-string.ts';
import type { Answer, HeaderField } from './client.ts';

export function headerValues(fields: readonly HeaderField[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => textOfBytes(value));
}

export function bodyText({ body, fields }: Pick<Answer, 'body' | 'fields'>): string {
  const [type = ''] = headerValues(fields, 'content-type');
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type) ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    try {
      return new TextDecoder(charset).decode(body);
    } catch {
      // Not a name that anybody knows.
    }
  }
  return textOfBytes(body.toString('latin1'));
}

/** Is it worth showing as text? */
export function isText(body: Buffer): boolean {
  return !body.subarray(0, 8192).includes(0);
}
