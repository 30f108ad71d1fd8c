// Which program runs a script: the system by the #! line, an interpreter of ours by its extension, or, where the
// file has a defect that `cgi.tolerate` names, the interpreter that the #! line means.
import type { ByteString } from '../config/byte-string.ts';
import { bytesOfText } from '../config/byte-string.ts';
import type { Config, Tolerance } from '../config/schema.ts';
import type { Cause } from '../diagnosis/cause.ts';
import type { ScriptPlace } from '../site/resource.ts';
import { findProgram } from './programs.ts';
import { type Shebang, shebang } from './shebang.ts';

export type Interpretation =
  /** The file is executed; the system reads its #! line. */
  | { readonly kind: 'executed'; readonly interpreter: ByteString | undefined }
  | {
      readonly kind: 'interpreted';
      /** Absolute path of the interpreter. */
      readonly program: ByteString;
      /** Switches of the #! line, before the script's name. */
      readonly switches: readonly ByteString[];
      readonly tolerated: readonly Tolerance[];
      /** Chosen by `interpreters` or `perScript`: no command line, and REDIRECT_STATUS for php-cgi. */
      readonly isMapped: boolean;
      /** A shell takes CR for a part of the word before it: it gets the script without. */
      readonly withoutCarriageReturns: boolean;
    }
  | { readonly kind: 'failed'; readonly cause: Cause };

export interface InterpreterRules {
  readonly cgi: Config['cgi'];
  /** PATH of the scripts. */
  readonly path: ByteString;
  /** `perScript.interpreter` for this script. */
  readonly override: string | undefined;
}

const EXECUTED_BY_SYSTEM: Interpretation = { kind: 'executed', interpreter: undefined };
/** First bytes of a program in ELF, Linux' format (elf(5)). */
const COMPILED = '\x7fELF';
const SHELL = /(^|\/)(sh|dash|bash|ash|ksh|mksh|zsh)$/;

/** Decides how a script is run. Never throws. */
export function interpretation(place: ScriptPlace, rules: InterpreterRules): Interpretation {
  if (rules.override !== undefined) return mapped(rules.override, rules);
  // A program that may be executed but not read, or is no text, is the system's business.
  if (place.head === undefined) return EXECUTED_BY_SYSTEM;
  const line = shebang(place.head);
  if (line !== undefined) return byShebang(place, line, rules);
  // A compiled program may keep a script's name, because pages link to it: svcstatus.sh, guestbook.pl.
  if (place.head.startsWith(COMPILED))
    return place.isExecutable ? EXECUTED_BY_SYSTEM : { kind: 'failed', cause: { kind: 'notExecutable' } };
  const extension = extensionOf(place.scriptFile);
  const interpreter = Object.entries(rules.cgi.interpreters).find(([known]) => known.toLowerCase() === extension)?.[1];
  if (interpreter !== undefined) return mapped(interpreter, rules);
  return place.head.includes('\0') ? EXECUTED_BY_SYSTEM : byShell(rules);
}

function mapped(interpreter: string, rules: InterpreterRules): Interpretation {
  const name = bytesOfText(interpreter);
  const program = findProgram(name, rules.path);
  if (program === undefined) return { kind: 'failed', cause: { kind: 'interpreterMissing', interpreter: name } };
  return interpreted({ program, isMapped: true });
}

/** execvp(3) hands an executable text without #! line to sh; so do Apache and lighttpd. */
function byShell(rules: InterpreterRules): Interpretation {
  const program = findProgram('sh', rules.path);
  if (!rules.cgi.tolerate.includes('missingShebang') || program === undefined)
    return { kind: 'failed', cause: { kind: 'shebangMissing' } };
  return interpreted({ program, tolerated: ['missingShebang'] });
}

