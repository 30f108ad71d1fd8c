// Paths into JSON: $.items[0].name, $["odd name"], $.items.length. No filters: a plan says which one it means.
// Pure.

/** The value at a path; absent where there is none. A path that is malformed leads nowhere. */
export function valueAtPath(json: unknown, path: string): unknown {
  const steps = stepsOf(path);
  return steps === undefined ? undefined : steps.reduce(below, json);
}

/** Is it a path, or will it be one when its templates are filled? */
export function isJsonPath(path: string): boolean {
  return path.includes('{{') || stepsOf(path) !== undefined;
}

function below(value: unknown, step: string): unknown {
  if (Array.isArray(value) && step === 'length') return value.length;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[step];
}

const STEP = /\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]/y;

function stepsOf(path: string): readonly string[] | undefined {
  const rest = path.startsWith('$') ? path.slice(1) : `.${path}`;
  const steps: string[] = [];
  const step = new RegExp(STEP);
  while (step.lastIndex < rest.length) {
    const match = step.exec(rest);
    if (match === null) return undefined;
    steps.push(match[1] ?? match[2] ?? (match[3] ?? match[4] ?? '').replace(/\\(.)/g, '$1'));
  }
  return steps;
}
