// The failures of a run once more, at its end: one line for each cause, however many scripts share it.
// Pure. Among eighty scripts the first failure has long left the screen, and forty of them lack the same module.
import { placeText, printable, titleOf } from './report-text.ts';
import type { RequestResult } from './result.ts';

const MAX_NAMED = 5;
const MAX_CAUSES = 40;

/** Lines for the terminal; none where nothing failed, or one failure stands right above. */
export function failureSummary(results: readonly RequestResult[]): readonly string[] {
  const bad = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'error');
  if (bad.length === 0 || (bad.length === 1 && results.length <= 20)) return [];
  const causes = [...Map.groupBy(bad, causeOf)].toSorted(([, a], [, b]) => b.length - a.length);
  const lines = causes.slice(0, MAX_CAUSES).flatMap(([cause, ofCause]) => linesOf(cause, ofCause));
  const more = causes.length > MAX_CAUSES ? [`  … and ${causes.length - MAX_CAUSES} other causes`] : [];
  return ['what failed:', ...lines, ...more];
}

/** What went wrong first, without the name of the script. */
function causeOf({ failures: [first], script }: RequestResult): string {
  const name = script?.split('/').at(-1);
  const summary = first?.summary ?? 'it failed';
  return printable(name === undefined ? summary : summary.replaceAll(name, '…')).replaceAll('\n', ' ');
}

function linesOf(cause: string, results: readonly RequestResult[]): readonly string[] {
  const [only] = results;
  if (results.length === 1 && only !== undefined) {
    const summary = printable(only.failures[0]?.summary ?? '').replaceAll('\n', ' ');
    return [`  ${whereOf(only)}  ${summary}`, ...mendLines(results)];
  }
  const places = [...new Set(results.map(whereOf))];
  const more = places.length > MAX_NAMED ? ` and ${places.length - MAX_NAMED} more` : '';
  return [
    `  ${results.length} × ${cause}`,
    `      ${places.slice(0, MAX_NAMED).join(', ')}${more}`,
    ...mendLines(results),
  ];
}

function whereOf(result: RequestResult): string {
  return printable(placeText(result) ?? titleOf(result)).replaceAll('\n', ' ');
}

/** Where the same mends them all. */
function mendLines(results: readonly RequestResult[]): readonly string[] {
  const commands = new Set(results.map(({ failures: [first] }) => (first?.mend ?? []).join('\n')));
  const [command = ''] = commands;
  if (commands.size !== 1 || command === '') return [];
  return command.split('\n').map((line) => `      mend: ${printable(line)}`);
}
