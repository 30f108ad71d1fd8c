// Bytes of a stream as text that a browser may show: decoded, bounded, with nothing hidden in it. Pure.
// UTF-8 where lawful, else ISO-8859-1; what is no text at all becomes a hex dump.
import { spellHidden } from '../diagnosis/visible-text.ts';
import type { KeptStream } from '../exchange/kept-stream.ts';

export interface ShownText {
  readonly text: string;
  readonly encoding: 'utf-8' | 'iso-8859-1' | 'binary';
  /** Bytes that `text` shows, bytes kept, bytes that came. */
  readonly shownBytes: number;
  readonly keptBytes: number;
  readonly totalBytes: number;
}

const MOST_SHOWN_BYTES = 256 * 1024;
const MOST_DUMPED_BYTES = 4096;

export function shownStream(stream: KeptStream): ShownText {
  return { ...shownBytes(stream.bytes(MOST_SHOWN_BYTES)), keptBytes: stream.keptBytes, totalBytes: stream.totalBytes };
}

/** As `shownStream`, for bytes that are at hand. */
export function shownBytes(bytes: Buffer): ShownText {
  const kept = { keptBytes: bytes.length, totalBytes: bytes.length };
  if (isBinary(bytes)) {
    const dumped = bytes.subarray(0, MOST_DUMPED_BYTES);
    return { text: hexDump(dumped), encoding: 'binary', shownBytes: dumped.length, ...kept };
  }
  const shown = bytes.subarray(0, MOST_SHOWN_BYTES);
  return { ...decodedText(shown), shownBytes: shown.length, ...kept };
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

function decodedText(bytes: Buffer): Pick<ShownText, 'text' | 'encoding'> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(wholeCharacters(bytes));
    return { text: visibleText(text), encoding: 'utf-8' };
  } catch {
    return { text: visibleText(bytes.toString('latin1')), encoding: 'iso-8859-1' };
  }
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
