// A plan's text → a checked plan, or all its problems at file:line:column with what to write instead.
// Promises: what comes out can be run: every {{name}} is given by something that comes before it.
import { remarksOf } from '../config/advice.ts';
import { type Problem, problemsError, type Stretch } from '../config/problem.ts';
import { valueAt } from '../config/schema-path.ts';
import { nearestWord } from '../config/suggestion.ts';
import { readYaml, type YamlSource } from '../config/yaml-source.ts';
import { Plan, planKeysAt } from './plan.ts';
import { namingFaults } from './plan-names.ts';

/** A plan that can be run. */
export interface ReadPlan {
  /** Absolute path. */
  readonly file: string;
  /** As it is shown: relative where that is shorter. */
  readonly source: string;
  readonly plan: Plan;
  /** Where the value at a path of the plan stands; the nearest place above where it is absent. */
  placeOf(path: readonly PropertyKey[], which?: 'key' | 'value'): Stretch;
}

export interface PlanName {
  readonly file: string;
  readonly source: string;
}

/** @throws CgiboxError PLAN_INVALID, with every problem */
export function readPlan(text: string, name: PlanName): ReadPlan {
  const problems: Problem[] = [];
  const plan = checkedPlan(text, name.source, problems);
  if (plan === undefined) throw problemsError(problems, 'PLAN_INVALID');
  return { ...name, ...plan };
}

function checkedPlan(
  text: string,
  source: string,
  problems: Problem[],
): Pick<ReadPlan, 'plan' | 'placeOf'> | undefined {
  const yaml = readYaml(text, { source, isFile: true });
  problems.push(...yaml.problems);
  if (problems.length > 0) return undefined;
  const value = yaml.value ?? {};
  const placeOf = placesOf(yaml, Array.isArray(value));
  const checked = Plan.safeParse(value);
  const problem = (path: readonly PropertyKey[], atKey: boolean, words: { what: string; advice: string }) =>
    void problems.push({ source, isFile: true, stretch: placeOf(path, atKey ? 'key' : 'value'), ...words });
  if (!checked.success) {
    const whole = Array.isArray(value) ? { requests: value } : value;
    const place = { prefix: [], keysAt: planKeysAt, valueAt: (path: readonly PropertyKey[]) => valueAt(whole, path) };
    for (const remark of checked.error.issues.flatMap((issue) => remarksOf(issue, place)))
      problem(remark.path, remark.atKey, { what: remark.what, advice: advised(remark.advice) });
    return undefined;
  }
  for (const { path, what, known } of namingFaults(checked.data)) {
    const [, name = ''] = /\{\{([^}]*)\}\}/.exec(what) ?? [];
    const nearest = nearestWord(name, known);
    const meant = nearest === undefined || nearest === name ? CAPTURE : `did you mean {{${nearest}}}?`;
    problem(path, false, { what, advice: what.endsWith('a circle') ? CIRCLE : meant });
  }
  return problems.length > 0 ? undefined : { plan: checked.data, placeOf };
}

const CAPTURE =
  'capture it in an earlier request, or give it in "variables" or "data"; {{env.NAME}} is the environment';

const CIRCLE = 'take one of them out: it would have to be known before itself';

/** The advice of the configuration names its own schema. */
function advised(advice: string): string {
  return advice === 'see "cgibox config --schema"' ? 'see "cgibox smoke --schema"' : advice;
}

/** A plan that is a list has no key "requests" of its own. */
function placesOf(yaml: YamlSource, isList: boolean): ReadPlan['placeOf'] {
  return (path, which = 'value') => yaml.stretchOf(isList && path[0] === 'requests' ? path.slice(1) : path, which);
}
