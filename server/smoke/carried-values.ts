// Values that an answer gave and a later request sent back: session ids, form tokens. They differ at the next run, so the
// plan captures them. Pure. What never differs (a hidden "mode=edit") stays as it was written.

import {
  decodedValue,
  type GivenValue,
  type GivingAnswer,
  givenValues,
  valueInText,
  valueTaken,
} from './given-values.ts';
import type { Capture } from './plan.ts';
import type { Recorded } from './recorder.ts';
import { type SentValue, sentValues } from './sent-values.ts';

export interface CarriedValue {
  /** {{name}} */
  readonly name: string;
  readonly field: string | undefined;
  /** As it was recorded. */
  readonly value: string;
  /** Percent-encoded, as it stands in a link. */
  readonly isEncoded: boolean;
  /** Number of the request, from 0, whose answer gives it. */
  readonly from: number;
  readonly how: Capture;
}

/** A form that was sent so many requests after its page was asked for is none that a person filled in. */
const LOOK_BACK = 40;

/** All that might be such a value. */
export function carriedValues(recorded: readonly Recorded[]): readonly CarriedValue[] {
  const given = recorded.map(() => undefined as readonly GivenValue[] | undefined);
  const givenBy = (index: number): readonly GivenValue[] => {
    const { answer } = recorded[index] ?? {};
    given[index] ??= answer === undefined ? [] : givenValues(answer);
    return given[index];
  };
  const found: CarriedValue[] = [];
  for (const [index, { request }] of recorded.entries()) {
    for (const sent of sentValues(request)) {
      if (carriedFor(found, index, sent) !== undefined) continue;
      for (let from = index - 1; from >= Math.max(0, index - LOOK_BACK); from -= 1) {
        const giver = giverOf(sent, givenBy(from), recorded[from]?.answer);
        if (giver === undefined) continue;
        const { value, isEncoded, how } = giver;
        found.push({ name: nameFor(sent.field ?? giver.field, found), field: sent.field, value, isEncoded, from, how });
        break;
      }
    }
  }
  return found;
}

/** What a request sends here is this carried value; absent where it is its own. */
export function carriedFor(carried: readonly CarriedValue[], index: number, sent: SentValue): CarriedValue | undefined {
  return carried.find((each) => each.from < index && isSame(each, sent));
}

function isSame(given: Pick<CarriedValue, 'field' | 'value' | 'isEncoded'>, sent: SentValue): boolean {
  const isField = sent.field !== undefined && given.field === sent.field;
  if (!isField && !isTokenLike(plain(sent))) return false;
  // A value in its encoding has to stand in a URL again.
  if (given.isEncoded && !sent.isEncoded) return given.value === sent.value;
  return given.isEncoded ? given.value === sent.value : given.value === plain(sent);
}

function plain({ value, isEncoded }: SentValue): string {
  return isEncoded ? decodedValue(value) : value;
}

function giverOf(
  sent: SentValue,
  given: readonly GivenValue[],
  answer: GivingAnswer | undefined,
): GivenValue | undefined {
  if (answer === undefined) return undefined;
  const known = given.find((each) => isSame(each, sent) && valueTaken(each.how, answer) === each.value);
  if (known !== undefined || !isTokenLike(plain(sent))) return known;
  const inText = valueInText(answer, plain(sent));
  return inText !== undefined && valueTaken(inText.how, answer) === inText.value ? inText : undefined;
}

/** Letters and digits in a jumble, or a long number: nobody wrote it by hand. */
export function isTokenLike(value: string): boolean {
  if (value.length < 8 || !/^[\w.~+/=%:-]+$/.test(value)) return false;
  if (/^\d{9,}$/.test(value) || /^(?=.*\d)[0-9a-f]{12,}$/i.test(value)) return true;
  const changes = value.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0;
  return changes >= 3;
}

const TOKEN_FIELD = /token|csrf|xsrf|nonce|sess|\bsid\b|ticket|uniq|auth|hash/i;

/**
 * Those that differ from run to run, or look like it.
 *
 * @param answersAgain answers of each rehearsal, by request; absent where there was none
 */
export function differingValues(
  carried: readonly CarriedValue[],
  answersAgain: readonly (readonly (GivingAnswer | undefined)[])[],
): readonly CarriedValue[] {
  return carried.filter(({ from, how, value, field = '' }) => {
    const answers = answersAgain.flatMap((answers) => answers[from] ?? []);
    const again = answers.map((answer) => valueTaken(how, answer));
    // It is not there at the next run: whatever it is, it cannot be captured so.
    if (again.includes(undefined)) return false;
    return (
      isTokenLike(value) || again.some((each) => each !== value) || (again.length === 0 && TOKEN_FIELD.test(field))
    );
  });
}

function nameFor(field: string | undefined, taken: readonly CarriedValue[]): string {
  const words = (field ?? 'id').replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  const wanted = /[A-Za-z0-9]/.test(words) ? words.slice(0, 40) : 'value';
  const isTaken = (name: string) => taken.some((each) => each.name === name);
  let name = wanted;
  for (let number = 2; isTaken(name); number += 1) name = `${wanted}_${number}`;
  return name;
}
