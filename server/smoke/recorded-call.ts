// A recorded request → the request of a plan, as a person would write it, with {{name}} for what is captured.
// Pure: what is no text goes into a file beside the plan, through `keepFile`.
import { textOfBytes } from '../config/byte-string.ts';
import { headerValues, isText } from './answer-text.ts';
import { formEncoded } from './call.ts';
import { type CarriedIndex, type CarriedValue, isTokenLike } from './carried-values.ts';
import type { ClientRequest } from './client.ts';
import type { CookieJar } from './cookie-jar.ts';
import { multipartOf } from './multipart-body.ts';
import { ownFields, type SentValue } from './sent-values.ts';

export interface CallSetting {
  /** Number of the request, from 0. */
  readonly index: number;
  readonly carried: CarriedIndex;
  /** Told each that is used. */
  readonly use: (carried: CarriedValue) => void;
  /** What the requests before were given. */
  readonly jar: CookieJar;
  /** Keeps bytes under the end of a name; gives the path to write in the plan. */
  readonly keepFile: (name: string, bytes: Buffer) => string;
}

/** What stands at `request` in a plan. */
export function recordedCall(request: ClientRequest, setting: CallSetting): string | object {
  const { method } = request;
  const url = urlOf(request, setting);
  const cookies = cookiesOfItsOwn(request, setting);
  const body = bodyOf(request, setting);
  const own = ownFields(request).filter(([, value]) => !value.includes('{{'));
  const headers = Object.fromEntries([
    ...own.map(([field, value]) => [field, templated({ field, value, isEncoded: false }, setting)] as const),
    ...Object.entries(body.headers ?? {}),
  ]);
  const rest = {
    ...(url.query !== undefined && { query: url.query }),
    ...body.content,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(cookies !== undefined && { cookies }),
  };
  return Object.keys(rest).length === 0 ? `${method} ${url.path}` : { method, path: url.path, ...rest };
}

/** {{name}} where a value was given by an answer before; else the value. */
function templated(sent: SentValue, { carried, index, use }: CallSetting): string {
  const found = carried.find(index, sent);
  if (found === undefined) return sent.value;
  use(found);
  return `{{${found.name}}}`;
}

const URL_SAFE = /^[\w.~-]+$/;

function urlOf(request: ClientRequest, setting: CallSetting): { readonly path: string; readonly query?: object } {
  const ascii = request.path.replace(
    /[^\x21-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  // What is a template to a plan was none to the browser.
  const [path = '', query] = ascii.replaceAll('{{', '%7B%7B').split(/\?(.*)/s);
  const segments = path.split('/').map((value) => templated({ field: undefined, value, isEncoded: true }, setting));
  const plain = segments.join('/');
  if (query === undefined) return { path: plain };
  const sent = new URLSearchParams(query);
  const isInForm = (field: string, value: string) =>
    setting.carried.find(setting.index, { field, value: encodeURIComponent(value), isEncoded: true })?.isEncoded ===
    false;
  // A value of a hidden field is encoded anew at each run.
  if ([...sent].some(([field, value]) => isInForm(field, value)) && formEncoded(grouped(sent)) === query)
    return { path: plain, query: fieldsOf(sent, setting) };
  const pairs = query.split(/([&;])/).map((pair) => {
    const at = pair.indexOf('=') + 1;
    const [field, value] = [[...new URLSearchParams(pair).keys()][0] ?? '', pair.slice(at)];
    if (at === 0 || (!URL_SAFE.test(value) && isInForm(field, value))) return pair;
    return pair.slice(0, at) + templated({ field, value, isEncoded: true }, setting);
  });
  return { path: `${plain}?${pairs.join('')}` };
}

function grouped(fields: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...new Set(fields.keys())].map((name) => [name, fields.getAll(name)]));
}

function fieldsOf(fields: Iterable<readonly [string, string]>, setting: CallSetting): object {
  const all: Record<string, string[]> = {};
  for (const [field, value] of fields)
    all[field] = [...(all[field] ?? []), templated({ field, value, isEncoded: false }, setting)];
  return Object.fromEntries(
    Object.entries(all).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

interface RecordedBody {
  readonly content?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function bodyOf({ fields, body }: ClientRequest, setting: CallSetting): RecordedBody {
  if (body === undefined) return {};
  const [type] = headerValues(fields, 'content-type');
  const text = body.toString();
  if (type?.startsWith('application/x-www-form-urlencoded') === true) {
    const sent = new URLSearchParams(text);
    // Only where the very same bytes come out again: an old page sends ISO-8859-1.
    if (formEncoded(grouped(sent)) === text && !text.includes('%7B%7B'))
      return { content: { form: fieldsOf(sent, setting) } };
  }
  const parts = multipart(body, type ?? '', setting);
  if (parts !== undefined) return { content: parts };
  const headers = type === undefined ? {} : { headers: { 'Content-Type': type } };
  const isPlain =
    isText(body) &&
    body.equals(Buffer.from(text)) &&
    body.length < 4096 &&
    !text.includes('{{') &&
    !text.includes('\r');
  if (!isPlain) return { ...headers, content: { body: { file: setting.keepFile('body.bin', body) } } };
  const words = text.replace(/[\w.~+/=%-]{8,}/g, (value) =>
    isTokenLike(value) ? templated({ field: undefined, value, isEncoded: false }, setting) : value,
  );
  return { ...headers, content: { body: words } };
}

function multipart(body: Buffer, type: string, setting: CallSetting): object | undefined {
  const parts = multipartOf(body, type);
  if (parts === undefined) return undefined;
  const form = Object.entries(parts.form).flatMap(([field, values]) => values.map((value) => [field, value] as const));
  const names = [...form.flat(), ...Object.entries(parts.files).flatMap(([field, { name }]) => [field, name])];
  if (names.some((text) => text.includes('{{'))) return undefined;
  const files = Object.entries(parts.files).map(([field, file]) => {
    const path = setting.keepFile(file.name.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '') || 'empty', file.bytes);
    return [field, { path, name: file.name, type: file.type }] as const;
  });
  return { ...(form.length > 0 && { form: fieldsOf(form, setting) }), files: Object.fromEntries(files) };
}

/** Cookies that the browser had before the recording began; false where it sent none of those it was given. */
function cookiesOfItsOwn(
  { fields, path }: ClientRequest,
  setting: CallSetting,
): Readonly<Record<string, string>> | false | undefined {
  const known = setting.jar.header(path).split('; ');
  const sent = headerValues(fields, 'cookie').flatMap((value) => value.split(/;\s*/));
  if (sent.length === 0) return known[0] === '' ? undefined : false;
  // A cookie without a name, or with a brace pair that a plan would take for its own, cannot be written there.
  const own = sent.filter((pair) => pair.indexOf('=') > 0 && !pair.includes('{{') && !known.includes(pair));
  if (own.length === 0) return undefined;
  return Object.fromEntries(
    own.map((pair) => {
      const field = pair.slice(0, pair.indexOf('='));
      const value = textOfBytes(pair.slice(pair.indexOf('=') + 1));
      return [field, templated({ field, value, isEncoded: false }, setting)];
    }),
  );
}
