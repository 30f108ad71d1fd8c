// The page of a script that failed: what is wrong, why, the command that mends it, and the evidence (PRODUCT.md section 6).
// Pure. `plain` tells a visitor no source, stderr, output or path: only the status, a sentence and the request's id.
import type { ByteString } from '../config/byte-string.ts';
import { type Cause, type Evidence, statusOf } from '../diagnosis/cause.ts';
import type { Excerpt } from '../diagnosis/excerpt.ts';
import type { Explanation } from '../diagnosis/explain.ts';
import { mendHeading } from '../diagnosis/refinement.ts';
import { visibleLine, visibleLines } from '../diagnosis/visible-text.ts';
import { type NumberedLine, numberedLines } from './numbered-lines.ts';
import { escapeHtml, htmlPage, jsonBody, type Page, type PageForm, pageForm, pageOf, statusLine } from './page.ts';
import { reloadOnChange } from './reload-on-change.ts';

export interface FailurePageInput {
  /** X-Request-Id of the answer. */
  readonly id: string;
  /** Path and query as received. */
  readonly requestUri: ByteString;
  readonly cause: Cause;
  readonly evidence: Evidence;
  /** explain(cause, evidence): the log line has its title too. */
  readonly explanation: Explanation;
  /** `site.failurePage`. */
  readonly detail: 'full' | 'plain';
  /** The Accept field; absent where the client sent none. */
  readonly accept: ByteString | undefined;
  /** Lines around the place that stderr names, where `mayShowSource` allows it. */
  readonly source?: SourceExcerpt | undefined;
  /** The request in the inspector; absent where that is off. */
  readonly inspectorUrl?: string | undefined;
  /** Answers with another text when the script's file has changed: the page then reloads itself. */
  readonly changesUrl?: string | undefined;
}

export interface SourceExcerpt extends Excerpt {
  readonly file: ByteString;
}

const MOST_STDERR_LINES = 60;
const LONGEST_URL = 500;

/** Builds the body of the answer; its status is `statusOf(cause)`. At most about 200 KiB. Never throws. */
export function failurePage(input: FailurePageInput): Page {
  const form = pageForm(input.accept);
  if (input.detail === 'plain') return pageOf(form, PLAIN[form](input));
  return pageOf(form, FULL[form](input));
}

const SENTENCES: Readonly<Record<number, string>> = {
  413: 'What was sent is larger than this site takes.',
  431: 'The address or the cookies of the request are too large.',
  500: 'The program behind this page failed.',
  503: 'The site is busy. Try again in a moment.',
  504: 'The program behind this page did not answer in time.',
};

const PLAIN: Readonly<Record<PageForm, (input: FailurePageInput) => string>> = {
  html: ({ cause, id }) =>
    htmlPage(statusLine(statusOf(cause)), [
      `<h1>${escapeHtml(statusLine(statusOf(cause)))}</h1>`,
      `<p>${escapeHtml(sentenceOf(cause))}</p>`,
      `<footer>Request ${escapeHtml(id)}</footer>`,
    ]),
  text: ({ cause, id }) => `${statusLine(statusOf(cause))}\n\n${sentenceOf(cause)}\n\nRequest ${id}`,
  json: ({ cause, id }) => jsonBody({ status: statusOf(cause), message: sentenceOf(cause), id }),
};

const FULL: Readonly<Record<PageForm, (input: FailurePageInput) => string>> = {
  html: fullHtml,
  text: fullText,
  json: fullJson,
};

function sentenceOf(cause: Cause): string {
  return SENTENCES[statusOf(cause)] ?? 'The request failed.';
}

