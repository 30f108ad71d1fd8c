// Annotations and the step summary of GitHub Actions (workflow commands; GITHUB_STEP_SUMMARY).
// GitHub shows at most ten annotations of a kind for a step: the most useful come first, the rest is in the summary.
// Pure.
import { countsText, failureLines, notCheckedText, placeText, printable, secondsText, titleOf } from './report-text.ts';
import { countsOf, type RequestResult, type SmokeResult } from './result.ts';

const MAX_OF_KIND = 10;

/** Lines for stdout, each with its line end. */
export function githubAnnotations({ results, notes }: SmokeResult): string {
  const bad = results.filter(isBad);
  const errors = mostUsefulFirst(bad).slice(0, MAX_OF_KIND).map(annotation);
  const warnings = notes.slice(0, MAX_OF_KIND).map((note) => `::warning title=cgibox smoke::${message(note)}`);
  return [...errors, ...warnings].map((line) => `${line}\n`).join('');
}

function isBad({ outcome }: RequestResult): boolean {
  return outcome === 'failed' || outcome === 'error';
}

/** One of each cause before a second one of any; those that know what mends them before the others. */
function mostUsefulFirst(results: readonly RequestResult[]): readonly RequestResult[] {
  const seen = new Map<string, number>();
  const ranked = results.map((result) => {
    const [first] = result.failures;
    const cause = `${first?.kind} ${first?.summary.replace(/\d+|"[^"]*"/g, '')}`;
    const before = seen.get(cause) ?? 0;
    seen.set(cause, before + 1);
    return { result, rank: before * 2 + (first?.mend?.length ? 0 : 1) };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ result }) => result);
}

function annotation(result: RequestResult): string {
  const [first] = result.failures;
  const file = result.plan ?? result.script;
  const place = first?.place ?? result.place;
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(place === undefined ? [] : [`line=${place.line}`, `col=${place.column}`]),
    `title=${property(titleOf(result))}`,
  ];
  const text = result.failures.flatMap((failure) => failureLines(result, failure)).slice(0, 40);
  return `::error ${properties.join(',')}::${message(text.join('\n'))}`;
}

function message(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

const MAX_SUMMARY_FAILURES = 100;

/** Markdown for the step summary. */
export function githubSummary(result: SmokeResult): string {
  const { results, notes, milliseconds } = result;
  const { failed, errors } = countsOf(results);
  const bad = mostUsefulFirst(results.filter(isBad));
  const shown = bad
    .slice(0, MAX_SUMMARY_FAILURES)
    .flatMap((each) => [
      `<details><summary><code>${html(titleOf(each))}</code> ${html(each.failures[0]?.summary ?? '')}</summary>`,
      '',
      html(placeText(each) ?? ''),
      `<pre>${each.failures.map((failure) => html(failureLines(each, failure).join('\n'))).join('\n\n')}</pre>`,
      '</details>',
      '',
    ]);
  const more = bad.length > MAX_SUMMARY_FAILURES ? [`… and ${bad.length - MAX_SUMMARY_FAILURES} more.`, ''] : [];
  return [
    `## ${failed + errors > 0 ? '❌' : '✅'} cgibox smoke: ${countsText(results)} in ${secondsText(milliseconds)}`,
    '',
    ...shown,
    ...more,
    ...results
      .filter(({ notChecked }) => notChecked.length > 0)
      .slice(0, MAX_SUMMARY_FAILURES)
      .map((each) => `- <code>${html(titleOf(each))}</code> ${notCheckedText(each)}`),
    ...notes.map((note) => `- ${html(note)}`),
    '',
  ].join('\n');
}

/** A line end would end the HTML block of Markdown; an empty line would begin a paragraph. */
function html(text: string): string {
  const safe = printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return safe.replace(/\n(?=\n)/g, '\n&#8203;');
}
