// What was recorded → a plan with golden files that passes when it is run again.
// Pure: file names and their bytes come out. What differs in a rehearsal is captured, redacted, or not expected.
import { stringify } from 'yaml';
import { headerValues } from './answer-text.ts';
import { CarriedIndex, type CarriedValue, carriedValues, differingValues } from './carried-values.ts';
import { CookieJar } from './cookie-jar.ts';
import type { GivingAnswer } from './given-values.ts';
import { goldenName } from './golden.ts';
import type { Redaction } from './plan.ts';
import { RecordedBodies } from './recorded-bodies.ts';
import { recordedCall } from './recorded-call.ts';
import type { Recorded } from './recorder.ts';

export interface RecordedPlan {
  /** Of its file, without the extension. */
  readonly name: string;
  /** YAML, with its line end. */
  readonly text: string;
  /** Path relative to the folder of the plan → bytes. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Header fields whose values stand in the text: "Cookie", "X-Api-Key". */
  readonly literalFields: readonly string[];
}

/** Answers of one rehearsal, by request; absent where it was not asked again, or there was no answer. */
export type Rehearsed = readonly (GivingAnswer | undefined)[];

export interface Rehearsal {
  readonly again: readonly Rehearsed[];
  /** When it was recorded. */
  readonly now: Date;
  /** Capture whatever might differ: the rehearsals to come tell what does. */
  readonly isFirst?: boolean;
  /** Everything in the plan's own text: no golden files. */
  readonly isInline?: boolean;
  /** All that might be captured, where it is known already: of `recorded`. */
  readonly carried?: readonly CarriedValue[];
  /** Requests that never became as expected: only their status is. */
  readonly doubtful?: ReadonlySet<number>;
}

const HEAD = '# Recorded by cgibox. Names, and fewer expectations, make it a better test.\n';

/** `name`: of the plan's file, without its extension; its files lie in folders named after it. */
export function recordedPlan(recorded: readonly Recorded[], rehearsal: Rehearsal, name: string): RecordedPlan {
  const { again, now, isFirst = false, isInline = false, doubtful = new Set() } = rehearsal;
  const all = rehearsal.carried ?? carriedValues(recorded);
  const carried = new CarriedIndex(isFirst ? all : differingValues(all, again));
  const files = new Map<string, Buffer>();
  const { calls, used } = callsOf(recorded, {
    carried,
    now,
    keepFile: (path, bytes) => {
      files.set(`${name}.files/${path}`, bytes);
      return `${name}.files/${path}`;
    },
  });
  const bodies = new RecordedBodies(recorded, { again, now, captures: used });
  const requests = recorded.map((each, index) => {
    const expected = expectOf(each, { index, again, captures: used });
    const golden = goldenName(titleOf(each, index, recorded.length), {
      ...each.answer,
      kind: 'answer',
      milliseconds: 0,
      localPort: 0,
    });
    const content = isInline || doubtful.has(index) ? undefined : bodies.golden(index);
    if (content !== undefined) files.set(`${name}.golden/${golden}`, content);
    const body = content === undefined ? bodies.expected(index, isInline) : { golden };
    const capture = Object.fromEntries(
      used.filter(({ from }) => from === index).map((value) => [value.name, value.how]),
    );
    const expect = { ...expected, ...(body !== undefined && { body }) };
    return {
      request: calls[index],
      ...(doubtful.has(index)
        ? doubtfulExpectation(
            each,
            again.map((answers) => answers[index]),
          )
        : { expect }),
      ...(Object.keys(capture).length > 0 && { capture }),
    };
  });
  const redact: readonly Redaction[] = [...files.keys()].some((path) => path.startsWith(`${name}.golden/`))
    ? bodies.redactions
    : [];
  const isList = redact.length === 0;
  const plan = isList ? requests : { redact, requests };
  const literalFields = [...new Set(calls.flatMap(literalFieldsOf))];
  return { name, literalFields, text: HEAD + stringify(plan, { lineWidth: 0, aliasDuplicateObjects: false }), files };
}

