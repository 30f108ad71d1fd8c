// What Perl text loads: use, require, do (perldoc -f use, require, do). Pure.
import type { ByteString } from '../config/byte-string.ts';
import type { CodeLine } from './code-lines.ts';
import type { Source } from './source.ts';

export interface PerlLoad {
  /** As perl looks it up: "CGI/Session.pm", "lib.pl", "./lib.pl". */
  readonly path: ByteString;
  /** "CGI::Session"; absent for a file that is loaded by name. */
  readonly module: ByteString | undefined;
  /** `use` is carried out when the script is compiled, the others when they are reached. */
  readonly word: 'use' | 'require' | 'do';
  readonly line: number;
  /** The words of the source: `require "lib.pl"`. */
  readonly text: ByteString;
}

const MODULE = /(?:^|[;{}])\s*(use|require)\s+([A-Za-z_]\w*(?:::\w+)*)(?=\s*(\()|\s*[;}'"]|\s+[\w'"+-]|\s*$)/g;
// perlfunc: "require shift" loads the file that the function names; one of the script's own has parentheses.
const FUNCTIONS = new Set(
  `delete do each eval getc join lc lcfirst local map my our pack pop q qq readline readlink ref reverse shift splice sprintf
   substr uc ucfirst values wantarray`.split(/\s+/),
);
// Words in quotes alone: what else stands there is worked out by the script.
const PARENTS =
  /(?:^|[;{}])\s*use\s+(?:base|parent)\s+(?:\(\s*)?(qw\s*[^\w\s][\w:\s]{1,500}|(?:["'][\w:]+["'][\s,]*){1,50})/;
// From Windows come "SUB.PL" and "Sub.Pl"; (?i:…) behind a repetition misses them in V8 13.6.
const ENDS = 'pl|pm|ph|cgi|lib|cfg|conf|setup|inc|txt|dat'.replace(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`);
const FILE = new RegExp(String.raw`\b(require|do)\s*\(?\s*["']([^"'$@%\n\0]{1,300}\.(?:${ENDS}))["']`, 'g');
// Pragmas that are no files, or that say something else.
const NO_MODULES = new Set(['v5', 'version', 'if']);

/** Loads in order. What stands in an eval is left out: the script itself expects that it may be missing. */
export function perlLoads(source: Pick<Source, 'code'>): readonly PerlLoad[] {
  const inEval = linesInEval(source.code);
  return allPerlLoads(source).filter(({ line }) => !inEval.has(line));
}

/** With those that stand in an eval. */
export function allPerlLoads({ code }: Pick<Source, 'code'>): readonly PerlLoad[] {
  const own = new Set(code.flatMap(({ bare }) => /^\s*package\s+([\w:]+)/.exec(bare)?.[1] ?? []));
  return code
    .flatMap((line) => [...modulesOf(line), ...filesOf(line)])
    .filter(({ module }) => module === undefined || !own.has(module));
}

function modulesOf({ code, bare, number }: CodeLine): PerlLoad[] {
  const named = [...bare.matchAll(MODULE)]
    .filter(([, word, name = '', behind]) => word === 'use' || (behind === undefined && !FUNCTIONS.has(name)))
    .map(([text, word, module = '']) => ({ text, word, module }));
  const parents = PARENTS.exec(code)?.[1] ?? '';
  const inherited = [...parents.matchAll(/[A-Za-z_]\w*(?:::\w+)*/g)]
    .map(([module]) => ({ text: parents, word: 'use', module }))
    .filter(({ module }) => module !== 'qw');
  return [...named, ...inherited]
    .filter(({ module }) => !NO_MODULES.has(module) && !/^v?\d/.test(module))
    .map(({ text, word, module }) => ({
      path: `${module.replaceAll('::', '/')}.pm`,
      module,
      word: word === 'use' ? 'use' : 'require',
      line: number,
      text,
    }));
}

function filesOf({ code, number }: CodeLine): PerlLoad[] {
  return [...code.matchAll(FILE)].map(([text, word, path = '']) => ({
    path,
    module: undefined,
    word: word === 'do' ? 'do' : 'require',
    line: number,
    text,
  }));
}

// An eval around more is there for the messages of the whole program.
const LONGEST_EVAL = 40;

/** Numbers of the lines that hold an eval, or begin within `eval { … }` or `eval q{ … }`. */
function linesInEval(code: readonly CodeLine[]): ReadonlySet<number> {
  const found = new Set<number>();
  // For each brace that is open, the line of the innermost eval around.
  const open: (number | undefined)[] = [];
  let before = '';
  for (const { code: whole, bare, number } of code) {
    const around = open.at(-1);
    if (/\beval\b/.test(whole) || (around !== undefined && number - around <= LONGEST_EVAL)) found.add(number);
    for (const part of bare.replace(/\\./g, '').split(/([{}])/)) {
      if (part === '{') open.push(/\beval\s*(?:qq?\s*)?$/.test(before) ? number : open.at(-1));
      if (part === '}') open.pop();
      if (part.trim() !== '') before = part;
    }
  }
  return found;
}

/**
 * Folders that `use lib` names, and those that are put into @INC by name; the script's own folder as "". One that a variable
 * holds is "$NAME": only the script knows it.
 */
export function perlLibraryFolders({ code }: Pick<Source, 'code'>): readonly ByteString[] {
  return code.flatMap(({ code: line }) => {
    if (!/\buse\s+lib\b|@INC\b/.test(line)) return [];
    const quoted = [...line.matchAll(/["']([^"'\n]{1,300})["']/g)].map(([, folder = '']) => folder);
    const words = /\bqw\s*[(/{[<]([^)/}\]>]{1,300})/.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
    const inVariable = [
      ...line.replace(/"[^"]*"|'[^']*'/g, '').matchAll(/[(,]?\s*(\$(?!0\b|(?:FindBin::)?(?:Real)?Bin\b)\w+)/g),
    ];
    const bin = /\$(?:FindBin::)?(?:Real)?Bin\b|__FILE__|\$0\b/.test(line) ? [''] : [];
    return [...quoted, ...words, ...inVariable.map(([, name = '']) => name), ...bin].map((folder) =>
      folder.replace(/^\$(?:\{)?(?:FindBin::)?(?:Real)?Bin\}?\/?/, ''),
    );
  });
}
