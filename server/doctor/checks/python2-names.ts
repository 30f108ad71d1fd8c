// Names that Python 3 has dropped or moved: the script ends when it gets there.
import { PYTHON2_ATTRIBUTES, PYTHON2_NAMES } from '../../diagnosis/python2-names.ts';
import type { Observation } from '../finding.ts';
import { mayNameFail } from '../python-guards.ts';
import { pythonImports } from '../python-imports.ts';
import type { Source } from '../source.ts';
import { MEND, WHY } from './python2-mend.ts';

const METHODS = ['has_key', 'iteritems', 'iterkeys', 'itervalues'];
const BUILTINS = Object.keys(PYTHON2_NAMES).filter((name) => name !== 'next' && !METHODS.includes(name));
const NAMES = new RegExp(
  [
    String.raw`(?:^|[;:])\s*print\s*>>`,
    String.raw`(?<![\w.])(?:${BUILTINS.join('|')})\s*\(`,
    String.raw`\.(?:${METHODS.join('|')})\s*\(`,
    String.raw`(?<![\w.])(?:${Object.keys(PYTHON2_ATTRIBUTES).join('|').replaceAll('.', '[.]')})\b`,
  ].join('|'),
  'g',
);
// Statements that Python 3 reads and cannot carry out: a string that is raised, a function that compares.
const STATEMENTS: readonly RegExp[] = [
  /^\s*raise\s+["']/,
  /\bsort(?:ed)?\s*\([^()\n]*\bcmp\s*=/,
  /\.sort\s*\(\s*(?:lambda\b|cmp\s*\))/,
];
/** How far up a list that is sorted is looked for. */
const REACH = 6;
// What fissix changes is one cause; it leaves these.
const LEFT = /^(?:base64|cgi|time)\.|^os\.popen/;

interface Gone {
  /** "" for what is no name. */
  readonly name: string;
  readonly line: number;
}

export function namesGone(source: Source): readonly Observation[] {
  return [...used(source), ...imported(source)].map((gone) =>
    LEFT.test(gone.name) ? left(gone, source) : dropped(gone, source),
  );
}

function used({ code }: Source): readonly Gone[] {
  const isOwn = ownNames(code);
  return code.flatMap(({ bare, number }, index) => {
    const names = [...bare.matchAll(NAMES)].map(([name]) => name).filter((name) => !isOwn(name));
    const isStatement = STATEMENTS.some((pattern) => pattern.test(bare)) || isViewAsList(code, index);
    const found = isStatement ? [...names, ''] : names;
    return found.length === 0 || mayNameFail(code, index) ? [] : found.map((name) => ({ name, line: number }));
  });
}

function imported(source: Source): readonly Gone[] {
  return pythonImports(source).flatMap(({ module, names, line }) =>
    names
      .map((name) => ({ name: `${module}.${name}`, line }))
      .filter(({ name }) => PYTHON2_ATTRIBUTES[name] !== undefined),
  );
}

function dropped({ line }: Gone, { file }: Source): Observation {
  return {
    id: 'python2-name',
    severity: 'warning',
    title: 'Names that Python 3 has dropped or moved',
    why: `${WHY} When it gets there it ends: unicode, xrange, raw_input, has_key, iteritems, urllib.quote, string.letters and the like are gone, print >>file is no statement, "raise" takes no text, keys() gives no list.`,
    place: { file, line },
    mend: MEND,
  };
}

function left({ name, line }: Gone, { file }: Source): Observation {
  return {
    id: 'python2-name',
    severity: 'warning',
    title: `Python 3 has no ${name} any more`,
    why: 'Python 2 had it, and Python 3 has dropped it since. When the script gets there it ends.',
    place: { file, line },
    mend: () => [`${PYTHON2_ATTRIBUTES[name]}   # at the top of the script`],
  };
}

/** keys() and its like are sorted or counted off, there or some lines below. FieldStorage gives lists. */
function isViewAsList(code: Source['code'], index: number): boolean {
  const line = code[index]?.bare ?? '';
  const [, owner] = /([\w.]*)\.(?:keys|values|items)\(\)(?:\.(?:sort|reverse|append)\(|\[)/.exec(line) ?? [];
  if (owner !== undefined) return !isForm(owner, code);
  const [, name] = /(?:^|[\s;])(\w+)\.sort\s*\(/.exec(line) ?? [];
  if (name === undefined) return false;
  const above = code.slice(Math.max(0, index - REACH), index + 1).map(({ bare }) => bare);
  const given = new RegExp(`\\b${name}\\s*=(?!=)\\s*([^;\\n]*)`, 'g');
  const [, value] = [...above.join('\n').matchAll(given)].at(-1) ?? [];
  const [, mapping] = /^([\w.]+)\.(?:keys|values|items)\(\)\s*$/.exec(value ?? '') ?? [];
  return mapping !== undefined && !isForm(mapping, code);
}

function isForm(name: string, code: Source['code']): boolean {
  if (name === '') return false;
  const given = new RegExp(`\\b${name.replaceAll('.', '[.]')}\\s*=.*\\bFieldStorage\\b`);
  return code.some(({ bare }) => given.test(bare));
}

/** Names that the text gives a meaning itself: xrange = range, def itervalues(self), from six.moves import xrange. */
function ownNames(code: Source['code']): (found: string) => boolean {
  const text = code.map(({ bare }) => bare).join('\n');
  const isGiven = (found: string): boolean => {
    const name = /[A-Za-z_][\w.]*/.exec(found)?.[0] ?? '';
    const [module = '', attribute] = name.split('.');
    const word = name.replaceAll('.', '[.]');
    if (attribute !== undefined) return !isImported(module, text) || new RegExp(`\\b${word}\\s*=[^=]`).test(text);
    return new RegExp(
      `^\\s*(?:def|class)\\s+${word}\\b|^\\s*def\\s+\\w+\\s*\\([^)\\n]*\\b${word}\\b|\\b${word}\\s*=[^=]|\\bimport\\b.*\\b${word}\\b`,
      'm',
    ).test(text);
  };
  // A long text is read once for each name.
  const given = new Map<string, boolean>();
  return (found) => {
    if (/^\W*print\b/.test(found)) return false;
    const known = given.get(found) ?? isGiven(found);
    given.set(found, known);
    return known;
  };
}

function isImported(module: string, text: string): boolean {
  const imports = new RegExp(`^\\s*(?:import\\b.*\\b${module}\\b|from\\s+${module}\\s)`, 'm');
  return imports.test(text) && (module === 'urllib' || !new RegExp(`\\b${module}\\s*=[^=]`).test(text));
}
