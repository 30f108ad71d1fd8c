// What sendmail.ts makes of the text on its stdin: recipients out of the header, Bcc taken out, CRLF line ends.
// Pure. Text is one character per byte: a message in ISO-8859-1 arrives as it was written.
import type { ByteString } from '../config/byte-string.ts';
import { addressList } from './address-list.ts';

export interface Submission {
  readonly message: ByteString;
  /** Of the header; empty without -t. */
  readonly recipients: readonly ByteString[];
}

interface Field {
  /** Lower case. */
  readonly name: string;
  /** Line ends inside are "\n"; none at the end. */
  readonly text: ByteString;
}

export interface SubmissionRules {
  readonly fromHeader: boolean;
  /** Written as From where the header has none, as sendmail does. */
  readonly from: ByteString;
}

/** Reads a message as sendmail reads it: a first line that is no field is the body already. */
export function readSubmission(input: ByteString, { fromHeader, from }: SubmissionRules): Submission {
  // The separator of mbox files, which some scripts write.
  const text = input.replaceAll('\r\n', '\n').replace(/^From .*\n/, '');
  const { fields, body } = splitHeader(text);
  const isResent = fields.some(({ name }) => name.startsWith('resent-'));
  const prefix = isResent ? 'resent-' : '';
  const named = ['to', 'cc', 'bcc'].map((name) => `${prefix}${name}`);
  const recipients = fromHeader
    ? fields.filter(({ name }) => named.includes(name)).flatMap(({ text: field }) => addressList(valueIn(field)))
    : [];
  const kept = fields.filter(({ name }) => !fromHeader || (name !== 'bcc' && name !== 'resent-bcc'));
  const sender = kept.some(({ name }) => name === 'from') ? [] : [`From: ${from}`];
  const lines = [...sender, ...kept.map(({ text: field }) => field), '', body];
  return { message: lines.join('\n').replaceAll('\n', '\r\n'), recipients };
}

/** Without -i, a line that is a dot alone ends the message. */
export function untilLoneDot(input: ByteString): ByteString {
  const end = /(?:^|\n)\.\r?(?:\n|$)/.exec(input);
  if (end === null) return input;
  return input.slice(0, end.index + (input[end.index] === '\n' ? 1 : 0));
}

function splitHeader(text: ByteString): { readonly fields: readonly Field[]; readonly body: ByteString } {
  const fields: Field[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
    const written = text.slice(at, end);
    // Alone in a field it would be a line end to some readers, and what follows a field of its own: a Bcc that was not taken out.
    const line = written.replaceAll('\r', ' ');
    const last = fields.at(-1);
    const [, name] = /^([!-9;-~]+)[ \t]*:/.exec(line) ?? [];
    if (/^[ \t]/.test(line) && last !== undefined)
      fields[fields.length - 1] = { ...last, text: `${last.text}\n${line}` };
    else if (name !== undefined) fields.push({ name: name.toLowerCase(), text: line });
    else return { fields, body: text.slice(written === '' ? end + 1 : at) };
    at = end + 1;
  }
  return { fields, body: '' };
}

function valueIn(field: ByteString): ByteString {
  return field.slice(field.indexOf(':') + 1).replaceAll('\n', '');
}
