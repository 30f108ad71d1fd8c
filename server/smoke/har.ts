// A browser's session as it was saved (HAR 1.2): the requests for one site, with their answers.
// Pure. A file that is no HAR gives undefined; an entry that cannot be understood is left out.
import { bytesOfText } from '../config/byte-string.ts';
import type { HeaderField } from './client.ts';
import { METHOD } from './plan.ts';
import { isWorthAPlan, type Recorded } from './recorder.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the session asked of the site of its first page. */
export function recordedInHar(text: string): readonly Recorded[] | undefined {
  const entries = listIn(mapIn(parsed(text), 'log'), 'entries');
  if (entries === undefined) return undefined;
  const all = entries.flatMap(entryOf);
  const origin = (all.find(({ recorded }) => isWorthAPlan(recorded)) ?? all[0])?.origin;
  return all.filter((entry) => entry.origin === origin && isWorthAPlan(entry.recorded)).map(({ recorded }) => recorded);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

interface Entry {
  readonly origin: string;
  readonly recorded: Recorded;
}

function entryOf(entry: unknown): readonly Entry[] {
  const request = mapIn(entry, 'request');
  const response = mapIn(entry, 'response');
  const { url, method } = request ?? {};
  const { status } = response ?? {};
  if (typeof url !== 'string' || !URL.canParse(url) || typeof method !== 'string' || typeof status !== 'number')
    return [];
  // 0: the browser cancelled it. 304: it had the answer already.
  if (!METHOD.test(method) || status < 200 || status === 304) return [];
  const { origin, pathname, search } = new URL(url);
  const recorded: Recorded = {
    request: { method, path: pathname + search, fields: fieldsIn(request), body: postedIn(request) },
    answer: { status, fields: fieldsIn(response), body: contentIn(response) },
  };
  return [{ origin, recorded }];
}

function fieldsIn(message: Json | undefined): readonly HeaderField[] {
  return (listIn(message, 'headers') ?? []).flatMap((field): HeaderField[] => {
    const { name, value } = (field ?? {}) as Json;
    // ":method" and its like are HTTP/2's.
    return typeof name === 'string' && typeof value === 'string' && !name.startsWith(':')
      ? [[name, bytesOfText(value)]]
      : [];
  });
}

function postedIn(request: Json | undefined): Buffer | undefined {
  const posted = mapIn(request, 'postData');
  if (typeof posted?.text === 'string' && posted.text !== '') return Buffer.from(posted.text);
  const params = (listIn(posted, 'params') ?? []).flatMap((param): [string, string][] => {
    const { name, value = '' } = (param ?? {}) as Json;
    return typeof name === 'string' ? [[name, String(value)]] : [];
  });
  return params.length === 0 ? undefined : Buffer.from(new URLSearchParams(params).toString());
}

function contentIn(response: Json | undefined): Buffer {
  const content = mapIn(response, 'content');
  if (typeof content?.text !== 'string') return Buffer.alloc(0);
  return Buffer.from(content.text, content.encoding === 'base64' ? 'base64' : 'utf8');
}

function mapIn(value: unknown, key: string): Json | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : undefined;
}

function listIn(value: Json | undefined, key: string): readonly unknown[] | undefined {
  const found = value?.[key];
  return Array.isArray(found) ? found : undefined;
}
