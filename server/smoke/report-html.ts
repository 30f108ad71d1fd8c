// The report as one HTML page that needs nothing else: every exchange, failures open, the rest closed.
// Pure. It runs no script but its own filter, loads nothing, and shows what scripts wrote as text only.
import { REPORT_STYLE } from './report-html-style.ts';
import { countsText, failureLines, notCheckedText, placeText, printable, secondsText, titleOf } from './report-text.ts';
import { countsOf, type RequestResult, type ShownExchange, type SmokeResult } from './result.ts';

export function htmlReport(result: SmokeResult): string {
  const { results, notes, startedAt, milliseconds } = result;
  const { failed, errors } = countsOf(results);
  const title = `cgibox smoke: ${countsText(results)}`;
  const plans = Map.groupBy(results, ({ plan }) => plan ?? 'scripts found');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="color-scheme" content="light dark">',
    `<title>${text(title)}</title>`,
    `<style>${REPORT_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1 class="${failed + errors > 0 ? 'bad' : 'good'}">${text(countsText(results))}</h1>`,
    `<p>cgibox smoke, ${text(new Date(startedAt).toISOString())}, in ${text(secondsText(milliseconds))}.</p>`,
    ...(notes.length > 0 ? ['<ul class="notes">', ...notes.map((note) => `<li>${text(note)}</li>`), '</ul>'] : []),
    ...[...plans].flatMap(([plan, ofPlan]) => [
      `<section><h2>${text(plan)}</h2>`,
      ...ofPlan.flatMap(requestLines),
      '</section>',
    ]),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const WORDS = { passed: 'ok', failed: 'failed', error: 'error', skipped: 'skipped' } as const;

function requestLines(result: RequestResult): readonly string[] {
  const isBad = result.outcome === 'failed' || result.outcome === 'error';
  const status = result.exchange?.answer === undefined ? '' : ` ${result.exchange.answer.status},`;
  const unseen = notCheckedText(result);
  const time = result.skipped ?? `${status} ${secondsText(result.milliseconds)}${unseen && ', '}`;
  return [
    `<details class="${result.outcome}"${isBad ? ' open' : ''}>`,
    `<summary><b>${WORDS[result.outcome]}</b> <code>${text(titleOf(result))}</code> <small>${text(time)}${unseen && `<span class="notes">${text(unseen)}</span>`}</small></summary>`,
    ...(placeText(result) === undefined ? [] : [`<p><code>${text(placeText(result) ?? '')}</code></p>`]),
    ...result.failures.map((failure) => `<pre class="failure">${painted(failureLines(result, failure))}</pre>`),
    ...block('stderr', result.stderr),
    ...(result.exchange === undefined ? [] : exchangeLines(result.exchange)),
    '</details>',
  ];
}

function exchangeLines({ request, answer }: ShownExchange): readonly string[] {
  const asked = block('Request', request.body === '' ? request.head : `${request.head}\n\n${request.body}`);
  if (answer === undefined) return [...asked, '<p>No answer.</p>'];
  const head = [String(answer.status), ...answer.fields.map(([name, value]) => `${name}: ${value}`)].join('\n');
  return [...asked, ...block('Answer', answer.body === '' ? head : `${head}\n\n${answer.body}`)];
}

function block(title: string, content: string): readonly string[] {
  return content === '' ? [] : [`<h3>${title}</h3>`, `<pre tabindex="0">${text(content)}</pre>`];
}

/** Lines of a difference in their colours. */
function painted(lines: readonly string[]): string {
  return lines
    .map((line) => {
      if (/^ {2}-(?!->)/.test(line)) return `<del>${text(line)}</del>`;
      return /^ {2}\+/.test(line) ? `<ins>${text(line)}</ins>` : text(line);
    })
    .join('\n');
}

function text(content: string): string {
  return printable(content)
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