function fullHtml(input: FailurePageInput): string {
  const { source, evidence, cause, explanation, inspectorUrl, changesUrl, id } = input;
  const { title, why, mend, excerpt } = explanation;
  const url = visibleLine(input.requestUri, LONGEST_URL);
  const reload = changesUrl === undefined ? undefined : reloadOnChange(changesUrl);
  const parts = [
    `<p class="status">${escapeHtml(statusLine(statusOf(cause)))} <span class="soft">${escapeHtml(url)}</span>${recordLink(inspectorUrl)}</p>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(why)}</p>`,
    section(
      mendHeading(explanation),
      mend.map((line) => `<pre class="mend">${escapeHtml(line)}</pre>`),
    ),
    excerpt ? section('What the script wrote', [htmlLines(numberedLines(excerpt))]) : '',
    source
      ? section(`Source: ${placeText(source.file, source.line)}`, [htmlLines(numberedLines(source))])
      : place(explanation),
    section('stderr', evidence.stderr === '' ? [] : [`<pre>${escapeHtml(stderrText(evidence.stderr))}</pre>`]),
    section('Script', evidence.scriptFile === '' ? [] : [`<pre>${escapeHtml(visibleLine(evidence.scriptFile))}</pre>`]),
    `<footer>Request ${escapeHtml(id)}</footer>`,
    reload?.html ?? '',
  ];
  return htmlPage(`${title} – ${statusLine(statusOf(cause))}`, parts, reload?.policy);
}

function section(heading: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<h2>${escapeHtml(heading)}</h2>\n${parts.join('\n')}`;
}

function place({ place: found }: Explanation): string {
  return found ? section('Source', [`<pre>${escapeHtml(placeText(found.file, found.line))}</pre>`]) : '';
}

function placeText(file: ByteString, line: number | undefined): string {
  return line === undefined ? visibleLine(file) : `${visibleLine(file)}:${line}`;
}

function htmlLines(lines: readonly NumberedLine[]): string {
  const marked = lines.map(({ text, kind }) => {
    if (kind === 'blamed') return `<mark>${escapeHtml(text)}</mark>`;
    return kind === 'caret' ? `<span class="at">${escapeHtml(text)}</span>` : escapeHtml(text);
  });
  return `<pre>${marked.join('\n')}</pre>`;
}

/** Above everything else: stderr may be long, and the record knows more. */
function recordLink(inspectorUrl: string | undefined): string {
  return inspectorUrl === undefined ? '' : ` <a href="${escapeHtml(inspectorUrl)}">Open it in the inspector</a>`;
}

function stderrText(stderr: ByteString): string {
  return visibleLines(stderr, MOST_STDERR_LINES).join('\n');
}

function fullText(input: FailurePageInput): string {
  const { title, why, mend, excerpt, place: found } = input.explanation;
  const { source, evidence, cause, inspectorUrl, id } = input;
  return [
    `${statusLine(statusOf(cause))}: ${title}`,
    why,
    mend.length === 0 ? '' : block(`${mendHeading(input.explanation)}:`, mend.join('\n\n').split('\n')),
    excerpt ? block('What the script wrote:', textLines(numberedLines(excerpt))) : '',
    source ? block(`Source: ${placeText(source.file, source.line)}`, textLines(numberedLines(source))) : '',
    !source && found ? `Source: ${placeText(found.file, found.line)}` : '',
    evidence.stderr === '' ? '' : block('stderr:', visibleLines(evidence.stderr, MOST_STDERR_LINES)),
    [
      evidence.scriptFile === '' ? '' : `Script:    ${visibleLine(evidence.scriptFile)}`,
      `URL:       ${visibleLine(input.requestUri, LONGEST_URL)}`,
      `Request:   ${id}`,
      inspectorUrl === undefined ? '' : `Inspector: ${inspectorUrl}`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function block(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [heading, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

function textLines(lines: readonly NumberedLine[]): readonly string[] {
  return lines.map(({ text }) => text);
}

function fullJson(input: FailurePageInput): string {
  const { title, why, mend, refinedBy, place: found, excerpt } = input.explanation;
  return jsonBody({
    status: statusOf(input.cause),
    message: sentenceOf(input.cause),
    id: input.id,
    url: visibleLine(input.requestUri, LONGEST_URL),
    cause: input.cause.kind,
    refinedBy: refinedBy ?? null,
    title,
    why,
    mend,
    script: visibleLine(input.evidence.scriptFile),
    place: found ? { file: visibleLine(found.file), line: found.line } : null,
    output: excerpt ? jsonExcerpt(excerpt) : null,
    source: input.source ? { file: visibleLine(input.source.file), ...jsonExcerpt(input.source) } : null,
    stderr: visibleLines(input.evidence.stderr, MOST_STDERR_LINES),
    inspector: input.inspectorUrl ?? null,
  });
}

function jsonExcerpt({ firstLine, lines, line }: Excerpt) {
  return { firstLine, lines: lines.map((bytes) => visibleLine(bytes, 300)), line: line ?? null };
}
