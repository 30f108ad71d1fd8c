// YAML text → a plain value, with the place of every key and value in it. One document, one mapping, no tags.
// Pure. Whatever the text holds, the answer is a value or problems with their places, never an exception.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Problem, Stretch } from './problem.ts';

/** A parsed text. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at a path stands, or its key; the nearest place above it where it is absent. */
  stretchOf(path: readonly PropertyKey[], which: 'key' | 'value'): Stretch;
}

/** Name of the text, and whether it is a file: it is shown with every problem. */
export interface SourceName {
  readonly source: string;
  readonly isFile: boolean;
}

/** Aliases may be used, but not to blow a small file up into a large value ("billion laughs"). */
const MAX_ALIASES = 100;

export function readYaml(text: string, name: SourceName): YamlSource {
  const lines = new LineCounter();
  const textLines = text.split('\n');
  const stretchAt = (from: number, to: number) => stretch(textLines, lines.linePos(from), to - from);
  const problemAt = (range: readonly [number, number], words: Words): Problem => ({
    ...name,
    stretch: stretchAt(range[0], range[1]),
    ...words,
  });
  try {
    const document = parseDocument(text, { ...PARSING, lineCounter: lines });
    const faults = [...document.errors, ...document.warnings];
    const found = [
      ...faults.map((fault) => problemAt(fault.pos, wordsOf(fault))),
      ...repeatedKeys(document).map((at) => problemAt([at, at + 1], wordsFor('DUPLICATE_KEY'))),
    ];
    const lost = aliasesWithoutAnchor(document).map((range) => problemAt(range, wordsFor('BAD_ALIAS')));
    const problems = withoutEchoes(found.length > 0 ? found : lost);
    keepEnvironmentAsWritten(document);
    const value = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, problems, stretchOf: (path, which) => stretchAt(...rangeOf(document, path, which)) };
  } catch (error) {
    // The library throws in two cases: a stack too deep, and aliases that expand without bound.
    const isTooDeep = error instanceof RangeError;
    const at = offsetStretch(text, isTooDeep ? 0 : Math.max(0, text.search(/\*/)));
    const problem: Problem = { ...name, stretch: at, ...(isTooDeep ? TOO_DEEP : TOO_MANY_ALIASES) };
    return { value: undefined, problems: [problem], stretchOf: () => at };
  }
}

/** `error`: nothing is printed; `silent` would let a second document pass. `uniqueKeys` compares each key with each. */
const PARSING = { prettyErrors: false, stringKeys: true, logLevel: 'error', uniqueKeys: false } as const;

/** One mistake makes the parser complain again and again: of one line, what says most about it is kept. */
function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const tooDeep = problems.find((problem) => problem.what === TOO_DEEP.what);
  if (tooDeep !== undefined) return [tooDeep];
  const missing = problems.filter((problem) => problem.what === wordsFor('MISSING_CHAR').what);
  const lines = Map.groupBy([...missing, ...problems], (problem) => problem.stretch.line);
  return [...lines.values()].flatMap((ofLine) => ofLine.slice(0, 1));
}

function aliasesWithoutAnchor(document: Document): readonly [number, number][] {
  const ranges: [number, number][] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) ranges.push(nodeRange(alias) ?? [0, 1]);
    },
  });
  return ranges;
}

/** Where a key of a map stands again. */
function repeatedKeys(document: Document): readonly number[] {
  const places: number[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const pair of items) {
        const key = keyOf(pair);
        if (seen.has(key)) places.push(nodeRange(pair.key)?.[0] ?? 0);
        seen.add(key);
      }
    },
  });
  return places;
}

/** The stretch of one character that begins at an offset of the text. */
export function offsetStretch(text: string, offset: number): Stretch {
  const before = text.slice(0, offset).split('\n');
  return stretch(text.split('\n'), { line: before.length, col: (before.at(-1) ?? '').length + 1 }, 1);
}

function stretch(lines: readonly string[], at: { readonly line: number; readonly col: number }, length: number) {
  const line = (lines[Math.max(1, at.line) - 1] ?? '').replace(/\r$/, '');
  const column = Math.min(Math.max(1, at.col), line.length + 1);
  // A value of several lines is pointed at where it begins.
  return {
    line: Math.max(1, at.line),
    column,
    length: Math.max(1, Math.min(length, line.length - column + 1)),
    text: line,
  };
}

