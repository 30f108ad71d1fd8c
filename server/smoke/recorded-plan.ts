// What was recorded → a plan with golden files that passes when it is run again.
// Pure: file names and their bytes come out. `again`: the answers of a second run, by which unsteady parts are found.
import { stringify } from 'yaml';
import { textOfBytes } from '../config/byte-string.ts';
import { headerValues, isText } from './answer-text.ts';
import { formEncoded } from './call.ts';
import type { Answer, ClientRequest } from './client.ts';
import { CookieJar } from './cookie-jar.ts';
import { goldenName } from './golden.ts';
import type { Redaction } from './plan.ts';
import type { Recorded } from './recorder.ts';
import { momentRedactions, redacted } from './redaction.ts';
import { steadyingRedactions } from './steady.ts';

export interface RecordedPlan {
  /** YAML, with its line end. */
  readonly text: string;
  /** Path relative to the folder of the plan → bytes. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface Rehearsal {
  /** By request; absent where it was not asked again, or there was no answer. */
  readonly again: readonly (Pick<Answer, 'status' | 'fields' | 'body'> | undefined)[];
  /** When it was recorded. */
  readonly now: Date;
}

/** `name`: of the plan's file, without its extension; its files lie in folders named after it. */
export function recordedPlan(recorded: readonly Recorded[], { again, now }: Rehearsal, name: string): RecordedPlan {
  const redactions = commonRedactions(recorded, { again, now });
  const files = new Map<string, Buffer>();
  const jar = new CookieJar();
  const requests = recorded.map((each, index) => {
    const number = String(index + 1).padStart(String(recorded.length).length, '0');
    const call = callOf(each.request, jar, (bytes) => {
      files.set(`${name}.files/${number}-body.bin`, bytes);
      return `${name}.files/${number}-body.bin`;
    });
    if (typeof call === 'string' || !('cookies' in call) || call.cookies !== false)
      jar.keep(each.answer.fields, each.request.path, now.getTime());
    const title = `${number} ${each.request.method} ${each.request.path.split('?')[0]}`;
    const golden = goldenName(title, { ...each.answer, kind: 'answer', milliseconds: 0, localPort: 0 });
    const expect = expectOf(each, again[index], { redactions, name: golden });
    if ('body' in expect)
      files.set(
        `${name}.golden/${golden}`,
        Buffer.from(redacted(each.answer.body.toString('latin1'), redactions), 'latin1'),
      );
    return { request: call, expect };
  });
  const head = '# Recorded by cgibox smoke --record. Names, and fewer expectations, make it a better test.\n';
  const plan = redactions.length > 0 ? { redact: redactions, requests } : { requests };
  return { text: head + stringify(plan, { lineWidth: 0, aliasDuplicateObjects: false }), files };
}

function commonRedactions(recorded: readonly Recorded[], { again, now }: Rehearsal): readonly Redaction[] {
  const ofNow = recorded.flatMap(({ answer }) => momentRedactions(answer.body.toString('latin1'), now));
  let known: readonly Redaction[] = [...new Set(ofNow)];
  for (const [index, { answer }] of recorded.entries()) {
    const other = again[index];
    if (other !== undefined && other.status === answer.status)
      known = steadyingRedactions(answer.body, other.body, known) ?? known;
  }
  return known;
}

interface Expecting {
  readonly redactions: readonly Redaction[];
  readonly name: string;
}

const MAX_GOLDEN_BYTES = 1024 * 1024;

function expectOf(
  { request, answer }: Recorded,
  again: Rehearsal['again'][number],
  { redactions, name }: Expecting,
): Readonly<Record<string, unknown>> {
  // Differs when it is asked again: what is then still sure is that there is an answer.
  if (again !== undefined && again.status !== answer.status) return { status: [answer.status, again.status] };
  const [type] = headerValues(answer.fields, 'content-type');
  const [typeAgain] = again === undefined ? [type] : headerValues(again.fields, 'content-type');
  const [location] = headerValues(answer.fields, 'location');
  const mayCompare = request.method !== 'HEAD' && answer.body.length > 0 && answer.body.length <= MAX_GOLDEN_BYTES;
  const isSteady =
    again === undefined ||
    redacted(answer.body.toString('latin1'), redactions) === redacted(again.body.toString('latin1'), redactions);
  return {
    status: answer.status,
    ...headerOf({ type: type === typeAgain ? type : undefined, location }),
    ...(mayCompare && isSteady && { body: { golden: name } }),
  };
}

function headerOf({
  type,
  location,
}: {
  readonly type: string | undefined;
  readonly location: string | undefined;
}): object {
  // The path alone: the plan is for any server. Its query may hold an id.
  const path = location?.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/)[0];
  const header = {
    ...(type !== undefined && { 'Content-Type': type }),
    ...(path !== undefined && path !== '' && { Location: { contains: path } }),
  };
  return Object.keys(header).length === 0 ? {} : { header };
}

function callOf(request: ClientRequest, jar: CookieJar, keepFile: (bytes: Buffer) => string): string | object {
  const { method, body } = request;
  // What is a template to a plan was none to the browser.
  const path = request.path.replaceAll('{{', '%7B%7B');
  const cookies = cookiesOfItsOwn(request, jar);
  const [type] = headerValues(request.fields, 'content-type');
  const rest = { ...bodyOf(body, type, keepFile), ...(cookies !== undefined && { cookies }) };
  return Object.keys(rest).length === 0 ? `${method} ${path}` : { method, path, ...rest };
}

function bodyOf(body: Buffer | undefined, type: string | undefined, keepFile: (bytes: Buffer) => string): object {
  if (body === undefined) return {};
  const text = body.toString();
  if (type?.startsWith('application/x-www-form-urlencoded') === true) {
    const form = grouped(new URLSearchParams(text));
    // Only where the very same bytes come out again: an old page sends ISO-8859-1.
    if (formEncoded(form) === text && !text.includes('%7B%7B')) return { form: shortened(form) };
  }
  const headers = type === undefined ? {} : { headers: { 'Content-Type': type } };
  const isPlain =
    isText(body) &&
    body.equals(Buffer.from(text)) &&
    body.length < 4096 &&
    !text.includes('{{') &&
    !text.includes('\r');
  return { ...headers, body: isPlain ? text : { file: keepFile(body) } };
}

function grouped(fields: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...new Set(fields.keys())].map((name) => [name, fields.getAll(name)]));
}

function shortened(form: Readonly<Record<string, readonly string[]>>): object {
  return Object.fromEntries(
    Object.entries(form).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

/** Cookies that the browser had before the recording began; false where it sent none of those it was given. */
function cookiesOfItsOwn(
  { fields, path }: ClientRequest,
  jar: CookieJar,
): Readonly<Record<string, string>> | false | undefined {
  const known = jar.header(path).split('; ');
  const sent = headerValues(fields, 'cookie').flatMap((value) => value.split(/;\s*/));
  if (sent.length === 0) return known[0] === '' ? undefined : false;
  const own = sent.filter((pair) => pair.includes('=') && !known.includes(pair));
  if (own.length === 0) return undefined;
  return Object.fromEntries(
    own.map((pair) => [pair.slice(0, pair.indexOf('=')), textOfBytes(pair.slice(pair.indexOf('=') + 1))]),
  );
}
