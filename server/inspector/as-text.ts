// A request as one text for a bug report: what was asked, what happened, both streams. Secrets are hidden unless revealed.
import type { Detail } from './detail.ts';
import type { ShownField, ShownRun } from './shown-run.ts';
import type { ShownText } from './shown-text.ts';

/** Plain text with its line end. `software` is "cgibox/1.0". */
export function reportText(detail: Detail, software: string): string {
  const { request, response, failure } = detail;
  return `${[
    `${request.method} ${request.target}`,
    block('', [
      `status    ${detail.status === 0 ? 'none' : detail.status}${detail.ending === 'complete' ? '' : ` (${detail.ending ?? 'goes on'})`}`,
      `time      ${new Date(detail.at).toISOString()}, took ${detail.durationMs ?? '?'} ms`,
      `request   ${detail.id}${detail.replayOf === null ? '' : `, a replay of ${detail.replayOf}`}`,
      `server    ${software}`,
    ]),
    failure === null ? '' : block(failure.title, [failure.why, ...failure.mend.map((line) => `$ ${line}`)]),
    failure?.source == null
      ? ''
      : block(
          `Source: ${failure.source.file}`,
          failure.source.lines.map(({ text }) => text),
        ),
    block('Remarks', detail.allRemarks),
    block('Request', [`${request.method} ${request.target} ${request.protocol}`, ...fieldLines(request.fields)]),
    block(`Body (${amount(request.body)})`, linesOf(request.body.text)),
    ...detail.runs.flatMap(runBlocks),
    block('Response', linesOf(response.head ?? '')),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

function runBlocks(run: ShownRun): readonly string[] {
  const { command, stdout, stderr, exit, pid, runner, tolerated } = run;
  return [
    block(`Script ${run.script.name}`, [
      `file      ${run.script.file}`,
      ...(command === null
        ? ['not started']
        : [
            `command   ${[command.file, ...command.args].join(' ')}`,
            `folder    ${command.workingDirectory}`,
            `run by    ${runner ?? '?'}, pid ${pid ?? '?'}`,
            `exit      ${exit ?? 'not known'}`,
          ]),
      ...tolerated.map(({ warning }) => `tolerated ${warning}`),
    ]),
    block('Environment', fieldLines(run.environment, '=')),
    block(`stdout (${amount(stdout)})`, linesOf((stdout.header ?? '') + stdout.body)),
    block(
      `stderr (${amount(stderr)})`,
      stderr.lines.map(({ at, text }) => `${`${at.toFixed(1)} ms`.padStart(10)}  ${text}`),
    ),
  ];
}

/** A reader of the report has nothing but the text: what is not in it is told. */
function amount({
  totalBytes,
  keptBytes,
  shownBytes,
}: Pick<ShownText, 'totalBytes' | 'keptBytes' | 'shownBytes'>): string {
  const kept = keptBytes < totalBytes ? `, the first ${keptBytes} were kept` : '';
  const shown = shownBytes < keptBytes ? `, the first ${shownBytes} are shown` : '';
  return `${totalBytes} bytes${kept}${shown}`;
}

function fieldLines(fields: readonly ShownField[], separator = ': '): readonly string[] {
  return fields.map(({ name, value }) => name + separator + value);
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function block(heading: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const indented = lines.map((line) => `  ${line}`.trimEnd());
  return (heading === '' ? indented : [heading, ...indented]).join('\n');
}
