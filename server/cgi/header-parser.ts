// The response header of a script (RFC 3875 §6.1, §6.3), read as its bytes arrive.
// Lines end in LF, CR LF or CR CR LF, mixed at will. Names and values are checked here, before they can reach the wire.
import type { ByteString } from '../config/byte-string.ts';
import type { HeaderField } from './script-request.ts';

export type HeaderOutcome =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'complete';
      readonly fields: readonly HeaderField[];
      /** Line of each field, counted from 1. */
      readonly lines: readonly number[];
      /** The output began with the prologue of Python's cgitb: it is an error report, status 500. */
      readonly isErrorReport: boolean;
      readonly body: Uint8Array;
    }
  | { readonly kind: 'malformed'; readonly line: number; readonly reason: string }
  | { readonly kind: 'incomplete'; readonly isEmpty: boolean }
  | { readonly kind: 'tooLarge'; readonly limit: string };

/** Why there is no header, where the output has ended before it. */
type HeaderAtEnd = Extract<HeaderOutcome, { kind: 'malformed' | 'incomplete' }>;

export interface HeaderParser {
  /** Takes the next chunk. Once it has answered other than "more" it is finished. */
  push(chunk: Uint8Array): HeaderOutcome;
  /** The script closed its output. */
  end(): HeaderAtEnd;
}

const MAX_FIELDS = 1000;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
// cgitb.reset() prints this when a script dies before its header.
const CGITB_PROLOGUE = '<!--: spam';
const LF = 0x0a;
const CR = 0x0d;

/** Reads one header of at most `limitBytes`. One answer however the bytes are cut. */
export function headerParser(limitBytes: number): HeaderParser {
  return new LineByLine(limitBytes);
}

class LineByLine implements HeaderParser {
  readonly #limitBytes: number;
  readonly #fields: HeaderField[] = [];
  readonly #lines: number[] = [];
  #pending: Buffer = Buffer.alloc(0);
  #line = 0;
  #bytesRead = 0;
  #isErrorReport = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  push(chunk: Uint8Array): HeaderOutcome {
    const searched = this.#pending.length;
    const bytes = Buffer.concat([this.#pending, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LF, searched); end !== -1; end = bytes.indexOf(LF, from)) {
      this.#line += 1;
      this.#bytesRead += end + 1 - from;
      if (this.#bytesRead > this.#limitBytes) return this.#tooLarge();
      const line = bytes.toString('latin1', from, endOfText(bytes, from, end));
      from = end + 1;
      if (line === '') return this.#complete(bytes.subarray(from));
      const refusal = this.#takeLine(line);
      if (refusal !== undefined) return refusal;
    }
    this.#pending = bytes.subarray(from);
    return this.#bytesRead + this.#pending.length > this.#limitBytes ? this.#tooLarge() : { kind: 'more' };
  }

  end(): HeaderAtEnd {
    const last = this.#pending.toString('latin1', 0, endOfText(this.#pending, 0, this.#pending.length));
    // A last line without its end is judged too: "hello" is no header that lacks a line end, it is no header.
    const field = last === '' ? undefined : parseField(last);
    if (typeof field === 'string') return { kind: 'malformed', line: this.#line + 1, reason: field };
    return { kind: 'incomplete', isEmpty: this.#line === 0 && this.#pending.length === 0 };
  }

  #takeLine(line: ByteString): HeaderOutcome | undefined {
    if (this.#line === 1 && line === CGITB_PROLOGUE) {
      this.#isErrorReport = true;
      return undefined;
    }
    const field = parseField(line);
    if (typeof field === 'string') return { kind: 'malformed', line: this.#line, reason: field };
    if (this.#fields.length === MAX_FIELDS) return { kind: 'tooLarge', limit: `${MAX_FIELDS} fields` };
    this.#fields.push(field);
    this.#lines.push(this.#line);
    return undefined;
  }

  #complete(body: Uint8Array): HeaderOutcome {
    if (this.#fields.length === 0)
      return { kind: 'malformed', line: this.#line, reason: 'a blank line before any header field' };
    return {
      kind: 'complete',
      fields: this.#fields,
      lines: this.#lines,
      isErrorReport: this.#isErrorReport,
      body,
    };
  }

  #tooLarge(): HeaderOutcome {
    return { kind: 'tooLarge', limit: `${this.#limitBytes} bytes` };
  }
}

/** CR CR LF too: what a script prints that writes CR LF and was saved with CR LF. */
function endOfText(bytes: Buffer, from: number, end: number): number {
  let last = end;
  while (last > from && bytes[last - 1] === CR) last -= 1;
  return last;
}

/** By hand: a pattern that looks for blanks at the end tries each of those in the middle, to the end of all of them. */
function withoutBlanks(value: ByteString): ByteString {
  const isBlank = (at: number) => value[at] === ' ' || value[at] === '\t';
  let first = 0;
  let end = value.length;
  while (first < end && isBlank(first)) first += 1;
  while (end > first && isBlank(end - 1)) end -= 1;
  return value.slice(first, end);
}

function parseField(line: ByteString): HeaderField | string {
  const colon = line.indexOf(':');
  if (/^HTTP\/\d/.test(line))
    return 'a status line, which only an NPH script may print; print "Status: 200 OK" instead';
  if (colon === -1) return 'no colon: this is not a header field';
  if (/^[ \t]/.test(line)) return 'white space at the start: a field must be on one line';
  const name = line.slice(0, colon);
  if (name === '') return 'no name before the colon';
  if (!NAME.test(name)) return 'a name with a character that is not allowed there';
  const value = withoutBlanks(line.slice(colon + 1));
  if (CONTROL.test(value)) return 'a control character in the value';
  return [name, value];
}
