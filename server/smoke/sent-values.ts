// What a recorded request sends that an earlier answer may have given: each value, and where it stands.
// Pure.
import { textOfBytes } from '../config/byte-string.ts';
import { headerValues } from './answer-text.ts';
import type { ClientRequest } from './client.ts';
import { decodedValue } from './given-values.ts';
import { multipartOf } from './multipart-body.ts';

export interface SentValue {
  /** Absent for a part of the path. */
  readonly field: string | undefined;
  readonly value: string;
  /** Percent-encoded, as it stands in the URL. */
  readonly isEncoded: boolean;
}

/** Header fields that every browser sends, or that say nothing of what the page wants. */
const USUAL =
  /^(?:host|connection|keep-alive|content-(?:length|type|encoding)|transfer-encoding|te|trailer|upgrade(?:-insecure-requests)?|accept(?:-.*)?|user-agent|referer|origin|cookie|cache-control|pragma|priority|dnt|if-.*|range|expect|via|forwarded|x-(?:forwarded|real-ip|request-id).*|sec-.*|proxy-.*|authorization|date)$/i;

/** Fields of its own: a page's script sends its token as X-CSRF-Token. */
export function ownFields({ fields }: ClientRequest): readonly (readonly [name: string, value: string])[] {
  return fields.filter(([name]) => !USUAL.test(name)).map(([name, value]) => [name, textOfBytes(value)]);
}

export function sentValues(request: ClientRequest): readonly SentValue[] {
  const [path = '', query = ''] = textOfBytes(request.path).split(/\?(.*)/s);
  const segments = path.split('/').slice(1);
  const cookies = headerValues(request.fields, 'cookie').flatMap((value) => value.split(/;\s*/));
  return [
    ...segments.map((value) => ({ field: undefined, value, isEncoded: true })),
    ...query.split(/[&;]/).map((pair) => ({ ...nameAndValue(pair), isEncoded: true })),
    ...formValues(request).map(([field, value]) => ({ field, value, isEncoded: false })),
    ...cookies.map((pair) => ({ ...nameAndValue(pair), isEncoded: false })),
    ...ownFields(request).map(([field, value]) => ({ field, value, isEncoded: false })),
  ].filter(({ value }) => value !== '');
}

function nameAndValue(pair: string): { readonly field: string; readonly value: string } {
  const at = pair.indexOf('=');
  return at === -1 ? { field: '', value: '' } : { field: decodedValue(pair.slice(0, at)), value: pair.slice(at + 1) };
}

function formValues({ fields, body }: ClientRequest): readonly (readonly [string, string])[] {
  const [type = ''] = headerValues(fields, 'content-type');
  if (body === undefined) return [];
  if (/^application\/x-www-form-urlencoded/i.test(type)) return [...new URLSearchParams(body.toString())];
  return Object.entries(multipartOf(body, type)?.form ?? {}).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  );
}
