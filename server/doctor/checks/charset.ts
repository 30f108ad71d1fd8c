// Is a page in the character set that it says it is in? No charset is ever added by the server, so the page's word decides.
import { type ByteString, bytesOfText } from '../../config/byte-string.ts';
import type { Config } from '../../config/schema.ts';
import { configuration } from '../../diagnosis/refinement.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import type { Observation } from '../finding.ts';
import type { SiteFile, Survey } from '../survey.ts';

// Not accept-charset of a form, nor charset of a script.
const DECLARATION = /<meta\b[^>]{0,300}?\bcharset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})/i;
const UNDECLARED = 'charset-undeclared';
const NOT_ASCII = /[\x80-\xff]/;
const UTF8_SEQUENCES = /[\xc2-\xf4][\x80-\xbf]/;
// Of one byte each: every text is lawful in them.
const SINGLE_BYTE = /^(iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d|us-ascii|ascii|koi8-[ru]|macintosh)$/i;
const GUESSES = ['euc-jp', 'shift_jis', 'gb18030', 'big5', 'euc-kr'];

export function checkCharset({ pages, config, roots }: Survey): readonly Observation[] {
  const found = pages.flatMap((page) => {
    const url = page.file.startsWith(roots.documentRoot.folder)
      ? page.file.slice(roots.documentRoot.folder.length)
      : '';
    return problemOf(page, configuredCharset(url, config));
  });
  const undeclaredOnes = new Set(found.filter(({ id }) => id === UNDECLARED).map(({ key }) => key));
  // One line of the configuration cannot be right for pages of several charsets.
  return undeclaredOnes.size < 2 ? found : found.map((each) => (each.id === UNDECLARED ? inEachPage(each) : each));
}

function inEachPage(undeclaredOne: Observation): Observation {
  const meta = `<meta http-equiv="Content-Type" content="text/html; charset=${undeclaredOne.key}">`;
  return { ...undeclaredOne, mend: (files) => [`sed -i ${shellQuote(`s|<head[^>]*>|&${meta}|I`)} ${files}`] };
}

function configuredCharset(url: ByteString, { site }: Config): string | undefined {
  const prefixes = Object.keys(site.charset).filter((prefix) => url.startsWith(bytesOfText(prefix)));
  const [longest] = prefixes.sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : site.charset[longest];
}

function problemOf({ file, text }: SiteFile, configured: string | undefined): readonly Observation[] {
  const first = text.search(NOT_ASCII);
  if (first < 0) return [];
  // A byte order mark has the last word (HTML, "encoding sniffing").
  const declared = text.startsWith('\xef\xbb\xbf') ? 'UTF-8' : (configured ?? DECLARATION.exec(text)?.[1]);
  const line = text.slice(0, first).split('\n').length;
  const place = { file, line };
  if (declared === undefined) return [undeclared(text, place)];
  if (isLawful(text, declared) && !isDisguisedUtf8(text, declared)) return [];
  return [mismatch(visibleLine(declared, 40), detected(text), place)];
}

/** Latin-1 takes any bytes; text that is lawful UTF-8 throughout is hardly anything else. */
function isDisguisedUtf8(text: ByteString, declared: string): boolean {
  return SINGLE_BYTE.test(declared) && UTF8_SEQUENCES.test(text) && isLawful(text, 'utf-8');
}

function isLawful(text: ByteString, charset: string): boolean {
  if (/^(us-)?ascii$/i.test(charset)) return false;
  if (SINGLE_BYTE.test(charset)) return true;
  try {
    new TextDecoder(charset, { fatal: true }).decode(Buffer.from(text, 'latin1'));
    return true;
  } catch (error) {
    // A charset that nobody knows cannot be judged.
    return error instanceof RangeError;
  }
}

function detected(text: ByteString): string {
  if (isLawful(text, 'utf-8')) return 'UTF-8';
  const highPairs = text.match(/[\x81-\xfe][\x40-\xfe]/g)?.length ?? 0;
  const high = text.match(/[\x80-\xff]/g)?.length ?? 0;
  // In the two-byte sets of East Asia the high bytes come in rows; in Western text they stand alone.
  const isDense = high > 20 && highPairs > high / 3 && /[\x81-\xfe]{6}/.test(text);
  return (isDense ? GUESSES.find((charset) => isLawful(text, charset)) : undefined) ?? 'ISO-8859-1';
}

function undeclared(text: ByteString, place: Observation['place']): Observation {
  const charset = detected(text);
  return {
    id: UNDECLARED,
    severity: 'note',
    key: charset,
    title: `Pages in ${charset} do not say so`,
    why: 'They hold characters beyond ASCII and name no charset, so that each browser guesses. cgibox adds none that you did not declare.',
    place,
    mend: () => [configuration('site:', `  charset: { "/": ${charset} }`)],
  };
}

function mismatch(declared: string, found: string, place: Observation['place']): Observation {
  return {
    id: 'charset-mismatch',
    severity: 'warning',
    title: `Pages say that they are in ${declared} and look like ${found}`,
    why: 'Characters beyond ASCII are shown as others. Either the declaration is changed, or the file is converted.',
    place,
    mend: (files) => [`sed -i 's/charset=\\(["'"'"']\\?\\)${declared}/charset=\\1${found}/I' ${files}`],
  };
}