interface Words {
  readonly what: string;
  readonly advice: string;
}

const TOO_DEEP: Words = { what: 'its lists and maps are nested too deeply', advice: 'write it flatter' };
const TOO_MANY_ALIASES: Words = {
  what: 'its aliases ("*name") are used too often',
  advice: 'write the values out in the place of the aliases',
};

const ADVICE: Readonly<Record<string, Words>> = {
  BAD_ALIAS: {
    what: 'an alias ("*name") needs an anchor ("&name") above it',
    advice: 'write the value itself, or put it in quotes',
  },
  DUPLICATE_KEY: { what: 'the same key stands here twice', advice: 'remove this one or the one above' },
  MULTIPLE_DOCS: { what: 'a second document begins here', advice: 'remove this line and what follows it' },
  NON_STRING_KEY: { what: 'a key must be text', advice: 'write the key as text, in quotes' },
  TAB_AS_INDENT: { what: 'a tab indents this line', advice: 'indent with spaces' },
  TAG_RESOLVE_FAILED: { what: 'tags ("!name") mean nothing here', advice: 'remove the tag' },
  BAD_INDENT: {
    what: 'this line is indented in another way than the ones beside it',
    advice: 'indent it as its neighbours',
  },
  MISSING_CHAR: { what: 'a bracket, quote or comma is missing', advice: 'close what was opened before this place' },
  MULTILINE_IMPLICIT_KEY: { what: 'a key ends with ":" on its own line', advice: 'write "key: value"' },
  BLOCK_AS_IMPLICIT_KEY: {
    what: 'a second key begins inside this value',
    advice: 'write one "key: value" on a line, indent the keys of a map alike, or quote the value',
  },
};

function wordsOf(fault: YAMLError): Words {
  // The parser takes what stands after an open bracket for a matter of indentation.
  if (fault.message.startsWith('Flow ')) return wordsFor('MISSING_CHAR');
  if (fault.code in ADVICE || fault.code === 'RESOURCE_EXHAUSTION') return wordsFor(fault.code);
  const first = fault.message.split('\n')[0] ?? '';
  return { what: `it is not lawful YAML: ${first}`, advice: 'mend the YAML here, or put the value in quotes' };
}

function wordsFor(code: string): Words {
  return ADVICE[code] ?? TOO_DEEP;
}

/** `VERSION: 1.10` means the text "1.10" to a script, not the number 1.1: numbers keep their source text there. */
function keepEnvironmentAsWritten(document: Document): void {
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== 'environment' || !isMap(pair.value)) return;
      for (const { value } of pair.value.items) {
        if (!isScalar(value) || value.source === undefined) continue;
        if (typeof value.value === 'number' || typeof value.value === 'boolean') value.value = value.source;
      }
    },
  });
}

function rangeOf(document: Document, path: readonly PropertyKey[], which: 'key' | 'value'): [number, number] {
  let node: unknown = document.contents;
  let range: [number, number] = nodeRange(node) ?? [0, 1];
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find((item) => keyOf(item) === String(step)) : undefined;
    const next = pair === undefined ? itemAt(node, step) : pair.value;
    const isLast = index === path.length - 1;
    const keyRange = nodeRange(pair?.key);
    // A value written short ("request: GET /") has no keys: it is pointed at itself.
    if (isScalar(node) && index > 0) return range;
    if (pair === undefined && next === undefined) return keyAbove(document, path.slice(0, index), range);
    const ofKey = keyRange ?? nodeRange(next);
    range = (isLast && which === 'key' ? ofKey : (nodeRange(next) ?? keyRange)) ?? range;
    node = next;
  }
  return range;
}

/** For what is absent: the key of the map where it should stand. */
function keyAbove(document: Document, path: readonly PropertyKey[], range: [number, number]): [number, number] {
  return path.length === 0 ? range : rangeOf(document, path, 'key');
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function itemAt(node: unknown, step: PropertyKey): unknown {
  const items = typeof node === 'object' && node !== null && 'items' in node ? node.items : undefined;
  return Array.isArray(items) && typeof step === 'number' ? items[step] : undefined;
}

function nodeRange(node: unknown): [number, number] | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const [from, to] = node.range;
  return to > from ? [from, to] : undefined;
}
