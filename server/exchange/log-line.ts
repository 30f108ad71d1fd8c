// The log: one line per request, and one per line that a script writes to stderr (PRODUCT.md section 8).
// Pure. No control character of a URL, header or stderr is left in a line; Authorization and Cookie are never in one.
import type { ByteString } from '../config/byte-string.ts';
import { textOfBytes } from '../config/byte-string.ts';
import type { Exit } from '../diagnosis/cause.ts';
import { titleOf } from '../diagnosis/explain.ts';
import { spellHidden, visibleLine } from '../diagnosis/visible-text.ts';
import { apacheTime, combinedLine } from './combined-line.ts';
import type { Exchange } from './exchange.ts';

/** `log.format`, with auto already decided. */
export type LogFormat = 'pretty' | 'json' | 'combined';
/** Severity, for `log.level`. */
export type LogLevel = 'error' | 'warn' | 'info';

/**
 * The line of a finished request, without its line end. Times are the local ones in `pretty` and UTC in the others.
 * `mayColour` counts for `pretty` only.
 */
export function logLine(exchange: Exchange, format: LogFormat, mayColour: boolean): string {
  switch (format) {
    case 'json':
      return json(requestObject(exchange));
    case 'combined':
      return combinedLine(exchange);
    case 'pretty':
      return pretty(exchange, mayColour);
    default:
      return format satisfies never;
  }
}

/** error: the script or the server failed. warn: the answer was cut, or the script ended badly after it. */
export function levelOf({ cause, status, ending, exit }: Exchange): LogLevel {
  if (cause !== undefined || status >= 500) return 'error';
  return ending === 'truncated' || (endedBadly(exit) && ending !== 'clientGone') ? 'warn' : 'info';
}

function endedBadly(exit: Exit | undefined): boolean {
  return exit !== undefined && (exit.kind === 'killed' || exit.code !== 0);
}

