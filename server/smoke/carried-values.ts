// Values that an answer gave and a later request sent back: session ids, form tokens. They differ at the next run, so the
// plan captures them. Pure. What never differs (a hidden "mode=edit") stays as it was written.

import { decodedValue, type GivenValue, type GivingAnswer, GivingPage } from './given-values.ts';
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
  const pages: (GivingPage | undefined)[] = [];
  const found = new CarriedIndex([]);
  for (const [index, { request, answer }] of recorded.entries()) {
    pages[index - LOOK_BACK - 1] = undefined;
    for (const sent of sentValues(request)) {
      if (found.find(index, sent) !== undefined) continue;
      for (let from = index - 1; from >= Math.max(0, index - LOOK_BACK); from -= 1) {
        const page = pages[from];
        const giver = page === undefined ? undefined : giverOf(sent, page);
        if (giver === undefined) continue;
        const { value, isEncoded, how } = giver;
        found.add({ name: found.nameFor(sent.field ?? giver.field), field: sent.field, value, isEncoded, from, how });
        break;
      }
    }
    pages[index] = new GivingPage(answer);
  }
  return found.values;
}

/** Carried values, found by what is sent. */
export class CarriedIndex {
  readonly #byValue = new Map<string, CarriedValue[]>();
  readonly #values: CarriedValue[] = [];
  readonly #names = new Set<string>();

  constructor(values: readonly CarriedValue[]) {
    for (const value of values) this.add(value);
  }

  get values(): readonly CarriedValue[] {
    return this.#values;
  }

  add(carried: CarriedValue): void {
    this.#values.push(carried);
    this.#names.add(carried.name);
    this.#byValue.set(carried.value, [...(this.#byValue.get(carried.value) ?? []), carried]);
  }

  /** What a request sends here is this carried value; absent where it is its own. */
  find(index: number, sent: SentValue): CarriedValue | undefined {
    const isSame = sameness(sent);
    return candidates(this.#byValue, sent).find((each) => each.from < index && isSame(each));
  }

  /** A name that is free. */
  nameFor(field: string | undefined): string {
    const words = (field ?? 'id').replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
    const wanted = /[A-Za-z0-9]/.test(words) ? words.slice(0, 40) : 'value';
    let name = wanted;
    for (let number = 2; this.#names.has(name); number += 1) name = `${wanted}_${number}`;
    return name;
  }
}

/** Those that have the value as it is sent, or decoded. */
function candidates<Item>(byValue: ReadonlyMap<string, readonly Item[]>, sent: SentValue): readonly Item[] {
  const decoded = plain(sent);
  const same = byValue.get(sent.value) ?? [];
  return decoded === sent.value ? same : [...same, ...(byValue.get(decoded) ?? [])];
}

/** Is a value given the one that is sent? */
function sameness(sent: SentValue): (given: Pick<CarriedValue, 'field' | 'value' | 'isEncoded'>) => boolean {
  const decoded = plain(sent);
  const isToken = isTokenLike(decoded);
  return ({ field, value, isEncoded }) => {
    if (!isToken && (sent.field === undefined || field !== sent.field)) return false;
    // A value in its encoding has to stand in a URL again.
    return value === (isEncoded ? sent.value : decoded);
  };
}

function plain({ value, isEncoded }: SentValue): string {
  return isEncoded ? decodedValue(value) : value;
}

function giverOf(sent: SentValue, page: GivingPage): GivenValue | undefined {
  const isTaken = ({ how, value }: GivenValue): boolean => page.taken(how) === value;
  const isSame = sameness(sent);
  const known = candidates(page.values, sent).find((each) => isSame(each) && isTaken(each));
  if (known !== undefined || !isTokenLike(plain(sent))) return known;
  const inText = page.inText(plain(sent));
  return inText !== undefined && isTaken(inText) ? inText : undefined;
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
  const pages = new Map<number, readonly GivingPage[]>();
  const pagesOf = (from: number): readonly GivingPage[] => {
    const known =
      pages.get(from) ?? answersAgain.flatMap((answers) => answers[from] ?? []).map((each) => new GivingPage(each));
    pages.clear(); // They come in order: one is enough.
    pages.set(from, known);
    return known;
  };
  return carried.filter(({ from, how, value, field = '' }) => {
    const again = pagesOf(from).map((page) => page.taken(how));
    // It is not there at the next run: whatever it is, it cannot be captured so.
    if (again.includes(undefined)) return false;
    return (
      isTokenLike(value) || again.some((each) => each !== value) || (again.length === 0 && TOKEN_FIELD.test(field))
    );
  });
}
