// What is to be made of a text that sh -n refuses. A shell reads a script command by command: behind a line that hands the
// file to another program (`exec perl -x "$0"`, exec(1p)) it reads nothing, and what stands there is no matter of its.
import { findProgram } from '../cgi/programs.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Source } from './source.ts';
import { ask, type Question } from './syntax.ts';
import type { Verdict } from './verdict.ts';

/** Also `"exec" "python3" "$0"`, which Python reads as a text, and `eval 'exec perl -S $0'`; `exec 3< "$0"` hands on nothing. */
const HANDED_ON = /^(?:eval '\(exit \$\?0\)' && )?(?:eval ')?["']*exec["']*\s+["']*[A-Za-z/.$].*\$(?:0\b|\{0\})/;

/** @param stderr what the shell said of the whole file */
export async function shellRefusal(
  source: Source,
  question: Omit<Question, 'file'>,
  stderr: ByteString,
): Promise<Verdict> {
  const text = readByShell(source);
  const asked = text === undefined ? { ...question, file: source.file } : { ...question, input: text };
  if (text !== undefined && (await ask(asked)).code === 0) return { kind: 'good' };
  const bash = /\/(?:sh|dash|ash)$/.test(question.program)
    ? findProgram('bash', question.environment.PATH ?? '')
    : undefined;
  const isForBash = bash !== undefined && (await ask({ ...asked, program: bash })).code === 0;
  return { kind: 'refused', stderr, isForBash };
}

/** Up to the line that hands the script on; undefined where none does. */
function readByShell({ text, code }: Source): ByteString | undefined {
  const last = code.find((line) => HANDED_ON.test(line.code))?.number;
  return last === undefined ? undefined : `${text.split('\n').slice(0, last).join('\n')}\n`;
}
