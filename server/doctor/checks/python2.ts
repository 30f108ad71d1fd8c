// Was it written for Python 2? ("What's New in Python 3.0", PEP 3100)
// Found in the text alone; a file that the Python here compiles has no syntax of Python 2 (syntax.ts).
import { posix } from 'node:path';
import { type ByteString, textOfBytes } from '../../config/byte-string.ts';
import { RENAMED_PYTHON_MODULES } from '../../diagnosis/debian-packages.ts';
import { configuration } from '../../diagnosis/refinement.ts';
import { spellHidden } from '../../diagnosis/visible-text.ts';
import type { Observation } from '../finding.ts';
import { mayNameFail } from '../python-guards.ts';
import { pythonImports } from '../python-imports.ts';
import { programOf, type Source } from '../source.ts';

const SYNTAX: readonly (readonly [RegExp, string])[] = [
  [
    /^\s*(?:[^#]*[:;]\s*)?print\s+(?!>>|[=.,)\]}]|\(|in\b|is\b|and\b|or\b|if\b|not\s+in\b)\S/,
    'print without parentheses',
  ],
  [/^\s*except\s+[\w.]+\s*,\s*\w+\s*:/, 'except X, e:'],
  [/^\s*raise\s+[\w.]+\s*,/, 'raise X, "…"'],
  [/^\s*exec\s+(?![=.,)(])\S/, 'exec without parentheses'],
  [/[\w)'"\]]\s*<>\s*[\w('"[]/, '<>'],
  [/`[^`\n]{1,200}`/, 'backticks'],
  [/(?<![\w.'"]|[eE][+-])0(?!0+\b)[0-7]{2,}\b(?![.'"])/, 'an octal number like 0755'],
  [/(?<![\w'"])[uU]?[bB]?\d+L\b/, 'a number like 10L'],
];
const NAMES =
  /(?:^|[;:])\s*print\s*>>|(?<![\w.])(?:unicode|unichr|raw_input|xrange|basestring|execfile)\s*\(|\.(?:has_key|iteritems|iterkeys|itervalues)\s*\(|\burllib\.(?:urlencode|quote|quote_plus|unquote|unquote_plus|urlopen|urlretrieve)\s*\(|\bstring\.(?:letters|lowercase|uppercase|maketrans|join|replace|split|atoi|lower|upper|strip)\b/g;
const WHY = 'Python 2 is gone from Debian since 2023, and Python 3 runs the script.';
// fissix keeps lib2to3 alive, which left Python in 3.13.
const MEND = (files: string, paths: readonly ByteString[]) => [
  `apt-get install python3-fissix && /usr/bin/python3 -m fissix -w ${files}   # changes what it can, and keeps a .bak`,
  configuration(
    'cgi:',
    '  perScript:',
    ...globs(paths).map(
      (glob) => `    ${spellHidden(JSON.stringify(glob))}: { interpreter: python2 }   # where there is a python2`,
    ),
  ),
];

/** Other languages have scripts in .cgi too: each of those is named. */
function globs(paths: readonly ByteString[]): readonly string[] {
  if (paths.length === 1) return paths.map(globOf);
  return [...new Set(paths.map((path) => (path.endsWith('.py') ? '**/*.py' : globOf(path))))];
}

/** A glob that begins with "/" would be of URLs (cgi/per-script.ts). */
function globOf(path: ByteString): string {
  const name = path.startsWith('/') ? posix.basename(path) : path;
  const glob = textOfBytes(name.replace(/[\\*?{}()[\]!+@|"]/g, '\\$&'));
  return path.startsWith('/') ? `**/${glob}` : glob;
}

export function checkPython2(source: Source): readonly Observation[] {
  if (source.language !== 'python' || /python2/.test(programOf(source.script?.how) ?? '')) return [];
  return [...syntax(source), ...modules(source), ...names(source)];
}

function syntax({ file, code }: Source): readonly Observation[] {
  // A % or a backtick in a string is no code; but a string may follow print.
  return code.flatMap(({ bare, number }) => {
    const [, what] = SYNTAX.find(([pattern]) => pattern.test(bare)) ?? [];
    if (what === undefined) return [];
    return [
      {
        id: 'python2-syntax',
        severity: 'error' as const,
        key: 'syntax',
        title: 'The script is written in Python 2',
        why: `${WHY} It cannot even read it: for example print without parentheses, "except X, e:", <>, 0755.`,
        place: { file, line: number },
        mend: MEND,
      },
    ];
  });
}

function modules(source: Source): readonly Observation[] {
  return pythonImports(source).flatMap(({ module, line, isAtStart }) => {
    const renamed = RENAMED_PYTHON_MODULES[module];
    if (renamed === undefined) return [];
    return [
      {
        id: 'python2-module',
        severity: isAtStart ? ('error' as const) : ('warning' as const),
        title: `Python 3 has no module ${module}`,
        why: `${WHY} What ${module} held is in ${renamed} there.`,
        place: { file: source.file, line },
        mend: MEND,
      },
    ];
  });
}

function names({ file, code }: Source): readonly Observation[] {
  const isOwn = ownNames(code);
  return code.flatMap(({ bare, number }, index) =>
    [...bare.matchAll(NAMES)].some(([found]) => !isOwn(found)) && !mayNameFail(code, index)
      ? [
          {
            id: 'python2-name',
            severity: 'warning' as const,
            title: 'Names that Python 3 has dropped or moved',
            why: `${WHY} When it gets there it ends: unicode, xrange, raw_input, has_key, iteritems, urllib.quote, string.letters and the like are gone, and print >>file is no statement.`,
            place: { file, line: number },
            mend: MEND,
          },
        ]
      : [],
  );
}

/** Names that the text gives a meaning itself: xrange = range, def itervalues(self), from six.moves import xrange. */
function ownNames(code: Source['code']): (found: string) => boolean {
  const text = code.map(({ bare }) => bare).join('\n');
  const hasStringModule = /^\s*(?:import\b.*\bstring\b|from\s+string\s)/m.test(text) && !/\bstring\s*=[^=]/.test(text);
  const isGiven = (name: string): boolean =>
    new RegExp(`^\\s*(?:def|class)\\s+${name}\\b|\\b${name}\\s*=[^=]|\\bimport\\b.*\\b${name}\\b`, 'm').test(text);
  // A long text is read once for each name.
  const given = new Map<string, boolean>();
  return (found) => {
    const name = /[A-Za-z_]\w*/.exec(found)?.[0] ?? '';
    if (name === 'string') return !hasStringModule;
    if (name === 'print' || name === 'urllib') return false;
    const known = given.get(name) ?? isGiven(name);
    given.set(name, known);
    return known;
  };
}
