// One mail as people read it: subject, addresses, text, HTML, attachments (RFC 5322, RFC 2045 to 2049; mailparser).
// Never rejects: what cannot be read is named in `errors`, and the rest is there. Nothing in it is to be trusted.
import { isUtf8 } from 'node:buffer';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';

export interface Headline {
  readonly subject: string;
  /** "Alice <alice@example.org>"; "" where the header names nobody. */
  readonly from: string;
  readonly to: string;
}

export interface Attachment {
  /** As the sender wrote it: may hold "/" and anything else. */
  readonly name: string;
  readonly type: string;
  /** For `cid:` links in the HTML; without angle brackets. */
  readonly contentId: string | undefined;
  readonly content: Buffer;
}

export interface Message extends Headline {
  readonly cc: string;
  readonly replyTo: string;
  /** Milliseconds since the epoch; absent where the header has no date that can be read. */
  readonly date: number | undefined;
  readonly text: string | undefined;
  /** Of the sender, unchecked: show it in a sandbox only. */
  readonly html: string | undefined;
  readonly attachments: readonly Attachment[];
  /** Every field in its order: names as written, values unfolded but not decoded. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What could not be read, and why. */
  readonly errors: readonly string[];
}

const MAX_HEADER_BYTES = 256 * 1024;
const MAX_HEADLINE_BYTES = 16 * 1024;
const MAX_PARTS = 200;
const MAX_HTML_TO_TEXT = 1024 * 1024;
const MAX_DATE_CHARACTERS = 200;

/** Reads subject and addresses only. Never rejects. */
export async function readHeadline(raw: Buffer): Promise<Headline> {
  const { parsed } = await parse(headerOf(raw).subarray(0, MAX_HEADLINE_BYTES));
  return headlineOf(parsed);
}

/** Reads a whole message. Never rejects. */
export async function readMessage(raw: Buffer): Promise<Message> {
  const { parsed, errors } = await parse(raw);
  return {
    ...headlineOf(parsed),
    cc: addressText(parsed?.cc),
    replyTo: addressText(parsed?.replyTo),
    date: dateOf(parsed),
    text: parsed?.text || undefined,
    html: parsed?.html || undefined,
    attachments: (parsed?.attachments ?? []).map((part, index) => ({
      name: part.filename ?? `part-${index + 1}`,
      type: part.contentType,
      contentId: part.cid,
      content: part.content,
    })),
    headers: fieldsOf(raw),
    errors,
  };
}

interface Parsing {
  /** Absent where not even the header could be read. */
  readonly parsed: ParsedMail | undefined;
  readonly errors: readonly string[];
}

async function parse(raw: Buffer): Promise<Parsing> {
  try {
    const parsed = await runParser(raw);
    return { parsed, errors: parsed.textConversionError ? [parsed.textConversionError.message] : [] };
  } catch (error) {
    const errors = [error instanceof Error ? error.message : String(error)];
    // Too many parts, or too long a header: its first lines still say whose mail it is.
    const start = headerOf(raw).subarray(0, MAX_HEADLINE_BYTES);
    return { parsed: await runParser(start).catch(() => undefined), errors };
  }
}

function runParser(bytes: Buffer): Promise<ParsedMail> {
  return simpleParser(bytes, {
    skipTextLinks: true,
    skipImageLinks: true,
    keepCidLinks: true,
    checksumAlgo: false,
    maxHeadSize: MAX_HEADER_BYTES,
    maxChildNodes: MAX_PARTS,
    maxHtmlLengthToParse: MAX_HTML_TO_TEXT,
  });
}

function headlineOf(parsed: ParsedMail | undefined): Headline {
  return {
    subject: parsed?.subject ?? '',
    from: addressText(parsed?.from),
    to: addressText(parsed?.to),
  };
}

function addressText(address: AddressObject | AddressObject[] | undefined): string {
  return [address ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}

/** The parser gives the present time for a date that it cannot read: that would be a lie. */
function dateOf(parsed: ParsedMail | undefined): number | undefined {
  const written = parsed?.headerLines.find(({ key }) => key === 'date')?.line ?? '';
  const value = written.slice(written.indexOf(':') + 1).trimStart();
  const time = Date.parse(value.slice(0, MAX_DATE_CHARACTERS).replace(/\([^()]*\)/g, ''));
  return Number.isNaN(time) ? undefined : time;
}

function headerOf(raw: Buffer): Buffer {
  const end = raw.subarray(0, MAX_HEADER_BYTES).indexOf('\r\n\r\n');
  return raw.subarray(0, end === -1 ? MAX_HEADER_BYTES : end + 4);
}

function fieldsOf(raw: Buffer): Message['headers'] {
  const bytes = headerOf(raw);
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').trimEnd();
  if (text === '') return [];
  return text.split(/\r?\n(?![ \t])/).map((line) => {
    const colon = line.indexOf(':');
    const value = line
      .slice(colon + 1)
      .replace(/\r?\n/g, '')
      .trim();
    return [colon === -1 ? '' : line.slice(0, colon).trim(), value] as const;
  });
}
