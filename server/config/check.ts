// Checks values of a file, a variable or a flag against the schema, and words what is wrong with its place.
// Pure: text and names come in, values and problems go out.
import { type Issue, type Place, type Remark, remarksOf } from './advice.ts';
import { KEYS, type Key, SECTIONS } from './keys.ts';
import type { Problem } from './problem.ts';
import { Config } from './schema.ts';
import { hasOwn, schemaKeysAt, valueAt } from './schema-path.ts';
import { offsetStretch, readYaml, type SourceName, type YamlSource } from './yaml-source.ts';

/** What one file says: the keys that stand in it, checked, and their lines. */
export interface FileSettings {
  readonly config: Config;
  /** Line of each key that the file sets, by its path: "limits.timeoutSeconds". */
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

const DEFAULTS = Config.parse({});

/** Checks the text of a whole file. Problems: all of them; the configuration is then the defaults. */
export function checkFile(text: string, source: string): FileSettings {
  const name: SourceName = { source, isFile: true };
  const yaml = readYaml(text, name);
  if (yaml.problems.length > 0) return { config: DEFAULTS, lines: new Map(), problems: yaml.problems };
  const value = withoutEmptySections(yaml.value);
  const checked = Config.safeParse(value);
  if (checked.success) return { config: checked.data, lines: linesOf(value, yaml), problems: [] };
  const issues = checked.error.issues.flatMap(oneByOne);
  const problems = issues.slice(0, MAX_SHOWN + 1).flatMap((issue) => problemsOf(issue, { name, yaml, value }));
  return { config: DEFAULTS, lines: new Map(), problems: withoutFlood(problems, issues.length - MAX_SHOWN) };
}

/** Nobody reads more; a file of 20 000 unknown keys would take a running server a quarter of a minute. */
const MAX_SHOWN = 200;

function oneByOne(issue: Issue): readonly Issue[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue];
}

function withoutFlood(problems: readonly Problem[], more: number): readonly Problem[] {
  const flood = problems[MAX_SHOWN];
  if (flood === undefined) return problems;
  const what = `${more} more mistakes are not shown`;
  return [...problems.slice(0, MAX_SHOWN), { ...flood, what, advice: 'mend the others first' }];
}

/** `site:` with nothing but comments below it is an empty section, and an empty file an empty configuration. */
function withoutEmptySections(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const isEmpty = ([key, section]: [string, unknown]) => section === null && SECTIONS.some((known) => known === key);
  return Object.fromEntries(Object.entries(value).filter((entry) => !isEmpty(entry)));
}

function linesOf(value: unknown, yaml: YamlSource): ReadonlyMap<string, number> {
  const set = KEYS.filter((key) => hasOwn(valueAt(value, [key.section]), key.name));
  return new Map(set.map((key) => [key.path, yaml.stretchOf([key.section, key.name], 'key').line]));
}

function problemsOf(
  issue: Issue,
  file: { readonly name: SourceName; readonly yaml: YamlSource; readonly value: unknown },
): Problem[] {
  const place: Place = { prefix: [], keysAt, valueAt: (path) => valueAt(file.value, path) };
  return remarksOf(issue, place).map(({ path, atKey, what, advice }: Remark) => ({
    ...file.name,
    stretch: file.yaml.stretchOf(path, atKey ? 'key' : 'value'),
    what,
    advice,
  }));
}

/** What one variable or flag says. */
export type Setting =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/**
 * Checks the text of a variable or a flag for one key. Text is taken as it is where the key takes text;
 * else it is read as YAML: `8000`, `true`, `[perl]`, `{.pl: perl}`.
 */
export function checkText(key: Key, text: string, source: string): Setting {
  const asText = key.schema.safeParse(text);
  if (asText.success) return { kind: 'value', value: asText.data };
  const name: SourceName = { source, isFile: false };
  const yaml = readYaml(text, name);
  if (yaml.problems.length > 0) return { kind: 'wrong', problems: yaml.problems };
  const checked = key.schema.safeParse(yaml.value);
  if (checked.success) return { kind: 'value', value: checked.data };
  const prefix = [key.section, key.name];
  const place: Place = { prefix, keysAt, valueAt: (path) => valueAt(yaml.value, path) };
  const problems = checked.error.issues
    .flatMap((issue) => remarksOf(issue, place))
    .map(({ what, advice }) => ({
      ...name,
      stretch: { ...offsetStretch(text, 0), length: text.length },
      what,
      advice,
    }));
  return { kind: 'wrong', problems };
}

/** The keys known at a path; at the top also those of the sections, for "did you mean". */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  return path.length === 0 ? [...SECTIONS, ...KEYS.map((key) => key.path)] : schemaKeysAt(Config, path);
}
