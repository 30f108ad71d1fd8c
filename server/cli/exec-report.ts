// What cgibox exec says of a run: a few lines on stderr, or the record as JSON. Nothing of a script steers the terminal.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { explain } from '../diagnosis/explain.ts';
import { visibleLine } from '../diagnosis/visible-text.ts';
import type { RecordedRun, RunTimes } from '../exchange/recording.ts';
import { sourceExcerpt, withFileFacts } from '../http/failure-evidence.ts';
import { failurePage } from '../http/failure-page.ts';
import { type Detail, detailOf } from '../inspector/detail.ts';
import { type ShownMail, shownMail } from '../inspector/mail-view.ts';
import type { Mail } from '../mail/mailbox.ts';
import type { Executed } from './exec-run.ts';

/** As GET /api/requests/ID of the inspector, with the mail. */
export interface ExecJson extends Detail {
  readonly mail: readonly ShownMail[];
}

export async function execJson({ entry }: Executed, mails: readonly Mail[], config: Config): Promise<ExecJson> {
  return { ...detailOf(entry, { config, isRevealed: true }), mail: await Promise.all(mails.map(shownMail)) };
}

/** One line of the script's stderr, as it comes. */
export function stderrLine(line: ByteString): string {
  return `  stderr     ${visibleLine(line, 8192)}\n`;
}

/** The rest, with its line ends. */
export async function execReport(executed: Executed, mails: readonly Mail[], config: Config): Promise<string> {
  const { exchange, recording } = executed.entry;
  const lines = [
    `${visibleLine(exchange.method)} ${visibleLine(exchange.requestUri)}`,
    ...recording.runs.flatMap(runLines),
    ...labelled(
      'remark',
      exchange.remarks.map((remark) => visibleLine(bytesOfText(remark))),
    ),
    row('answer', answerLine(executed)),
    ...labelled('mail', await Promise.all(mails.map(mailLine))),
    row('total', `${Math.round(recording.finished ?? 0)} ms, request ${exchange.id}`),
  ];
  return `${lines.join('\n')}\n${failureText(executed, config)}`;
}

function runLines(run: RecordedRun): readonly string[] {
  const { command, header = [] } = run;
  const words = command === undefined ? [] : [command.file, ...command.args];
  const exit = run.exit?.kind === 'exited' ? String(run.exit.code) : run.exit?.signal;
  return [
    row('script', visibleLine(run.scriptFile)),
    ...(command === undefined
      ? []
      : [row('run', `${visibleLine(words.join(' '))} (${run.runner}, process ${run.pid})`)]),
    ...labelled('tolerated', run.tolerated),
    ...labelled(
      'header',
      header.map(([name, value]) => visibleLine(`${name}: ${value}`)),
    ),
    ...(exit === undefined ? [] : [row('exit', exit)]),
    row('times', timesLine(run.times)),
  ];
}

/** Milliseconds since the request began. */
function timesLine(times: RunTimes): string {
  const marks: readonly (readonly [string, number | undefined])[] = [
    ['started', times.started],
    ['first byte', times.firstOutput],
    ['header', times.header],
    ['last byte', times.lastOutput],
    ['exit', times.exit],
  ];
  const known = marks.flatMap(([name, at]) => (at === undefined ? [] : [`${name} ${at.toFixed(1)}`]));
  return known.length === 0 ? 'never started' : `${known.join(', ')} ms`;
}

function answerLine({ entry, redirectedTo, isGood }: Executed): string {
  const { status, bytesSent, ending } = entry.exchange;
  if (redirectedTo !== undefined)
    return `${status}, a local redirect to ${visibleLine(redirectedTo.location)} (${redirectedTo.resource}), which the server answers itself`;
  if (ending === 'clientGone') return 'none: interrupted';
  const end = ending === 'truncated' ? ', cut before its end' : '';
  return isGood || entry.exchange.cause === undefined
    ? `${status}, ${bytesSent} bytes${end}`
    : `${status}, a failure page`;
}

async function mailLine(mail: Mail): Promise<string> {
  const { subject } = await mail.headline();
  return `"${visibleLine(bytesOfText(subject))}" to ${visibleLine(bytesOfText(mail.envelope.to.join(', ')))} (${mail.via})`;
}

/** What the failure page says, as text. */
function failureText({ entry, cause, evidence }: Executed, config: Config): string {
  if (cause === undefined || evidence === undefined) return '';
  const known = withFileFacts(evidence);
  const { body } = failurePage({
    id: entry.exchange.id,
    requestUri: entry.exchange.requestUri,
    cause,
    evidence: known,
    explanation: explain(cause, known),
    detail: 'full',
    accept: 'text/plain',
    source: sourceExcerpt(known, bytesOfText(config.site.root)),
  });
  return `\n${body.toString('utf8')}`;
}

function labelled(label: string, values: readonly string[]): readonly string[] {
  return values.map((value, index) => row(index === 0 ? label : '', value));
}

function row(label: string, value: string): string {
  return `  ${label.padEnd(10)} ${value}`;
}
