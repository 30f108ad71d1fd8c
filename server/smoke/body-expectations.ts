// What is expected of a body: text, values of its JSON, elements of its HTML. Golden files are golden.ts's.
// Pure.
import { isDeepStrictEqual } from 'node:util';
import { selectElements } from './html-select.ts';
import { valueAtPath } from './json-path.ts';
import { type Mismatch, mismatches, quote } from './matching.ts';
import type { Body } from './plan.ts';
import type { Failure, PlaceOf } from './result.ts';

export function bodyFailures(text: string, body: Body | undefined, placeOf: PlaceOf): readonly Failure[] {
  if (body === undefined) return [];
  const { golden, json = {}, html = {}, ...match } = body;
  const put = (kind: Failure['kind'], found: readonly Mismatch[]): readonly Failure[] =>
    found.map(({ key, summary, detail }) => ({ kind, summary, detail, place: placeOf(key) }));
  return [
    ...put('body', mismatches(text, match, 'the body')),
    ...put('json', jsonMismatches(text, json)),
    ...put(
      'html',
      Object.entries(html).flatMap(([selector, wanted]) => htmlMismatches(text, selector, wanted)),
    ),
  ];
}

function jsonMismatches(text: string, expected: Readonly<Record<string, unknown>>): readonly Mismatch[] {
  if (Object.keys(expected).length === 0) return [];
  const parsed = parseJson(text);
  if ('reason' in parsed) return [{ key: ['json'], summary: `the body is not JSON: ${parsed.reason}`, detail: [] }];
  return Object.entries(expected).flatMap(([path, wanted]): readonly Mismatch[] => {
    const found = valueAtPath(parsed.value, path);
    const key = ['json', path];
    const match = matchOf(wanted);
    if (match?.absent === true) return found === undefined ? [] : [{ key, summary: `there is a ${path}`, detail: [] }];
    if (found === undefined) return [{ key, summary: `the JSON has no ${path}`, detail: [] }];
    if (match !== undefined)
      return mismatches(asText(found), match, path).map((each) => ({ ...each, key: [...key, ...each.key] }));
    if (isDeepStrictEqual(found, wanted)) return [];
    return [{ key, summary: `${path} is ${short(found)}, not ${short(wanted)}`, detail: [] }];
  });
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function parseJson(text: string): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message.slice(0, 120) : String(error) };
  }
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

type JsonMatch = NonNullable<Parameters<typeof mismatches>[1]> & { readonly absent?: true | undefined };

/** A mapping of nothing but the words of a match is one; any other value is the value expected. */
function matchOf(wanted: unknown): JsonMatch | undefined {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return undefined;
  const words = Object.entries(wanted);
  if (words.length === 0 || !words.every(([word]) => MATCH_WORDS.has(word))) return undefined;
  const list = (value: unknown) => (Array.isArray(value) ? value : [value]).map(String);
  const of = (given: Readonly<Record<string, unknown>>): JsonMatch => ({
    ...(given.equals !== undefined && { equals: asText(given.equals) }),
    ...(given.contains !== undefined && { contains: list(given.contains) }),
    ...(given.matches !== undefined && { matches: list(given.matches) }),
    ...(given.absent === true && { absent: true }),
  });
  const given = wanted as Readonly<Record<string, unknown>>;
  const { not } = given;
  if (not === undefined) return of(given);
  const isMap = typeof not === 'object' && not !== null && !Array.isArray(not);
  return { ...of(given), not: of(isMap ? (not as Readonly<Record<string, unknown>>) : { contains: not }) };
}

const MATCH_WORDS: ReadonlySet<string> = new Set(['equals', 'contains', 'matches', 'not', 'absent']);

type HtmlMatch = NonNullable<Body['html']>[string];

function htmlMismatches(text: string, selector: string, wanted: HtmlMatch): readonly Mismatch[] {
  const key = ['html', selector];
  const found = selectElements(text, selector);
  if (found === undefined) return [{ key, summary: `${quote(selector)} is no CSS selector`, detail: [] }];
  const { count, attribute, ...match } = wanted;
  if (count !== undefined && found.length !== count)
    return [{ key, summary: `${selector} selects ${found.length} elements, not ${count}`, detail: [] }];
  const [first] = found;
  if (first === undefined) return count === 0 ? [] : [{ key, summary: `the page has no ${selector}`, detail: [] }];
  if (attribute === undefined) return mismatches(first.text, match, `the text of ${selector}`);
  const value = first.attributes[attribute];
  if (value === undefined) return [{ key, summary: `${selector} has no attribute ${attribute}`, detail: [] }];
  return mismatches(value, match, `${attribute} of ${selector}`);
}
