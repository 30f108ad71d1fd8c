// What is wrong in the configuration, and how it is shown: place, line, caret, and what to write instead.
// Every problem is shown at once. Source: the error display of rustc, as Hurl has it.
import { CgiboxError, type ErrorCode } from '../errors.ts';

/** A stretch of one line of a source text. Line and column count from 1; columns are UTF-16 units. */
export interface Stretch {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The whole line, without its end. */
  readonly text: string;
}

export interface Problem {
  /** "config/cgibox.yaml", "the variable CGIBOX_PORT", "--port". */
  readonly source: string;
  /** Positions are told for files only: a variable and a flag are one line. */
  readonly isFile: boolean;
  readonly stretch: Stretch;
  /** What is the case: "limits.timeoutSeconds must be a number". */
  readonly what: string;
  /** An order: "write seconds as a number, for example 30". */
  readonly advice: string;
}

/** One error for all the problems; there must be one at least. Each is shown as `file:line:column` with its line. */
export function problemsError(problems: readonly Problem[], code: ErrorCode = 'CONFIG_INVALID'): CgiboxError {
  const inOrder = problems.toSorted(byPlace);
  const message = inOrder.map(problemText).join(`\n\nerror ${code}: `);
  return new CgiboxError(code, message, { hint: inOrder[0]?.advice ?? 'mend the configuration' });
}

function byPlace(a: Problem, b: Problem): number {
  if (a.source !== b.source) return 0;
  return a.stretch.line - b.stretch.line || a.stretch.column - b.stretch.column;
}

function problemText(problem: Problem): string {
  const { source, stretch } = problem;
  return [`Cannot read ${source}: ${problem.what}`, ...pointedLines(problem, stretch, problem.advice)].join('\n');
}

/** The place, its line, and a caret with a note below it: three lines of text. */
export function pointedLines(
  { source, isFile }: Pick<Problem, 'source' | 'isFile'>,
  stretch: Stretch,
  note: string,
): readonly string[] {
  const view = window(stretch);
  const number = isFile ? String(stretch.line) : '';
  const gutter = ' '.repeat(number.length + 2);
  return [
    `  --> ${isFile ? `${source}:${stretch.line}:${stretch.column}` : source}`,
    `${number === '' ? gutter : ` ${number} `}| ${view.text}`.trimEnd(),
    `${gutter}| ${view.indent}${'^'.repeat(view.length)} ${note}`,
  ];
}

const WIDTH = 100;

/** The part of the line that a terminal can show; control characters are replaced, so that no file can steer it. */
function window(stretch: Stretch): { readonly text: string; readonly indent: string; readonly length: number } {
  const at = stretch.column - 1;
  const from = at < WIDTH - 20 ? 0 : at - 40;
  const shown = stretch.text.slice(from, from + WIDTH).replace(/[^\P{C}\t]/gu, '\uFFFD');
  const head = from === 0 ? '' : '…';
  const tail = from + WIDTH < stretch.text.length ? '…' : '';
  // Tabs are kept in front of the caret, else it would stand elsewhere than the thing it points at.
  const indent = ' '.repeat(head.length) + shown.slice(0, at - from).replace(/[^\t]/g, ' ');
  const room = Math.max(1, shown.length - (at - from));
  return { text: head + shown + tail, indent, length: Math.min(Math.max(1, stretch.length), room) };
}
