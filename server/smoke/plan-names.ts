// Are all the names of a plan given before they are used? Found out before anything is sent.
// Pure. Captures that wait for each other in a circle, and variables made of each other, are told as what they are.
import type { Plan } from './plan.ts';
import { type NamedAt, templateNames } from './template.ts';

export interface NamingFault {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  /** Names that could have been meant. */
  readonly known: readonly string[];
}

export function namingFaults(plan: Plan): readonly NamingFault[] {
  return [...variableFaults(plan), ...requestFaults(plan)];
}

function variableFaults({ variables = {} }: Plan): readonly NamingFault[] {
  const known = Object.keys(variables);
  return templateNames(variables, ['variables']).flatMap(({ name, path }) => {
    const owner = String(path[1]);
    if (isOfEnvironment(name)) return [];
    if (!known.includes(name)) return [{ path, what: unknown(name), known: known.filter((other) => other !== owner) }];
    return reaches(variables, name, owner) ? [{ path, what: circleOf(name, owner), known: [] }] : [];
  });
}

function circleOf(name: string, owner: string): string {
  if (name === owner) return `{{${name}}} is made of itself: a circle`;
  return `{{${name}}} and {{${owner}}} are made of each other: a circle`;
}

/** Is `goal` among the variables that `from` is made of? */
function reaches(variables: Readonly<Record<string, string>>, from: string, goal: string): boolean {
  const seen = new Set<string>();
  const waiting = [from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === goal) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...templateNames(variables[name]).map((used) => used.name));
  }
  return false;
}

function requestFaults(plan: Plan): readonly NamingFault[] {
  const capturedBy = new Map<string, number>();
  for (const [index, { capture = {} }] of plan.requests.entries())
    for (const name of Object.keys(capture)) if (!capturedBy.has(name)) capturedBy.set(name, index);
  const given = new Set([
    ...Object.keys(plan.variables ?? {}),
    ...(plan.data ?? []).flatMap((row) => Object.keys(row)),
  ]);
  const known = [...given, ...capturedBy.keys()];
  const isGiven = (name: string) => given.has(name) || capturedBy.has(name) || isOfEnvironment(name);
  // A redaction holds for every request, and hides nothing until its value is captured.
  const ofRedactions = templateNames(plan.redact, ['redact']).filter(({ name }) => !isGiven(name));
  const uses = plan.requests.map((request, index) => templateNames(request, ['requests', index]));
  const used = new Set(uses.flat().map(({ name }) => name));
  const ofRows = [...used].flatMap((name) => rowsWithout(plan, name, capturedBy.has(name)));
  const ofRequests = uses.flatMap((ofRequest, index) =>
    ofRequest.flatMap(({ name, path }): NamingFault[] => {
      if (given.has(name) || isOfEnvironment(name)) return [];
      const by = capturedBy.get(name);
      if (by === undefined) return [{ path, what: unknown(name), known }];
      if (by < index) return [];
      return [{ path, what: tooLate(name, { by, index, uses, plan }), known: [] }];
    }),
  );
  return [...ofRows, ...ofRequests, ...ofRedactions.map(({ name, path }) => ({ path, what: unknown(name), known }))];
}

/** Rows that leave out what other rows give, and nothing else does. */
function rowsWithout({ variables = {}, data = [] }: Plan, name: string, isCaptured: boolean): readonly NamingFault[] {
  const isOfRows = data.some((row) => Object.hasOwn(row, name));
  if (!isOfRows || isCaptured || Object.hasOwn(variables, name)) return [];
  return data.flatMap((row, index) =>
    Object.hasOwn(row, name)
      ? []
      : [{ path: ['data', index], what: `row ${index + 1} of the data gives no {{${name}}}`, known: [] }],
  );
}

interface Late {
  readonly by: number;
  readonly index: number;
  readonly uses: readonly (readonly NamedAt[])[];
  readonly plan: Plan;
}

function tooLate(name: string, { by, index, uses, plan }: Late): string {
  if (by === index) return `{{${name}}} is captured by the very request that needs it: a circle`;
  const own = Object.keys(plan.requests[index]?.capture ?? {});
  const needed = (uses[by] ?? []).find((use) => own.includes(use.name));
  if (needed !== undefined)
    return `{{${name}}} is captured by request ${by + 1}, which needs {{${needed.name}}} of this one: a circle`;
  return `{{${name}}} is captured by request ${by + 1}, which comes later`;
}

function isOfEnvironment(name: string): boolean {
  return name.startsWith('env.');
}

function unknown(name: string): string {
  return `nothing gives {{${name}}}`;
}
