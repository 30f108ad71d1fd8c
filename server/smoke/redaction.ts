// What differs from run to run is replaced before bodies are compared: dates, ids, counters (insta calls it redaction).
// Pure, on bytes: a body in ISO-8859-1 is compared in its own bytes.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import { patternOf } from './pattern.ts';
import type { REDACTIONS, Redaction } from './plan.ts';
import { filled } from './template.ts';

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';

const NAMED: Readonly<Record<(typeof REDACTIONS)[number], readonly RegExp[]>> = {
  date: [
    /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?/g,
    new RegExp(`\\b(?:${DAY},? +)?\\d{1,2}[ -]${MONTH}[ -]\\d{2,4}\\b`, 'g'),
    new RegExp(`\\b(?:${DAY},? +)?${MONTH} +\\d{1,2}(?:,? +\\d{2}:\\d{2}:\\d{2})?(?: +[A-Z]{3,4})?,? +\\d{4}\\b`, 'g'),
    /\b\d{1,2}[./]\d{1,2}[./](?:19|20)?\d{2}\b/g,
  ],
  // No part of an address (127.0.0.1:8000), nor of a longer row of numbers; in Apache's log it stands after "/2026:".
  time: [/(?:(?<![\w.:])|(?<=\/\d{4}:))\d{1,2}:\d{2}(?::\d{2})?(?!:?\d)(?:\.\d+)?(?: ?[AaPp]\.?[Mm]\b\.?)?/g],
  timestamp: [/\b1\d{9}(?:\d{3})?\b/g],
  uuid: [/\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b/g],
  ip: [/\b(?:\d{1,3}\.){3}\d{1,3}\b/g],
  port: [/(?<=(?:localhost|(?:\d{1,3}\.){3}\d{1,3}|\[ip\]|\]):)\d{2,5}\b/g, /(?<=_PORT\W{1,12})\d{2,5}\b/g],
  hex: [/\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{16,}\b/g],
  number: [/\d+(?:[.,]\d+)*/g],
};

/** A body with everything replaced that the plan says differs. */
export function redacted(body: ByteString, redactions: readonly Redaction[]): ByteString {
  return redactions.reduce((text, redaction) => {
    if (typeof redaction === 'string')
      return NAMED[redaction].reduce((at, pattern) => at.replace(pattern, `[${redaction}]`), text);
    const { source, flags } = patternOf(redaction.pattern);
    const pattern = new RegExp(bytesOfText(source), flags.includes('g') ? flags : `${flags.replace('u', '')}g`);
    return text.replace(pattern, () => bytesOfText(redaction.as));
  }, body);
}

/**
 * The redactions with their templates filled: `{pattern: '{{token}}'}` hides what was captured, wherever a page shows it.
 * One whose template nothing has given yet is left out: there is nothing to hide.
 */
export function filledRedactions(
  redactions: readonly Redaction[],
  lookUp: (name: string) => string | undefined,
): readonly Redaction[] {
  return redactions.flatMap((redaction): readonly Redaction[] => {
    if (typeof redaction === 'string' || !redaction.pattern.includes('{{')) return [redaction];
    let isKnown = true;
    const literal = (name: string): string | undefined => {
      const value = lookUp(name);
      return value === undefined || value === '' ? undefined : spellings(value);
    };
    const pattern = filled(redaction.pattern, literal, () => {
      isKnown = false;
    });
    return isKnown ? [{ ...redaction, pattern }] : [];
  });
}

/** A pattern for a value as it is, and as links and attributes spell it. */
function spellings(value: string): string {
  const html = value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const forms = [...new Set([value, html, encodeURIComponent(value.toWellFormed())])];
  // The longest first: "a&" is the beginning of "a&amp;".
  return `(?:${forms
    .toSorted((a, b) => b.length - a.length)
    .map(patternText)
    .join('|')})`;
}

/**
 * The names of servers in what they write: origin, host with its port, host alone (RFC 6454 §6.1); also in a URL or
 * JSON text that holds it. A host of one word is a name only where a scheme or its port says so.
 */
export function serverNames(servers: readonly URL[]): RegExp {
  const scheme = '(?:https?(?::|%3A)(?:\\\\?/|%2F){2})';
  const ofPort = `(?::|%3A)(?:${servers.map(({ port }) => port || '80|443').join('|')})(?!\\d)`;
  const names = servers.flatMap(({ hostname }) => {
    const host = patternText(hostname);
    const isAlone = /[.:]|^localhost$/.test(hostname);
    return [`${scheme}${host}(?:${ofPort})?`, `(?<![\\w.-])${host}${isAlone ? `(?:${ofPort})?` : ofPort}`];
  });
  return new RegExp(`(?:${names.join('|')})(?![\\w-]|\\.\\w)`, 'gi');
}

/** Text as a regular expression that matches it and nothing else. */
export function patternText(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
}

/**
 * The redactions for what a page says of the present moment: it will say something else tomorrow.
 * A date of long ago stays as it is.
 */
export function momentRedactions(body: ByteString, now: Date): readonly Redaction[] {
  const found = (name: 'date' | 'time', isNow: (text: string) => boolean) =>
    NAMED[name].some((pattern) => [...body.matchAll(pattern)].some(([text]) => isNow(text)));
  const day = new RegExp(`(?<!\\d)0?${now.getDate()}(?!\\d)`);
  const year = new RegExp(`${String(now.getFullYear()).slice(2)}(?!\\d)`);
  const minutes = [now, new Date(now.getTime() - 60_000)].map(
    (time) => `:${String(time.getMinutes()).padStart(2, '0')}`,
  );
  return [
    ...(found('date', (text) => day.test(text) && year.test(text)) ? (['date'] as const) : []),
    ...(found('time', (text) => minutes.some((minute) => text.includes(minute))) ? (['time'] as const) : []),
  ];
}
