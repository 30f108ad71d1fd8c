// Bytes of a stream as text that a browser may show: decoded, bounded, with nothing hidden in it. Pure.
// In the charset that it declares, else UTF-8 where lawful, else ISO-8859-1; what is no text at all becomes a hex dump.
import { isAscii, isUtf8 } from 'node:buffer';
import { spellHidden } from '../diagnosis/visible-text.ts';
import type { KeptStream } from '../exchange/kept-stream.ts';

export interface ShownText {
  readonly text: string;
  /** "binary", or the name of a charset (WHATWG Encoding §4.2) in lower case. */
  readonly encoding: string;
  /** Bytes that `text` shows, bytes kept, bytes that came. */
  readonly shownBytes: number;
  readonly keptBytes: number;
  readonly totalBytes: number;
}

const MOST_SHOWN_BYTES = 256 * 1024;
const MOST_DUMPED_BYTES = 4096;
const META = /<meta\s[^>]*charset\s*=\s*["']?([\w.:-]+)/i;

export function shownStream(stream: KeptStream): ShownText {
  return { ...shownBytes(stream.bytes(MOST_SHOWN_BYTES)), keptBytes: stream.keptBytes, totalBytes: stream.totalBytes };
}

/** As `shownStream`, for bytes that are at hand. `charset` is what a header declares; absent, a page may do it itself. */
export function shownBytes(bytes: Buffer, charset?: string): ShownText {
  const kept = { keptBytes: bytes.length, totalBytes: bytes.length };
  if (isBinary(bytes)) {
    const dumped = bytes.subarray(0, MOST_DUMPED_BYTES);
    return { text: hexDump(dumped), encoding: 'binary', shownBytes: dumped.length, ...kept };
  }
  const shown = bytes.subarray(0, MOST_SHOWN_BYTES);
  const declared = charset ?? META.exec(shown.toString('latin1', 0, 1024))?.[1];
  return { ...decodedText(shown, declared), shownBytes: shown.length, ...kept };
}

/** Text with control and direction characters spelt out; line ends stay, and a carriage return before one is shown. */
export function visibleText(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.endsWith('\r') ? `${spellHidden(line.slice(0, -1))}␍` : spellHidden(line)))
    .join('\n');
}

/** Offset, sixteen bytes in hexadecimal, and the printable ones, as `hexdump -C` writes them. */
function hexDump(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${at.toString(16).padStart(8, '0')}  ${digits.padEnd(47)}  |${letters}|`);
  }
  return rows.join('\n');
}

function decodedText(bytes: Buffer, declared: string | undefined): Pick<ShownText, 'text' | 'encoding'> {
  const whole = wholeCharacters(bytes);
  // A last byte that begins a character was cut from it where others before it are whole; else it is a letter by itself.
  const isUtf8Text = isUtf8(bytes) || (isUtf8(whole) && !isAscii(whole));
  const charset = declared ?? (isUtf8Text ? 'utf-8' : undefined);
  return decodedAs(charset, bytes) ?? (isUtf8Text ? decodedAs('utf-8', bytes) : undefined) ?? inLatin1(bytes);
}

/** Absent for a charset that nobody knows, and bytes that are in another. */
function decodedAs(charset: string | undefined, bytes: Buffer): Pick<ShownText, 'text' | 'encoding'> | undefined {
  if (charset === undefined) return undefined;
  try {
    const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
    // As a stream: a cut may have ended a character.
    return { text: visibleText(decoder.decode(bytes, { stream: true })), encoding: decoder.encoding };
  } catch {
    return undefined;
  }
}

function inLatin1(bytes: Buffer): Pick<ShownText, 'text' | 'encoding'> {
  return { text: visibleText(bytes.toString('latin1')), encoding: 'iso-8859-1' };
}

/** Without the beginning of a character that the cut ended. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = lengthOfCharacter(byte);
    return needed > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** Of the UTF-8 sequence that begins with this byte. */
function lengthOfCharacter(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

function isBinary(bytes: Buffer): boolean {
  const looked = bytes.subarray(0, 8192);
  let odd = 0;
  for (const byte of looked) {
    if (byte === 0) return true;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b) odd += 1;
  }
  return odd > looked.length / 10;
}
