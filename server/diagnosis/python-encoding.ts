// Python source in another encoding than UTF-8: which one it is, and the comment that names it (PEP 263). Pure.
import type { ByteString } from '../config/byte-string.ts';
import { configuration } from './refinement.ts';

const WESTERN = 'iso-8859-1';
const CHARSET = /\bcharset\s*=[\s"'\\]*(?:x-)?([A-Za-z0-9_-]{2,40})/gi;

/** The charset that the text gives its page, in Python's spelling; absent where its own bytes are not in that one. */
export function pageEncoding(text: ByteString): string | undefined {
  return [...text.matchAll(CHARSET)]
    .map(([, name = '']) => name.toLowerCase())
    .find((name) => !/^utf-?8$/.test(name) && isLawful(text, name));
}

function isLawful(text: ByteString, charset: string): boolean {
  try {
    new TextDecoder(charset, { fatal: true }).decode(Buffer.from(text, 'latin1'));
    return true;
  } catch {
    return false;
  }
}

/** What mends each cause; `file` is a word of the shell. What Python then prints has to be in the charset of the page, too. */
export const ENCODING_MENDS: Readonly<
  Record<string, (file: string, encoding: string | undefined) => readonly string[]>
> = {
  pythonSourceEncoding: (file, encoding = WESTERN) => [
    `sed -i -E '${declaring(encoding)}' ${file}`,
    ...printedIn(encoding),
  ],
  pythonSourceEncodingWrong: (file, encoding = WESTERN) => [
    `sed -i -E -e '1,2s/^#[^!].*coding[:=].*/#/' -e '${declaring(encoding)}' ${file}`,
    ...printedIn(encoding),
  ],
};

/** The comment counts on the second line only where a comment, or nothing, stands before it. */
function declaring(encoding: string): string {
  return `1s/^(#!.*)?/&\\n# -*- coding: ${encoding} -*-\\n/`;
}

function printedIn(encoding: string): readonly string[] {
  return encoding === WESTERN ? [] : [configuration('cgi:', '  environment:', `    PYTHONIOENCODING: ${encoding}`)];
}
