// The bodies that were recorded, beside those of the rehearsals: what of them may be expected at the next run.
// Pure. First what is captured is hidden, then what else differs; what cannot be made steady is expected by its sure lines.
import { bytesOfText } from '../config/byte-string.ts';
import { bodyText, headerValues, isText } from './answer-text.ts';
import type { CarriedValue } from './carried-values.ts';
import { type GivingAnswer, GivingPage } from './given-values.ts';
import { selectElements } from './html-select.ts';
import type { Redaction } from './plan.ts';
import type { Recorded } from './recorder.ts';
import { filledRedactions, momentRedactions, redacted } from './redaction.ts';
import { steadyingRedactions } from './steady.ts';

export interface BodiesAgain {
  readonly again: readonly (readonly (GivingAnswer | undefined)[])[];
  readonly now: Date;
  readonly captures: readonly CarriedValue[];
}

/** Where every page needs some of its own, a plan of thousands would be nothing else. */
const MAX_REDACTIONS = 40;
const MAX_GOLDEN_BYTES = 1024 * 1024;
const MAX_INLINE_LENGTH = 1500;

export class RecordedBodies {
  /** For the plan. */
  readonly redactions: readonly Redaction[];
  readonly #recorded: readonly Recorded[];
  readonly #again: BodiesAgain['again'];
  /** Of the recording, and of each rehearsal: every value that was captured, with the request that gave it. */
  readonly #captured: readonly ReadonlyMap<string, Captured>[];
  readonly #ofCaptures: readonly Redaction[];
  readonly #steadying: readonly Redaction[];

