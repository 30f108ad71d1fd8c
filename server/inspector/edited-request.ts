// A request to send again, as recorded or edited. What was not touched keeps its bytes; a mask means the value as recorded.
import { z } from 'zod';
import type { HeaderField } from '../cgi/script-request.ts';
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import type { Recording } from '../exchange/recording.ts';
import type { SentRequest } from './replay.ts';
import { MASK } from './secrets.ts';
import { readable } from './summary.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const ONE_LINE = /^[^\u0000\r\n]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const NO_SPACE = /^[^\u0000-\u0020\u007f]+$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const Field = z.strictObject({
  name: z.string().regex(TOKEN, 'must be the name of a header field'),
  value: z.string().regex(ONE_LINE, 'must be one line'),
});

/** The body of POST /api/requests/ID/replay; what is left out stays as recorded. */
export const Edits = z.strictObject({
  method: z.string().regex(TOKEN, 'must be a method, for example POST').optional(),
  target: z.string().regex(NO_SPACE, 'must be a path without spaces, for example /cgi-bin/form?a=1').optional(),
  fields: z.array(Field).optional(),
  /** Text is sent as UTF-8. Content-Length is set to fit. */
  body: z.union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.base64() })]).optional(),
});
export type Edits = z.infer<typeof Edits>;

export type RequestToSend =
  | { readonly kind: 'ready'; readonly request: SentRequest }
  /** Why it cannot be sent as it was. */
  | { readonly kind: 'incomplete'; readonly reason: string };

export function requestToSend({ exchange, recording }: HistoryEntry, edits: Edits): RequestToSend {
  const reason = edits.body === undefined ? (cutBody(recording) ?? unreadBody(recording)) : undefined;
  if (reason !== undefined) return { kind: 'incomplete', reason };
  const target = edits.target === undefined ? undefined : sameOrNew(edits.target, exchange.requestUri);
  const body = edits.body === undefined ? recording.body.bytes() : newBody(edits.body);
  const fields =
    edits.fields === undefined ? recording.request.fields : mergedFields(edits.fields, recording.request.fields);
  return {
    kind: 'ready',
    request: {
      method: edits.method ?? exchange.method,
      target: target ?? exchange.requestUri,
      protocol: exchange.protocol,
      fields: edits.body === undefined ? fields : withLength(fields, body.length),
      body,
    },
  };
}

/** Says that the record does not hold the whole body; absent where it does. */
export function cutBody({ body }: Recording): string | undefined {
  if (!body.isCut) return undefined;
  return `Only the first ${body.keptBytes} of ${body.totalBytes} bytes of the body were kept (a sixteenth of inspector.keepBytes): it cannot be sent again as it was.`;
}

function unreadBody({ body, request }: Recording): string | undefined {
  if (promisedBytes(request.fields) <= body.totalBytes) return undefined;
  return 'The body was not read when the request came, so there is none to send again. Edit the request to give one.';
}

function promisedBytes(fields: readonly HeaderField[]): number {
  return Number(fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
}

function newBody(body: NonNullable<Edits['body']>): Buffer {
  return 'text' in body ? Buffer.from(body.text, 'utf8') : Buffer.from(body.base64, 'base64');
}

/** The recorded bytes where the text is what was shown of them. */
function sameOrNew(text: string, recorded: string): string {
  return text === readable(recorded) || text === textOfBytes(recorded) ? recorded : bytesOfText(text);
}

function mergedFields(edited: NonNullable<Edits['fields']>, recorded: readonly HeaderField[]): readonly HeaderField[] {
  const left = [...recorded];
  return edited.map(({ name, value }): HeaderField => {
    const at = left.findIndex(
      ([known, was]) => known.toLowerCase() === name.toLowerCase() && (value === MASK || value === readable(was)),
    );
    const [same] = at === -1 ? [] : left.splice(at, 1);
    return [name, same?.[1] ?? bytesOfText(value)];
  });
}

function withLength(fields: readonly HeaderField[], length: number): readonly HeaderField[] {
  const others = fields.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
  return length === 0 ? others : [...others, ['Content-Length', String(length)]];
}