function literalFieldsOf(call: object | string): readonly string[] {
  if (typeof call === 'string') return [];
  const { cookies, headers = {} } = call as { readonly cookies?: object | false; readonly headers?: object };
  const isLiteral = (value: unknown): boolean => !/^\{\{\w+\}\}$/.test(String(value));
  const names = Object.entries(headers).flatMap(([name, value]) => (isLiteral(value) ? [name] : []));
  return Object.values(cookies || {}).some(isLiteral) ? ['Cookie', ...names] : names;
}

/** What never passed as it was seen. */
function doubtfulExpectation({ answer }: Recorded, others: Rehearsed): object {
  const statuses = others.flatMap((other) => other?.status ?? []);
  if (others.at(-1) === undefined) return { skip: 'it gave no answer when it was rehearsed' };
  return { expect: { status: [...new Set([answer.status, ...statuses])] } };
}

function numbered(index: number, total: number): string {
  return String(index + 1).padStart(String(total).length, '0');
}

function titleOf({ request }: Recorded, index: number, total: number): string {
  return `${numbered(index, total)} ${request.method} ${request.path.split('?')[0]}`;
}

interface Calling {
  readonly carried: CarriedIndex;
  readonly now: Date;
  readonly keepFile: (path: string, bytes: Buffer) => string;
}

function callsOf(recorded: readonly Recorded[], { carried, now, keepFile }: Calling) {
  const jar = new CookieJar();
  const used = new Set<CarriedValue>();
  const calls = recorded.map(({ request, answer }, index) => {
    const call = recordedCall(request, {
      index,
      carried,
      jar,
      use: (value) => void used.add(value),
      keepFile: (end, bytes) => keepFile(`${numbered(index, recorded.length)}-${end}`, bytes),
    });
    if (typeof call === 'string' || !('cookies' in call) || call.cookies !== false)
      jar.keep(answer.fields, request.path, now.getTime());
    return call;
  });
  return { calls, used: [...used] };
}

interface Expecting {
  readonly index: number;
  readonly again: readonly Rehearsed[];
  readonly captures: readonly CarriedValue[];
}

/** Status and header. */
function expectOf({ answer }: Recorded, { index, again, captures }: Expecting): Readonly<Record<string, unknown>> {
  const others = again.flatMap((answers) => answers[index] ?? []);
  const statuses = [...new Set([answer, ...others].map(({ status }) => status))];
  const same = (field: string): string | undefined => {
    const values = new Set([answer, ...others].map(({ fields }) => headerValues(fields, field)[0]));
    return values.size === 1 ? [...values][0] : undefined;
  };
  // Differs when it is asked again: what is then still sure is that there is an answer.
  if (statuses.length > 1) return { status: statuses };
  const type = same('content-type');
  const place = locationOf(
    [answer, ...others].map(({ fields }) => headerValues(fields, 'location')[0]),
    { index, captures },
  );
  const header = {
    ...(type !== undefined && { 'Content-Type': type }),
    ...(place !== '' && { Location: { contains: place } }),
  };
  return { status: answer.status, ...(Object.keys(header).length > 0 && { header }) };
}

/** The path alone, as far as it is the same: the plan is for any server, and a query may hold an id. */
function locationOf(
  locations: readonly (string | undefined)[],
  { index, captures }: Pick<Expecting, 'index' | 'captures'>,
): string {
  const [first = '', ...others] = locations.map(
    (location = '') => location.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/)[0] ?? '',
  );
  const parts = first.split('/');
  const sure = parts.findIndex((part, at) => {
    const isCaptured = part !== '' && captures.some(({ value, from }) => value === part && from >= index);
    return isCaptured || others.some((other) => other.split('/')[at] !== part && !isKnown(part, captures));
  });
  const kept = (sure === -1 ? parts : parts.slice(0, sure)).map((part) => {
    const known = captures.find(({ value, from }) => value === part && from < index);
    return known === undefined ? part.replaceAll('{{', '\\{{') : `{{${known.name}}}`;
  });
  if (sure === -1) return kept.join('/');
  // "/" alone says nothing.
  return kept.length > 1 ? `${kept.join('/')}/` : '';
}

function isKnown(part: string, captures: readonly CarriedValue[]): boolean {
  return part !== '' && captures.some(({ value }) => value === part);
}
