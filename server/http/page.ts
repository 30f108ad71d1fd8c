// The pages that the server itself writes: which form a client wants (RFC 9110 §12.5.1), and the frame of the HTML.
// Self-contained: no image, and no script but that of reload-on-change.ts. Everything that goes in is escaped here.
import { STATUS_CODES } from 'node:http';
import type { ByteString } from '../config/byte-string.ts';

export type PageForm = 'html' | 'text' | 'json';

/** A page, ready to send. The type names its character set. */
export interface Page {
  readonly contentType: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<PageForm, readonly [type: string, subtype: string]>> = {
  text: ['text', 'plain'],
  html: ['text', 'html'],
  json: ['application', 'json'],
};
const CONTENT_TYPES: Readonly<Record<PageForm, string>> = {
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  json: 'application/json',
};

/** The form of a page for an Accept field: HTML or JSON where the client prefers it by name, else text (curl). */
export function pageForm(accept: ByteString | undefined): PageForm {
  const ranges = (accept ?? '').slice(0, 4096).split(',').map(rangeOf);
  const wishes = (['text', 'html', 'json'] as const).map((form) => ({ form, ...wishFor(form, ranges) }));
  wishes.sort((a, b) => b.quality - a.quality || b.precision - a.precision || a.position - b.position);
  return wishes[0] !== undefined && wishes[0].quality > 0 ? wishes[0].form : 'text';
}

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly position: number;
}

function rangeOf(written: string, position: number): MediaRange {
  const [range = '', ...parameters] = written.toLowerCase().split(';');
  const [type = '', subtype = ''] = range.trim().split('/');
  const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((found) => found);
  const quality = weight === undefined ? 1 : Number(weight);
  return { type, subtype, quality: quality >= 0 && quality <= 1 ? quality : 0, position };
}

function wishFor(form: PageForm, ranges: readonly MediaRange[]) {
  const [type, subtype] = TYPES[form];
  let best = { quality: 0, precision: -1, position: 0 };
  for (const range of ranges) {
    const precision = precisionOf(range, type, subtype);
    // The most precise range decides, whatever a wider one says (RFC 9110 §12.5.1).
    if (precision > best.precision) best = { quality: range.quality, precision, position: range.position };
  }
  return best;
}

function precisionOf(range: MediaRange, type: string, subtype: string): number {
  if (range.type === type && range.subtype === subtype) return 2;
  if (range.type === type && range.subtype === '*') return 1;
  return range.type === '*' && range.subtype === '*' ? 0 : -1;
}

/** "404 Not Found". */
export function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? 'Error'}`;
}

/** Puts a body into a page of the given form. JSON ends with a line end too: it is read in a terminal. */
export function pageOf(form: PageForm, body: string): Page {
  return { contentType: CONTENT_TYPES[form], body: Buffer.from(body.endsWith('\n') ? body : `${body}\n`, 'utf8') };
}

/** JSON with every character that could end a line or turn a terminal written as \u. */
export function jsonBody(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML, inside an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A whole document. `title` is text; `main` is HTML that is escaped already; `policy` is added to that of the page. */
export function htmlPage(title: string, main: readonly string[], policy = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${policy}">
<title>${escapeHtml(title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
${main.filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `:root { color-scheme: light dark; --ink: #1d2330; --soft: #59617a; --paper: #fbfbfd; --card: #fff; --line: #d9dce6; --bad: #b3261e; --mark: #fde7e5; --mend: #0b6b3a; --mendback: #e6f5ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9f0; --soft: #a3abc2; --paper: #14171f; --card: #1c202b; --line: #343a4b; --bad: #ff8a80; --mark: #47201f; --mend: #7be0a6; --mendback: #13301f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { margin: .25rem 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: inherit; }
.status { display: flex; flex-wrap: wrap; gap: 0 .5rem; max-width: none; margin: 0; color: var(--bad); font-weight: 600; }
.status a { margin-left: auto; color: var(--ink); font-weight: 400; }
.soft, footer { color: var(--soft); }
footer { margin-top: 2rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .875rem; }
pre, code { font: .875rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: .5rem 0; padding: .6rem .75rem; overflow: auto; max-height: 28rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; tab-size: 8; white-space: pre-wrap; }
pre.mend { border-color: var(--mend); border-left-width: 4px; background: var(--mendback); user-select: all; }
pre mark { color: inherit; background: var(--mark); }
pre .at { color: var(--bad); font-weight: 700; }
@media (max-width: 30rem) { h1 { font-size: 1.3rem; } main { padding: 1rem .75rem 2rem; } }`;
