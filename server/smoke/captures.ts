// Values taken from an answer for the requests after it.
// Pure. What cannot be taken is told as a failure, at its place in the plan.
import { bodyText, headerValues } from './answer-text.ts';
import type { Answer } from './client.ts';
import type { CookieJar } from './cookie-jar.ts';
import { elementsOf } from './html-select.ts';
import { valueAtPath } from './json-path.ts';
import { patternOf } from './pattern.ts';
import type { Capture } from './plan.ts';
import type { Failure, PlaceOf } from './result.ts';

export interface Captured {
  readonly values: ReadonlyMap<string, string>;
  readonly failures: readonly Failure[];
}

export function capture(
  wanted: Readonly<Record<string, Capture>>,
  from: { readonly answer: Answer; readonly jar: CookieJar },
  placeOf: PlaceOf,
): Captured {
  const values = new Map<string, string>();
  const failures: Failure[] = [];
  for (const [name, how] of Object.entries(wanted)) {
    const value = captured(how, from);
    if (value !== undefined) values.set(name, value);
    else
      failures.push({
        kind: 'capture',
        summary: `there is nothing to capture for {{${name}}}`,
        detail: [],
        place: placeOf(['capture', name]),
      });
  }
  return { values, failures };
}

export interface CapturingFrom {
  readonly answer: Answer;
  readonly jar: CookieJar;
  /** The page of the answer, where it is parsed already. */
  readonly select?: ReturnType<typeof elementsOf>;
}

/** What one capture takes; absent where there is nothing. */
export function captured(how: Capture, from: CapturingFrom): string | undefined {
  const text = sourceOf(how, from);
  if (how.matches === undefined || text === undefined) return text;
  const match = patternOf(how.matches).exec(text);
  return match === null ? undefined : (match[1] ?? match[0]);
}

function sourceOf(how: Capture, { answer, jar, select }: CapturingFrom): string | undefined {
  if (how.header !== undefined) {
    // Of several Set-Cookie the one that is meant.
    const values = headerValues(answer.fields, how.header);
    return values.find((value) => how.matches !== undefined && patternOf(how.matches).test(value)) ?? values[0];
  }
  if (how.cookie !== undefined) return jar.value(how.cookie);
  const text = bodyText(answer);
  if (how.json !== undefined) return jsonText(text, how.json);
  if (how.html === undefined) return text;
  const [first] = (select ?? elementsOf(text))(how.html) ?? [];
  return how.attribute === undefined ? first?.text : first?.attributes[how.attribute];
}

function jsonText(text: string, path: string): string | undefined {
  try {
    const value = valueAtPath(JSON.parse(text), path);
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
