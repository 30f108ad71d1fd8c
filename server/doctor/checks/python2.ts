// Was it written for Python 2? ("What's New in Python 3.0", PEP 3100)
// Found in the text alone; a file that the Python here compiles has no syntax of Python 2 (syntax.ts).
import { RENAMED_PYTHON_MODULES } from '../../diagnosis/debian-packages.ts';
import { EMAIL_MODULES, emailMend } from '../../diagnosis/python2-names.ts';
import type { Observation, Place } from '../finding.ts';
import { pythonImports } from '../python-imports.ts';
import { programOf, type Source } from '../source.ts';
import { MEND, WHY } from './python2-mend.ts';
import { namesGone } from './python2-names.ts';

const SYNTAX: readonly (readonly [RegExp, string])[] = [
  [
    /^\s*(?:[^#]*[:;]\s*)?print\s+(?!>>|[=.,)\]}]|\(|in\b|is\b|and\b|or\b|if\b|not\s+in\b)\S/,
    'print without parentheses',
  ],
  [/^\s*except\s*(?:\([^()]*\)|\s[\w.]+)\s*,\s*(?:\w+|\([^()]*\))\s*:/, 'except X, e:'],
  [/^\s*raise\s+[\w.]+\s*,/, 'raise X, "…"'],
  [/^\s*exec\s+(?![=.,)(])\S/, 'exec without parentheses'],
  [/[\w)'"\]]\s*<>\s*[\w('"[]/, '<>'],
  [/`[^`\n]{1,200}`/, 'backticks'],
  [/(?<![\w.'"]|[eE][+-])0(?!0+\b)[0-7]{2,}\b(?![.'"])/, 'an octal number like 0755'],
  [/(?<![\w'"])[uU]?[bB]?\d+L\b/, 'a number like 10L'],
];

export function checkPython2(source: Source): readonly Observation[] {
  if (source.language !== 'python' || /python2/.test(programOf(source.script?.how) ?? '')) return [];
  return [...syntax(source), ...modules(source), ...namesGone(source)];
}

function syntax({ file, code }: Source): readonly Observation[] {
  // A % or a backtick in a string is no code; but a string may follow print.
  return code.flatMap(({ bare, number }) => {
    const [, what] = SYNTAX.find(([pattern]) => pattern.test(bare)) ?? [];
    if (what === undefined) return [];
    return [python2Syntax({ file, line: number })];
  });
}

/** Also of what only Python itself sees. */
export function python2Syntax(place: Place): Observation {
  return {
    id: 'python2-syntax',
    severity: 'error',
    key: 'syntax',
    title: 'The script is written in Python 2',
    why: `${WHY} It cannot even read it: for example print without parentheses, "except X, e:", <>, 0755.`,
    place,
    mend: MEND,
  };
}

function modules(source: Source): readonly Observation[] {
  return pythonImports(source).flatMap(({ module, names, line, isAtStart }) =>
    [module, ...names.map((name) => `${module}.${name}`)].flatMap((each) => {
      const renamed = RENAMED_PYTHON_MODULES[each];
      if (renamed === undefined) return [];
      const isOfEmail = EMAIL_MODULES[each] !== undefined;
      return [
        {
          id: 'python2-module',
          severity: isAtStart ? ('error' as const) : ('warning' as const),
          ...(isOfEmail && { key: 'email' }),
          title: `Python 3 has no module ${each}`,
          why: `${WHY} What ${each} held is in ${renamed} there.`,
          place: { file: source.file, line },
          mend: isOfEmail ? (files, paths) => [emailMend(files), ...MEND(files, paths)] : MEND,
        } satisfies Observation,
      ];
    }),
  );
}
