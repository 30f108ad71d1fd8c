// Words and shapes that several reports share: how a request is called, how long it took, where it failed.
// Pure. Nothing that a script wrote can steer a terminal: control and direction characters are replaced.
import { pointedLines } from '../config/problem.ts';
import { type Counts, countsOf, type Failure, type RequestResult } from './result.ts';

// C0 but for tab and line feed, DEL, C1, and what Unicode turns or hides a line with.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;

export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, '\uFFFD');
}

/** As in the log. */
const MAX_URL = 500;

/** "POST /cgi-bin/form.pl (the form is sent)"; a long URL is cut. */
export function titleOf({ method, url, name }: RequestResult): string {
  const call = `${method} ${url.length > MAX_URL ? `${url.slice(0, MAX_URL)}…` : url}`.trim();
  if (call === '') return name === '' ? 'the plan' : name;
  return name === '' ? call : `${call} (${name})`;
}

/** "not checked: stderr, mail"; "" where all was. */
export function notCheckedText({ notChecked }: RequestResult): string {
  return notChecked.length === 0 ? '' : `not checked: ${notChecked.join(', ')}`;
}

export function secondsText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** "12 passed, 1 failed, 1 error, 2 skipped" */
export function countsText(results: readonly RequestResult[]): string {
  const { passed, failed, errors, skipped }: Counts = countsOf(results);
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (errors > 0) parts.push(`${errors} ${errors === 1 ? 'error' : 'errors'}`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}

/** A failure as lines: what, where with its line and a caret, the difference, what mends it. */
export function failureLines(result: RequestResult, failure: Failure): readonly string[] {
  const lines = [failure.summary];
  if (failure.place !== undefined && result.plan !== undefined)
    lines.push(...pointedLines({ source: result.plan, isFile: true }, failure.place, ''));
  else if (result.script !== undefined) lines.push(`  --> ${result.script}`);
  lines.push(...failure.detail.map((line) => `  ${line}`));
  lines.push(...(failure.mend ?? []).flatMap((command) => command.split('\n')).map((line) => `  mend: ${line}`));
  return lines.map((line) => printable(line).trimEnd());
}

/** "tests/smoke/form.yaml:4:12", or the script. */
export function placeText({ plan, place, script }: RequestResult): string | undefined {
  if (plan === undefined) return script;
  return place === undefined ? plan : `${plan}:${place.line}:${place.column}`;
}
