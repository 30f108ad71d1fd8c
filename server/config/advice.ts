// What zod found, in the reader's words: what is the case, and what to write instead.
// Pure. Messages of our own (schema.ts) read "must be …, for example …": the example becomes the advice.
import type { z } from 'zod';
import { pathText } from './keys.ts';
import { nearestWord } from './suggestion.ts';

export type Issue = z.core.$ZodIssue;

/** One remark about one place. `atKey`: the key is wrong, not its value. */
export interface Remark {
  readonly path: readonly PropertyKey[];
  readonly atKey: boolean;
  readonly what: string;
  readonly advice: string;
}

/** Puts one issue into words. An issue about several unknown keys gives one remark for each. */
export function remarksOf(issue: Issue, place: Place): readonly Remark[] {
  const path = [...place.prefix, ...issue.path];
  const named = pathText(path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], place.keysAt(path)));
  }
  if (issue.code === 'invalid_key') {
    const words = ownWords(issue.issues[0]?.message ?? '', path.at(-1));
    return [
      {
        path,
        atKey: true,
        what: `the key ${JSON.stringify(String(path.at(-1)))} of ${pathText(path.slice(0, -1))} ${words.what}`,
        advice: words.advice,
      },
    ];
  }
  const words = valueWords(issue, { key: String(path.at(-1) ?? ''), value: place.valueAt(issue.path) });
  return [{ path, atKey: false, what: `${named === '' ? 'the file' : named} ${words.what}`, advice: words.advice }];
}

/** Where the checked value stands, and what may stand there. */
export interface Place {
  /** Path of the value that was checked: [] for a file, ['server', 'port'] for a variable. */
  readonly prefix: readonly PropertyKey[];
  /** The keys that the schema knows at a path. */
  keysAt(path: readonly PropertyKey[]): readonly string[];
  /** The value at a path below the prefix. */
  valueAt(path: readonly PropertyKey[]): unknown;
}

interface Words {
  readonly what: string;
  readonly advice: string;
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): Remark {
  const key = String(path.at(-1));
  const nearest = nearestWord(key, known);
  const elsewhere = known.find((candidate) => candidate.endsWith(`.${key}`));
  const meant = elsewhere ?? nearest;
  const owner = pathText(path.slice(0, -1));
  const advice = meant === undefined ? `remove it; known here: ${listed(known)}` : `did you mean "${meant}"?`;
  return {
    path,
    atKey: true,
    what: `${JSON.stringify(key)} is not a key${owner === '' ? '' : ` of ${owner}`}`,
    advice,
  };
}

function listed(known: readonly string[]): string {
  return known.filter((name) => !name.includes('.')).join(', ');
}

function valueWords(issue: Issue, at: { readonly key: string; readonly value: unknown }): Words {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, at);
    case 'invalid_value':
      return choiceWords(issue.values.map(String), at.value);
    case 'too_small':
      return boundWords(issue.origin, `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`);
    case 'too_big':
      return boundWords(issue.origin, `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`);
    default:
      return ownWords(issue.message, at.value);
  }
}

const TYPES: Readonly<Record<string, Words>> = {
  number: { what: 'must be a number', advice: 'write a number, for example 10' },
  int: { what: 'must be a whole number', advice: 'write a whole number, for example 10' },
  boolean: { what: 'must be true or false', advice: 'write true or false' },
  string: { what: 'must be text', advice: 'write text, in quotes where it looks like a number' },
  array: { what: 'must be a list', advice: 'write a list, for example [a, b]' },
  record: { what: 'must be a map', advice: 'write a map, for example {name: value}' },
  object: { what: 'must be a map of keys', advice: 'write keys and values below it, or remove it' },
};

function typeWords(expected: string, at: { readonly key: string; readonly value: unknown }): Words {
  const words = TYPES[expected] ?? { what: `must be of type ${expected}`, advice: `write a value of type ${expected}` };
  if (at.value === undefined) return { what: 'is missing', advice: `add "${at.key}"` };
  if (at.key.endsWith('Seconds')) return { ...words, advice: 'write seconds as a number, for example 30' };
  if (/ports?$/i.test(at.key) && expected !== 'array')
    return { ...words, advice: 'write a port as a number, for example 8000' };
  return words;
}

function choiceWords(values: readonly string[], written: unknown): Words {
  const nearest = typeof written === 'string' ? nearestWord(written, values) : undefined;
  const advice = nearest === undefined ? `write ${values[0] ?? ''}` : `did you mean "${nearest}"?`;
  return { what: `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`, advice };
}

function boundWords(origin: string, bound: string): Words {
  if (origin === 'string') return { what: 'must not be empty', advice: 'write something here, or remove the key' };
  if (origin === 'array') return { what: 'must not be empty', advice: 'write at least one below it' };
  return { what: `must be ${bound}`, advice: `write a number that is ${bound}` };
}

function ownWords(message: string, written: unknown): Words {
  const [what = message, example] = message.split(', for example ');
  const mended = mend(what, written);
  if (mended !== undefined) return { what, advice: `write ${JSON.stringify(mended)}` };
  return { what, advice: example === undefined ? 'see "cgibox config --schema"' : `write for example ${example}` };
}

/** The value as its writer meant it, where only a slash or a dot is missing. */
function mend(what: string, written: unknown): string | undefined {
  if (typeof written !== 'string' || !/^[\w./-]+$/.test(written)) return undefined;
  if (what.startsWith('must begin and end with "/"')) return `/${written}/`.replace(/\/{2,}/g, '/');
  if (what.startsWith('must be a dot and a name') && /^\w+$/.test(written)) return `.${written}`;
  return undefined;
}