function byShebang(place: ScriptPlace, line: Shebang, rules: InterpreterRules): Interpretation {
  const program = programOf(line, rules);
  const tolerated = defects(place, line, program.isForeign);
  const strict = tolerated.find((tolerance) => !rules.cgi.tolerate.includes(tolerance));
  if (strict !== undefined) return { kind: 'failed', cause: causeOf(strict, line) };
  if (program.file === undefined)
    return { kind: 'failed', cause: { kind: 'interpreterMissing', interpreter: line.interpreter } };
  if (tolerated.length === 0 && !program.isReplaced) return { kind: 'executed', interpreter: program.file };
  return interpreted({
    program: program.file,
    switches: line.switches,
    tolerated,
    withoutCarriageReturns: tolerated.includes('crlfShebang') && SHELL.test(program.file),
  });
}

function interpreted(
  choice: Partial<Extract<Interpretation, { kind: 'interpreted' }>> & { program: ByteString },
): Interpretation {
  return {
    kind: 'interpreted',
    switches: [],
    tolerated: [],
    isMapped: false,
    withoutCarriageReturns: false,
    ...choice,
  };
}

interface Program {
  readonly file: ByteString | undefined;
  /** The #! line names a program that is not here; one of the same language is. */
  readonly isForeign: boolean;
  /** `cgi.shebangs` names another. */
  readonly isReplaced: boolean;
}

function programOf(line: Shebang, rules: InterpreterRules): Program {
  const replaced = rules.cgi.shebangs[line.interpreter];
  if (replaced !== undefined)
    return { file: findProgram(bytesOfText(replaced), rules.path), isForeign: false, isReplaced: true };
  // A relative path in a #! line is relative to the working directory: never what its author meant.
  const isFindable = line.usesEnv || line.interpreter.startsWith('/');
  const named = isFindable ? findProgram(line.interpreter, rules.path) : undefined;
  if (named !== undefined) return { file: named, isForeign: false, isReplaced: false };
  const kin = kindred(line.interpreter).map((name) => findProgram(name, rules.path));
  return { file: kin.find((file) => file !== undefined), isForeign: true, isReplaced: false };
}

const KINDRED: readonly (readonly [RegExp, readonly ByteString[]])[] = [
  [/^perl[\d.]*$/, ['perl']],
  [/^pythonw?[\d.]*$/, ['python3']],
  [/^(ksh\d*|mksh|pdksh)$/, ['ksh', 'mksh', 'bash', 'sh']],
  [/^(ash|dash|zsh|bash)$/, ['bash', 'sh']],
  [/^t?csh$/, ['tcsh', 'csh']],
  [/^ruby[\d.]*$/, ['ruby']],
  [/^php(-cgi)?[\d.]*$/, ['php-cgi', 'php']],
  [/^(tclsh|tcl)[\d.]*$/, ['tclsh']],
];

/**
 * Programs that speak the language of one that is not here, best first; one of no known language may be found by its
 * own name, without folder and ".exe". A "php" of another server was its CGI program; here it writes no header.
 */
function kindred(interpreter: ByteString): readonly ByteString[] {
  const name = (interpreter.split(/[\\/]/).at(-1) ?? '').toLowerCase().replace(/\.exe$/, '');
  if (name === '') return [];
  const known = KINDRED.find(([pattern]) => pattern.test(name))?.[1] ?? [];
  return known.includes(name) ? known : [name, ...known];
}

function defects(place: ScriptPlace, line: Shebang, isForeign: boolean): readonly Tolerance[] {
  return [
    ...(place.isExecutable ? [] : (['notExecutable'] as const)),
    ...(line.hasCarriageReturn || line.hasByteOrderMark ? (['crlfShebang'] as const) : []),
    ...(isForeign ? (['foreignShebang'] as const) : []),
  ];
}

function causeOf(tolerance: Tolerance, line: Shebang): Cause {
  if (tolerance === 'notExecutable') return { kind: 'notExecutable' };
  if (tolerance === 'foreignShebang') return { kind: 'interpreterMissing', interpreter: line.interpreter };
  if (line.hasByteOrderMark) return { kind: 'shebangByteOrderMark' };
  return { kind: 'shebangCarriageReturn', interpreter: line.interpreter };
}

function extensionOf(file: ByteString): ByteString {
  return /\.[^./]+$/.exec(file)?.[0].toLowerCase() ?? '';
}