  constructor(recorded: readonly Recorded[], { again, now, captures }: BodiesAgain) {
    this.#recorded = recorded;
    this.#again = again;
    const ofRecording = new Map(
      captures.map(({ name, value, from }) => [name, { value, from, isHidden: isLong(value) }]),
    );
    this.#captured = [ofRecording, ...again.map((answers) => capturedIn(answers, captures))];
    const hidden = captures.filter(({ value }) => isLong(value));
    const shown = hidden.filter(({ value, from }) =>
      recorded.slice(from).some(({ answer }) => answer.body.includes(value)),
    );
    this.#ofCaptures = shown.map(({ name }) => ({ pattern: `{{${name}}}`, as: `[${name}]` }));
    this.#steadying = this.#commonRedactions(now);
    this.redactions = [...this.#ofCaptures, ...this.#steadying];
  }

  /** Content of the golden file; absent where the body cannot be expected as a whole. */
  golden(index: number): Buffer | undefined {
    if (!this.#mayCompare(index) || !this.#isSteady(index)) return undefined;
    return Buffer.from(this.#bare(index), 'latin1');
  }

  /** What stands at `body` of a plan without a golden file; absent where nothing is sure. */
  expected(index: number, mayBeWhole: boolean): object | undefined {
    const { answer } = this.#recorded[index] ?? {};
    if (answer === undefined || !this.#mayCompare(index) || !isText(answer.body)) return undefined;
    const others = this.#others(index).map(bodyText);
    const text = bodyText(answer);
    const isSame = others.length > 0 && others.every((other) => other === text) && this.#isSure(text, index);
    if (mayBeWhole && isSame && text.length <= MAX_INLINE_LENGTH) return { equals: escaped(text) };
    const contains: string[] = [];
    for (const line of sureLines(text, others)) {
      if (contains.length >= MAX_LINES) break;
      if (this.#isSure(line, index)) contains.push(line);
    }
    const html = this.#sureElements(answer, index);
    const expected = { ...(contains.length > 0 && { contains: contains.map(escaped) }), ...html };
    return Object.keys(expected).length > 0 ? expected : undefined;
  }

  #others(index: number): readonly GivingAnswer[] {
    const { answer } = this.#recorded[index] ?? {};
    return this.#again.flatMap((answers) => answers[index] ?? []).filter(({ status }) => status === answer?.status);
  }

  #mayCompare(index: number): boolean {
    const { request, answer } = this.#recorded[index] ?? {};
    if (request === undefined || answer === undefined) return false;
    const isOneStatus = this.#again.every((answers) => (answers[index]?.status ?? answer.status) === answer.status);
    const { length } = answer.body;
    return isOneStatus && request.method !== 'HEAD' && length > 0 && length <= MAX_GOLDEN_BYTES;
  }

  #isSteady(index: number): boolean {
    const first = this.#bare(index);
    return this.#again.every((answers, run) => answers[index] === undefined || this.#bare(index, run + 1) === first);
  }

  /** A body of the recording (0) or a rehearsal (1, 2, …) with all that differs hidden. */
  #bare(index: number, run = 0): string {
    return redacted(this.#uncaptured(index, run), this.#steadying);
  }

  #uncaptured(index: number, run: number): string {
    const answer = run === 0 ? this.#recorded[index]?.answer : this.#again[run - 1]?.[index];
    const lookUp = (name: string): string | undefined => {
      const found = this.#captured[run]?.get(name);
      return found === undefined || found.from > index ? undefined : found.value;
    };
    return redacted(answer?.body.toString('latin1') ?? '', filledRedactions(this.#ofCaptures, lookUp));
  }

  #commonRedactions(now: Date): readonly Redaction[] {
    const bodies = this.#recorded.map((_, index) => this.#uncaptured(index, 0));
    let known: readonly Redaction[] = [...new Set(bodies.flatMap((body) => momentRedactions(body, now)))];
    for (const [run, answers] of this.#again.entries()) {
      for (const [index, body] of bodies.entries()) {
        if (answers[index] === undefined || !this.#mayCompare(index)) continue;
        const other = this.#uncaptured(index, run + 1);
        const more = steadyingRedactions(Buffer.from(body, 'latin1'), Buffer.from(other, 'latin1'), known);
        if (more !== undefined && more.length <= MAX_REDACTIONS) known = more;
      }
    }
    return known;
  }

  /** It tells no time, and nothing that is captured or known to differ. */
  #isSure(text: string, index: number): boolean {
    const bytes = bytesOfText(text);
    if (redacted(bytes, this.#steadying) !== bytes) return false;
    const isShown = ({ value, from, isHidden }: Captured): boolean =>
      (isHidden || from === index) && text.includes(value);
    return !this.#captured.some((values) => [...values.values()].some(isShown));
  }

  #sureElements(answer: GivingAnswer, index: number): object {
    const [type = ''] = headerValues(answer.fields, 'content-type');
    if (!/html/i.test(type)) return {};
    const found = ['title', 'h1'].flatMap((selector) => {
      const texts = [answer, ...this.#others(index)].map((each) => selectElements(bodyText(each), selector)?.[0]?.text);
      const [text] = texts;
      const isSure = text !== undefined && text !== '' && texts.every((other) => other === text);
      return isSure && this.#isSure(text, index) && !/\d/.test(text) ? [[selector, escaped(text)] as const] : [];
    });
    return found.length === 0 ? {} : { html: Object.fromEntries(found) };
  }
}

interface Captured {
  readonly value: string;
  readonly from: number;
  readonly isHidden: boolean;
}

/** A short one stands everywhere: "17" is a price too. */
function isLong(value: string): boolean {
  return value.length >= 6;
}

function capturedIn(
  answers: readonly (GivingAnswer | undefined)[],
  captures: readonly CarriedValue[],
): ReadonlyMap<string, Captured> {
  const found = new Map<string, Captured>();
  for (const [from, ofAnswer] of Map.groupBy(captures, (capture) => capture.from)) {
    const answer = answers[from];
    const page = answer === undefined ? undefined : new GivingPage(answer);
    for (const { name, how } of ofAnswer) {
      const value = page?.taken(how);
      if (value !== undefined) found.set(name, { value, from, isHidden: isLong(value) });
    }
  }
  return found;
}

const MAX_LINES = 5;

/** Lines that say something, and that every other body has too; without another body, those without figures. */
function sureLines(text: string, others: readonly string[]): readonly string[] {
  const isWorthIt = (line: string) => /\p{L}{3}/u.test(line) && line.length >= 6 && line.length <= 200;
  const elsewhere = others.map((other) => new Set(other.split(/\r?\n/).map((line) => line.trim())));
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => isWorthIt(line) && elsewhere.every((known) => known.has(line)))
    .filter((line) => others.length > 0 || !/\d/.test(line));
  const saying = lines.filter(
    (line) => !/^<!|^<(?:title|h1)\b|^<\/?(?:html|head|body|meta|link|table|tr|ul|ol|form)\b[^>]*>$/i.test(line),
  );
  return [...new Set(saying)];
}

/** "{{" of a page is no template. */
function escaped(text: string): string {
  return text.replaceAll('{{', '\\{{');
}
