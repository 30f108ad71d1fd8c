// A file of program text as doctor reads it: a script, or a library that scripts load.
// Pure: the text is read by survey.ts.
import { posix } from 'node:path';
import type { Interpretation } from '../cgi/interpreter.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { ScriptPlace } from '../site/resource.ts';
import { type CodeLine, perlCode, pythonCode, shellCode } from './code-lines.ts';

export type Language = 'perl' | 'python' | 'shell' | 'other';

/** What makes a file a script: a URL leads to it, and the server would run it this way. */
export interface RunPlan {
  readonly place: ScriptPlace;
  readonly how: Interpretation;
}

export interface Source {
  /** Absolute path. */
  readonly file: ByteString;
  readonly folder: ByteString;
  readonly text: ByteString;
  readonly language: Language;
  /** Absent for a library: no URL is meant to run it. */
  readonly script: RunPlan | undefined;
  /** Lines without comments, documentation and here-documents. */
  readonly code: readonly CodeLine[];
}

export interface SourceParts {
  readonly file: ByteString;
  readonly text: ByteString;
  readonly script: RunPlan | undefined;
}

export function createSource({ file, text, script }: SourceParts): Source {
  const language = languageOf(file, script?.how);
  return { file, folder: posix.dirname(file), text, language, script, code: CODE[language](text) };
}

const CODE: Readonly<Record<Language, (text: ByteString) => readonly CodeLine[]>> = {
  perl: perlCode,
  python: pythonCode,
  shell: shellCode,
  other: () => [],
};

const PROGRAMS: readonly (readonly [RegExp, Language])[] = [
  [/(^|\/)perl[^/]*$/, 'perl'],
  [/(^|\/)(python|pypy)[^/]*$/, 'python'],
  [/(^|\/)(sh|bash|dash|ash|ksh|mksh|zsh)$/, 'shell'],
];
const EXTENSIONS: readonly (readonly [RegExp, Language])[] = [
  [/\.(pl|pm|ph|al|plx)$/i, 'perl'],
  [/\.pyw?$/i, 'python'],
  [/\.(sh|bash)$/i, 'shell'],
];

function languageOf(file: ByteString, how: Interpretation | undefined): Language {
  const program = programOf(how);
  if (program === undefined) return EXTENSIONS.find(([pattern]) => pattern.test(file))?.[1] ?? 'other';
  return PROGRAMS.find(([pattern]) => pattern.test(program))?.[1] ?? 'other';
}

/** The interpreter that runs the script; for one that cannot be run, the one that its #! line means. */
export function programOf(how: Interpretation | undefined): ByteString | undefined {
  if (how === undefined) return undefined;
  if (how.kind === 'executed') return how.interpreter;
  if (how.kind === 'interpreted') return how.program;
  return 'interpreter' in how.cause
    ? how.cause.interpreter.replace(/\\/g, '/').replace(/\.exe\r?$|\r$/i, '')
    : undefined;
}