export interface DebugMessage {
  readonly id: string;
  /** One line, without its end. */
  readonly step: ByteString;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A step of a request, for `log.level: debug`. `combined`: as Apache's error log. */
export function debugLine({ id, step, at }: DebugMessage, format: LogFormat, mayColour: boolean): string {
  const text = visibleLine(step, 4000);
  if (format === 'json') return json({ time: new Date(at).toISOString(), level: 'debug', id, debug: text });
  if (format === 'combined') return `[${apacheTime(at)}] [cgi:debug] [${id}] ${text}`;
  return paint(`${clock(at)} debug ${text} ${id}`, DIM, mayColour);
}

export interface StderrMessage {
  readonly id: string;
  readonly scriptName: ByteString;
  /** One line, without its end. */
  readonly line: ByteString;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A line that a script wrote to stderr, at most 4000 bytes of it; its level is warn. `combined`: as Apache's error log. */
export function stderrLine({ id, scriptName, line, at }: StderrMessage, format: LogFormat, mayColour: boolean): string {
  const text = visibleLine(line.replace(/\r$/, ''), 4000);
  const name = visibleLine(scriptName, 200);
  if (format === 'json') {
    return json({ time: new Date(at).toISOString(), level: 'warn', id, script: name, stderr: text });
  }
  if (format === 'combined') return `[${apacheTime(at)}] [cgi:error] [${id}] ${name}: ${text}`;
  return `${clock(at)} ${paint('stderr', YELLOW, mayColour)} ${name} ${paint(id, DIM, mayColour)}: ${text}`;
}

// ---- json: every key is always there, null where it does not apply; documented in the README.

function requestObject(exchange: Exchange) {
  const { cause, exit, startedAt, finishedAt } = exchange;
  return {
    time: new Date(startedAt).toISOString(),
    level: levelOf(exchange),
    id: exchange.id,
    method: exchange.method,
    url: text(exchange.requestUri),
    protocol: exchange.protocol,
    status: exchange.status,
    durationMs: finishedAt === undefined ? null : Math.round((finishedAt - startedAt) * 10) / 10,
    bytes: exchange.bytesSent,
    remote: exchange.remoteAddress,
    resource: exchange.resource,
    script: text(exchange.scriptFile),
    runner: exchange.runner ?? null,
    pid: exchange.pid ?? null,
    cause: cause?.kind ?? null,
    diagnosis: diagnosisOf(exchange) ?? null,
    exit: exitValue(exit),
    tolerated: exchange.tolerated,
    remarks: exchange.remarks.map(spellHidden),
    ending: exchange.ending ?? null,
    referer: text(exchange.referer),
    userAgent: text(exchange.userAgent),
  };
}

function exitValue(exit: Exit | undefined): number | string | null {
  if (exit === undefined) return null;
  return exit.kind === 'exited' ? exit.code : exit.signal;
}

function text(bytes: ByteString | undefined): string | null {
  return bytes === undefined ? null : textOfBytes(bytes);
}

// JSON escapes C0 only; DEL, C1 and what turns or ends a line could still act in a terminal.
function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function diagnosisOf({ cause, diagnosis, scriptFile }: Exchange): string | undefined {
  if (diagnosis !== undefined) return spellHidden(diagnosis);
  return cause === undefined ? undefined : titleOf(cause, scriptFile ?? '');
}

// ---- pretty: for a person at a terminal.

const DIM = '2';
const RED = '31';
const GREEN = '32';
const YELLOW = '33';
const CYAN = '36';

function pretty(exchange: Exchange, mayColour: boolean): string {
  const { startedAt, finishedAt, status, method, requestUri, bytesSent, id } = exchange;
  const took = finishedAt === undefined ? '-' : duration(finishedAt - startedAt);
  const soft = (part: string) => paint(part, DIM, mayColour);
  const line = [
    soft(clock(startedAt)),
    paint(status > 0 ? String(status) : '---', colourOf(status), mayColour),
    visibleLine(method, 40),
    visibleLine(requestUri, 500),
    soft(`${took} ${size(bytesSent)}`),
    soft(scriptPart(exchange)),
    soft(id),
  ];
  const notes = notesOf(exchange).map((note) =>
    paint(note, colourOf(levelOf(exchange) === 'error' ? 500 : 400), mayColour),
  );
  return [line.filter((part) => part !== '').join(' '), ...notes].join(' – ');
}

function scriptPart({ scriptFile, runner }: Exchange): string {
  if (scriptFile === undefined) return '';
  const name = visibleLine(scriptFile.slice(scriptFile.lastIndexOf('/') + 1), 100);
  return runner === undefined ? name : `${name} (${visibleLine(runner, 40)})`;
}

const ENDINGS = { complete: '', truncated: 'answer cut', clientGone: 'client gone' } as const;

function notesOf(exchange: Exchange): readonly string[] {
  const { exit, cause, ending, tolerated, remarks } = exchange;
  const ended = exit?.kind === 'killed' ? `ended by ${exit.signal}` : `exit status ${exit?.code}`;
  return [
    diagnosisOf(exchange) ?? '',
    endedBadly(exit) && cause === undefined ? ended : '',
    ENDINGS[ending ?? 'complete'],
    tolerated.length > 0 ? `tolerated: ${tolerated.join(', ')}` : '',
    ...remarks.map((remark) => spellHidden(remark)),
  ].filter((note) => note !== '');
}

function colourOf(status: number): string {
  if (status >= 500 || status === 0) return RED;
  if (status >= 400) return YELLOW;
  return status >= 300 ? CYAN : GREEN;
}

function paint(part: string, colour: string, mayColour: boolean): string {
  return mayColour && part !== '' ? `\x1b[${colour}m${part}\x1b[0m` : part;
}

function clock(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)}ms` : `${(milliseconds / 1000).toFixed(1)}s`;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)}kB` : `${(bytes / 1024 ** 2).toFixed(1)}MB`;
}
