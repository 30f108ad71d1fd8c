// Templates: {{name}} in the texts of a plan, filled from captures, the data row, variables and {{env.NAME}}.
// Pure. "\{{" stands for "{{" itself; a name that nothing gives is told, never filled with nothing.

const TEMPLATE = /\\\{\{|\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/g;

/** The names that a value asks for, with the path to each text that does. */
export function templateNames(value: unknown, path: readonly PropertyKey[] = []): readonly NamedAt[] {
  if (typeof value === 'string')
    return [...value.matchAll(TEMPLATE)].flatMap(([, name]) => (name === undefined ? [] : [{ name, path }]));
  if (Array.isArray(value)) return value.flatMap((item, index) => templateNames(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...templateNames(key, [...path, key]),
    ...templateNames(item, [...path, key]),
  ]);
}

export interface NamedAt {
  readonly name: string;
  readonly path: readonly PropertyKey[];
}

/** The value with every template filled; `missing` is told each name that `lookUp` does not know. */
export function filled<Value>(
  value: Value,
  lookUp: (name: string) => string | undefined,
  missing: (name: string) => void,
): Value {
  const fill = (item: unknown): unknown => {
    if (typeof item === 'string')
      return item.replace(TEMPLATE, (whole, name?: string) => {
        if (name === undefined) return '{{';
        const found = lookUp(name);
        if (found === undefined) missing(name);
        return found ?? whole;
      });
    if (Array.isArray(item)) return item.map(fill);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, below]) => [String(fill(key)), fill(below)]));
  };
  return fill(value) as Value;
}
