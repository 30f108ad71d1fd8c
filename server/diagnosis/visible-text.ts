// Bytes of scripts and clients as text that a person can read and that nothing can hide in.
// UTF-8 where it is lawful, ISO-8859-1 elsewhere, decided line by line; control and direction characters are spelt out.
import type { ByteString } from '../config/byte-string.ts';

// The byte order mark stays: it is the very thing to be seen in front of a header.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// C0 without tab, DEL, C1, and what Unicode turns or hides a line with ("Trojan Source", 2021).
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' };

/** One line of text: a line end in it shows as \n, an escape as \x1b, a byte order mark as \ufeff; a tab stays. */
export function visibleLine(bytes: ByteString, maxLength = 1000): string {
  const kept = bytes.length > maxLength ? bytes.slice(0, wholeCharacters(bytes, maxLength)) : bytes;
  return spellHidden(decoded(kept)) + (kept.length < bytes.length ? '…' : '');
}

/** The lines of a text, each as `visibleLine`; CR LF and LF end a line, and the end of the text is no line. */
export function visibleLines(bytes: ByteString, maxLines: number): readonly string[] {
  const lines = linesOf(bytes, maxLines + 1);
  const shown = lines.slice(0, maxLines).map((line) => visibleLine(line));
  return lines.length > maxLines ? [...shown, '…'] : shown;
}

/** The first lines as bytes, without their ends. */
export function linesOf(bytes: ByteString, maxLines: number): readonly ByteString[] {
  const lines = bytes.split(/\r?\n/, maxLines + 1);
  if (lines.length <= maxLines && lines.at(-1) === '') lines.pop();
  return lines.slice(0, maxLines);
}

/** Spells control and direction characters out in text that is decoded already; a tab stays. */
export function spellHidden(text: string): string {
  return text.replace(HIDDEN, (character) => NAMED[character] ?? spelt(character.charCodeAt(0)));
}

function spelt(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function decoded(bytes: ByteString): string {
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return bytes;
  }
}

// A cut inside a character would make the whole line look like ISO-8859-1.
function wholeCharacters(bytes: ByteString, length: number): number {
  let end = length;
  while (end > length - 4 && (bytes.charCodeAt(end) & 0xc0) === 0x80) end -= 1;
  return end > length - 4 ? end : length;
}
