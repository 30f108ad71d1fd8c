// Messages of python3 that mean Python 2: rows of the table, worded as Python 3.9 to 3.13 write them.
import type { Evidence } from './cause.ts';
import { PYTHON2_ATTRIBUTES, PYTHON2_NAMES } from './python2-names.ts';
import { configuration, type Refinement, type StderrPattern, said } from './refinement.ts';
import { shellQuote } from './shell-quote.ts';

export const PYTHON2 = 'It is written in Python 2, and Python 3 runs it.';
export const PYTHON_CHECK = (evidence: Evidence) => `python3 -m py_compile ${shellQuote(evidence.scriptFile)}`;
// 2to3 left Python in 3.13, so what can be offered is the change itself, or a Python 2 for this script.
export const RUN_PYTHON2 = (evidence: Evidence) =>
  configuration(
    'cgi:',
    '  perScript:',
    `    ${JSON.stringify(said([evidence.scriptName], 0))}: { interpreter: python2 }`,
  );

const BUILTINS = Object.keys(PYTHON2_NAMES).filter((name) => !/^(?:has_key|iter|next)/.test(name));
const ATTRIBUTES = Object.keys(PYTHON2_ATTRIBUTES).map((name) => name.replace('.', "' has no attribute '"));

export const PYTHON2_PATTERNS: readonly StderrPattern[] = [
  {
    id: 'python2Print',
    pattern: /^SyntaxError: Missing parentheses in call to '(print|exec)'/m,
    refine: (groups, evidence) => ({
      title: `The script is written in Python 2: ${said(groups, 1)} without parentheses`,
      why: `${PYTHON2} There, ${said(groups, 1)} is a function: its arguments need parentheses.`,
      mend: [`${said(groups, 1)}(…)`, PYTHON_CHECK(evidence), RUN_PYTHON2(evidence)],
    }),
  },
  {
    id: 'python2Except',
    pattern: /^SyntaxError: multiple exception types must be parenthesized/m,
    refine: (_groups, evidence) => ({
      title: 'The script is written in Python 2: "except X, e:"',
      why: `${PYTHON2} There, the name of a caught exception follows "as".`,
      mend: [...exceptMend(evidence), PYTHON_CHECK(evidence), RUN_PYTHON2(evidence)],
    }),
  },
  {
    id: 'python2Octal',
    pattern: /^SyntaxError: (?:leading zeros in decimal integer literals are not permitted|invalid token)/m,
    refine: (_groups, evidence) => ({
      title: 'The script is written in Python 2: a number with a leading zero',
      why: `${PYTHON2} There, an octal number such as a file mode is written 0o755, not 0755.`,
      mend: [PYTHON_CHECK(evidence), RUN_PYTHON2(evidence)],
    }),
  },
  {
    id: 'python2Syntax',
    pattern:
      /^ {4}((?:raise [\w.]{1,80} *,|print\b *(?!\()[^\n]|[^\n`]{0,200}`|[^\n<]{0,200}<>)[^\n]{0,200})\n[ ^~]*\nSyntaxError: invalid syntax/m,
    refine: (groups, evidence) => ({
      title: 'The script is written in Python 2',
      why: `${PYTHON2} Python 3 does not know this line: ${said(groups, 1)}`,
      mend: [PYTHON_CHECK(evidence), RUN_PYTHON2(evidence)],
    }),
  },
  {
    id: 'python2Name',
    pattern: new RegExp(`^NameError: name '(${BUILTINS.join('|')})' is not`, 'm'),
    refine: (groups, evidence) => nameGone(said(groups, 1), PYTHON2_NAMES[said(groups, 1)], evidence),
  },
  {
    id: 'python2Attribute',
    pattern: new RegExp(`^AttributeError: module '(?:${ATTRIBUTES.join('|')})'`, 'm'),
    refine: ([message = ''], evidence) => {
      const name = message.replace(/^[^']*'|'$/g, '').replace("' has no attribute '", '.');
      return attributeGone(name, evidence);
    },
  },
  {
    // FieldStorage says nothing but the name.
    id: 'python2Method',
    pattern:
      /^AttributeError: (?:'[\w.]{1,80}' object has no attribute ')?(has_key|iteritems|itervalues|iterkeys|next)(?:'|$)/m,
    refine: (groups, evidence) => nameGone(said(groups, 1), PYTHON2_NAMES[said(groups, 1)], evidence),
  },
  {
    id: 'python2Decode',
    pattern: /^AttributeError: 'str' object has no attribute '(decode)'/m,
    refine: (groups, evidence) => nameGone(said(groups, 1), undefined, evidence),
  },
  {
    id: 'python2Lists',
    pattern:
      /^(?:AttributeError: '(dict_keys|dict_values|dict_items|KeysView|ValuesView|ItemsView|map|filter|zip|range)' object has no attribute '(?:sort|append|index|reverse|pop|remove)'|TypeError: '(dict_keys|dict_values|dict_items|KeysView|ValuesView|ItemsView|map|filter|zip)' object is not subscriptable|TypeError: object of type '(map|filter|zip)' has no len)/m,
    refine: ([, ...groups], evidence) => ({
      title: `The script is written in Python 2: a ${said([groups.find(Boolean) ?? ''], 0)} is no list there`,
      why: `${PYTHON2} There, keys(), values(), items(), map(), filter(), zip() and range() give no lists: list(…) makes one, sorted(…) a sorted one.`,
      mend: ['keys = sorted(mapping)', 'words = list(map(f, words))', RUN_PYTHON2(evidence)],
    }),
  },
  {
    id: 'python2Sort',
    pattern:
      /^TypeError: (?:'cmp' is an invalid keyword argument for sort|sort(?:ed)?\(\) (?:got an unexpected keyword argument 'cmp'|takes no positional))/m,
    refine: (_groups, evidence) => ({
      title: 'The script is written in Python 2: it sorts with a function that compares',
      why: `${PYTHON2} There, sort() takes no such function: it needs a key.`,
      mend: ['import functools; words.sort(key=functools.cmp_to_key(compare))', RUN_PYTHON2(evidence)],
    }),
  },
  {
    id: 'python2RaiseText',
    pattern: /^TypeError: exceptions must derive from BaseException/m,
    refine: (_groups, evidence) => ({
      title: 'The script is written in Python 2: raise "text"',
      why: `${PYTHON2} There, what is raised has to be an exception.`,
      mend: ['raise Exception("text")', RUN_PYTHON2(evidence)],
    }),
  },
];

function nameGone(name: string, mend: string | undefined, evidence: Evidence): Refinement {
  return {
    title: `The script is written in Python 2: there is no ${name} any more`,
    why: `${PYTHON2} There, ${name} was moved or dropped.`,
    mend: [...(mend === undefined ? [] : [mend]), RUN_PYTHON2(evidence)],
  };
}

function attributeGone(name: string, evidence: Evidence): Refinement {
  return {
    title: `There is no ${name} any more`,
    why: `Python 2 had it, and Python 3 has moved or dropped it since.${name.startsWith('os.popen') ? '' : ' A line at the top of the script gives it back.'}`,
    mend: [PYTHON2_ATTRIBUTES[name] ?? '', RUN_PYTHON2(evidence)],
  };
}

const EXCEPT_TUPLE = /^ *except ([^\n]{1,200}?), *\(([^()\n]{1,100})\) *:/m;

/** sed cannot unpack an exception: what is to stand there takes a line more. */
function exceptMend({ stderr, scriptFile }: Evidence): readonly string[] {
  const [, type, names] = EXCEPT_TUPLE.exec(stderr) ?? [];
  if (type !== undefined) return [`except ${said([type], 0)} as error:\n    ${said([names ?? ''], 0)} = error.args`];
  const old = '^([ \\t]*except[ \\t]*(\\([^)]*\\)|[ \\t][A-Za-z0-9_.]+))[ \\t]*,[ \\t]*([A-Za-z0-9_]+)[ \\t]*:';
  return [`sed -i -E 's/${old}/\\1 as \\3:/' ${shellQuote(scriptFile)}`];
}
