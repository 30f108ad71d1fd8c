// Byte strings: text in which every character is one byte (U+0000 to U+00FF), as Node's HTTP parser hands out.
// Paths, URLs and header values of old sites are in ISO-8859-1, EUC or Shift_JIS as often as in UTF-8: they are
// carried as bytes from the socket to the script and back, and become text only where a person reads them.

/** One character per byte. Never compare it with, or join it to, ordinary text that is not ASCII. */
export type ByteString = string;

/** The UTF-8 bytes of ordinary text, for example of a value of the configuration. */
export function bytesOfText(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text for people: read as UTF-8 where the bytes are lawful UTF-8, else as ISO-8859-1. Never throws. */
export function textOfBytes(bytes: ByteString): string {
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return bytes;
  }
}
