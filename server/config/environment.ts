// Settings from environment variables: CGIBOX_LIMITS_TIMEOUT_SECONDS for limits.timeoutSeconds, and so on for
// every key. Lists and maps are YAML or JSON on one line. An empty variable counts as not set, as Compose writes it.
import { checkText } from './check.ts';
import { KEYS, type Key } from './keys.ts';
import type { Problem } from './problem.ts';
import { nearestWord } from './suggestion.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value for one key, and where it came from: "CGIBOX_PORT", "--port". */
export interface Override {
  readonly key: Key;
  readonly value: unknown;
  readonly origin: string;
}

export interface Overrides {
  readonly overrides: readonly Override[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** The short forms; the long one wins where both are set. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  CGIBOX_HOST: 'server.host',
  CGIBOX_PORT: 'server.port',
};

export function settingsOfEnvironment(environment: Environment): Overrides {
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  for (const [name, key] of knownVariables()) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const setting = checkText(key, text, `the variable ${name}`);
    if (setting.kind === 'wrong') problems.push(...setting.problems);
    else overrides.push({ key, value: setting.value, origin: name });
  }
  return { overrides, problems, warnings: warningsAbout(environment) };
}

/** Short forms first: what comes later wins. */
function knownVariables(): readonly (readonly [string, Key])[] {
  const short = Object.entries(SHORT_FORMS).flatMap(([name, path]) => {
    const key = KEYS.find((known) => known.path === path);
    return key === undefined ? [] : [[name, key] as const];
  });
  return [...short, ...KEYS.map((key) => [key.variable, key] as const)];
}

function warningsAbout(environment: Environment): readonly string[] {
  // CGIBOX_IMAGE and CGIBOX_SITE are the container image's own (cli/image.ts).
  const known = ['CGIBOX_CONFIG', 'CGIBOX_IMAGE', 'CGIBOX_SITE', ...knownVariables().map(([name]) => name)];
  const unknown = Object.keys(environment).filter((name) => name.startsWith('CGIBOX_') && !known.includes(name));
  return unknown.toSorted().map((name) => {
    const nearest = nearestWord(name, known);
    const advice = nearest === undefined ? 'unset it, or see "cgibox config"' : `did you mean ${nearest}?`;
    return `the variable ${name} sets nothing: ${advice}`;
  });
}
