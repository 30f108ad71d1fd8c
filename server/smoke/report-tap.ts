// TAP version 14 (testanything.org): a test point for each request, its failures as a YAML block.
// Pure.
import { stringify } from 'yaml';
import { failureLines, placeText, printable, titleOf } from './report-text.ts';
import type { RequestResult, SmokeResult } from './result.ts';

export function tapReport({ results, notes }: SmokeResult): string {
  const points = results.flatMap((result, index) => testPoint(result, index + 1));
  const comments = notes.map((note) => `# ${oneLine(note)}`);
  return ['TAP version 14', `1..${results.length}`, ...points, ...comments, ''].join('\n');
}

function testPoint(result: RequestResult, number: number): readonly string[] {
  const word = result.outcome === 'passed' || result.outcome === 'skipped' ? 'ok' : 'not ok';
  const where = result.plan === undefined ? '' : `${result.plan}: `;
  // "#" begins a directive, "\" escapes.
  const title = oneLine(`${where}${titleOf(result)}`).replace(/[\\#]/g, '\\$&');
  const directive = result.outcome === 'skipped' ? ` # SKIP ${oneLine(result.skipped ?? '')}` : '';
  return [`${word} ${number} - ${title}${directive}`, ...diagnostics(result)];
}

function diagnostics(result: RequestResult): readonly string[] {
  if (result.failures.length === 0 && result.notChecked.length === 0) return [];
  const notChecked = result.notChecked.length > 0 && { not_checked: result.notChecked };
  const failed = result.failures.length > 0 && {
    severity: result.outcome === 'error' ? 'error' : 'fail',
    ...(placeText(result) !== undefined && { at: placeText(result) }),
    duration_ms: Math.round(result.milliseconds),
    message: block(result.failures.map((failure) => failureLines(result, failure).join('\n')).join('\n\n')),
    ...(result.stderr !== '' && { stderr: block(printable(result.stderr)) }),
  };
  const lines = stringify({ ...failed, ...notChecked }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return ['  ---', ...lines.map((line) => `  ${line}`.trimEnd()), '  ...'];
}

/** Ends with one line end, begins with none of its blanks: readers know the plain "|" only, without "-" and "2". */
function block(text: string): string {
  return `${text.toWellFormed().trim()}\n`;
}

function oneLine(text: string): string {
  return printable(text).toWellFormed().replace(/\s+/g, ' ').trim();
}
