// One run of a script as the detail page shows it: command, environment, both streams, header, exit.
import { headerParser } from '../cgi/header-parser.ts';
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { toleranceWarning } from '../diagnosis/tolerance.ts';
import { linesOf, visibleLine } from '../diagnosis/visible-text.ts';
import type { KeptStream } from '../exchange/kept-stream.ts';
import type { RecordedRun, RunTimes } from '../exchange/recording.ts';
import { type VariableNote, variableNote, variableOrder } from './meta-variable-notes.ts';
import { type IsSecret, MASK, maskedHeader } from './secrets.ts';
import { type ShownText, shownBytes, shownStream, visibleText } from './shown-text.ts';
import { exitValue, readable, rounded } from './summary.ts';

export interface ShownField {
  readonly name: string;
  readonly value: string;
  readonly isMasked: boolean;
}

export interface ShownVariable extends ShownField {
  readonly note: VariableNote;
}

/** Raw output, before it was parsed. */
export interface ShownOutput extends ShownText {
  /** The header block with its blank line, as text; absent where the output has no lawful header. */
  readonly header: string | null;
  /** The rest as text; the whole where there is no header. */
  readonly body: string;
}

export interface ShownStderr extends ShownText {
  /** `at`: milliseconds since the request was accepted, of the chunk in which the line began. */
  readonly lines: readonly { readonly at: number; readonly text: string }[];
}

export interface ShownRun {
  readonly script: { readonly name: string; readonly file: string };
  readonly runner: string | null;
  readonly pid: number | null;
  readonly command: {
    readonly file: string;
    readonly args: readonly string[];
    readonly workingDirectory: string;
  } | null;
  readonly environment: readonly ShownVariable[];
  readonly stdout: ShownOutput;
  readonly stderr: ShownStderr;
  readonly header: readonly ShownField[] | null;
  readonly exit: number | string | null;
  readonly cause: string | null;
  readonly tolerated: readonly { readonly name: string; readonly warning: string }[];
  readonly times: RunTimes;
}

const MOST_STDERR_LINES = 2000;
const MOST_HEADER_BYTES = 256 * 1024;

export function shownRun(run: RecordedRun, { isSecret, config }: { isSecret: IsSecret; config: Config }): ShownRun {
  const { command, header } = run;
  return {
    script: { name: readable(run.scriptName), file: readable(run.scriptFile) },
    runner: run.runner ?? null,
    pid: run.pid ?? null,
    command:
      command === undefined
        ? null
        : {
            file: readable(command.file),
            args: command.args.map(readable),
            workingDirectory: readable(command.workingDirectory),
          },
    environment: shownEnvironment(command?.environment ?? {}, { isSecret, config }),
    stdout: shownOutput(run.stdout, isSecret),
    stderr: shownStderr(run.stderr),
    header: header === undefined ? null : header.map(([name, value]) => shownField(name, value, isSecret)),
    exit: exitValue(run.exit),
    cause: run.cause?.kind ?? null,
    tolerated: run.tolerated.map((name) => ({
      name,
      warning: toleranceWarning(name, run.scriptFile, command?.file ?? ''),
    })),
    times: Object.fromEntries(
      Object.entries(run.times).map(([name, at]) => [name, rounded(at)]),
    ) as unknown as RunTimes,
  };
}

/** A field whose value may be hidden. */
export function shownField(name: ByteString, value: ByteString, isSecret: IsSecret): ShownField {
  const isMasked = isSecret(name) && value !== '';
  return { name: readable(name), value: isMasked ? MASK : readable(value), isMasked };
}

function shownEnvironment(
  environment: Readonly<Record<string, ByteString>>,
  { isSecret, config }: { isSecret: IsSecret; config: Config },
): readonly ShownVariable[] {
  return Object.entries(environment)
    .sort(([a], [b]) => variableOrder(a) - variableOrder(b) || (a < b ? -1 : 1))
    .map(([name, value]) => ({ ...shownField(name, value, isSecret), note: variableNote(name, config.cgi) }));
}

/** Where the body begins: after the first blank line, if all before it is a lawful header. */
export function headerLength(output: Buffer): number | undefined {
  if (output.toString('latin1', 0, 5) === 'HTTP/') return nphHeaderLength(output);
  const outcome = headerParser(MOST_HEADER_BYTES).push(output);
  return outcome.kind === 'complete' ? output.length - outcome.body.length : undefined;
}

/** An NPH script writes the status line itself (RFC 3875 §5). */
function nphHeaderLength(output: Buffer): number | undefined {
  const end = /\r?\n\r?\n/.exec(output.toString('latin1'));
  return end === null ? undefined : end.index + end[0].length;
}

const CHARSET = /^content-type:[^\r\n]*;[ \t]*charset=["']?([\w.:-]+)/im;

function shownOutput(stdout: KeptStream, isSecret: IsSecret): ShownOutput {
  const shown = shownStream(stdout);
  const bytes = stdout.bytes(shown.encoding === 'binary' ? MOST_HEADER_BYTES : shown.shownBytes);
  const length = headerLength(bytes);
  if (length === undefined) return { ...shown, text: '', header: null, body: shown.text };
  const text = bytes.toString('latin1', 0, length);
  const header = visibleText(maskedHeader(textOfBytes(text), isSecret));
  const body = shownBytes(bytes.subarray(length), CHARSET.exec(text)?.[1]);
  const { keptBytes, totalBytes } = shown;
  return { ...body, text: '', shownBytes: length + body.shownBytes, keptBytes, totalBytes, header, body: body.text };
}

function shownStderr(stderr: KeptStream): ShownStderr {
  const shown = shownStream(stderr);
  const lines: { at: number; text: string }[] = [];
  let offset = 0;
  let arrival = 0;
  for (const line of linesOf(stderr.bytes(shown.shownBytes).toString('latin1'), MOST_STDERR_LINES)) {
    while ((stderr.arrivals[arrival + 1]?.offset ?? Number.POSITIVE_INFINITY) <= offset) arrival += 1;
    lines.push({ at: rounded(stderr.arrivals[arrival]?.at ?? 0), text: visibleLine(line, 4000) });
    offset += line.length + 1;
  }
  return { ...shown, text: '', lines };
}
