// Requests as HTTP Archive 1.2, which the tools of browsers read. Pure.
import type { HeaderField } from '../cgi/script-request.ts';
import { textOfBytes } from '../config/byte-string.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import { cutBody } from './edited-request.ts';
import { type IsSecret, MASK } from './secrets.ts';
import { sentBody, sentFields } from './sent-answer.ts';
import { rounded } from './summary.ts';

export interface HarOptions {
  readonly isSecret: IsSecret;
  /** "http://127.0.0.1:8000": for requests without Host. */
  readonly siteUrl: string;
  readonly version: string;
}

export function harOf(entries: readonly HistoryEntry[], options: HarOptions): object {
  return {
    log: {
      version: '1.2',
      creator: { name: 'cgibox', version: options.version },
      entries: entries.map((entry) => harEntry(entry, options)),
    },
  };
}

function harEntry({ exchange, recording }: HistoryEntry, { isSecret, siteUrl }: HarOptions): object {
  const { fields, scheme } = recording.request;
  const host = fields.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const origin = host === undefined ? siteUrl : `${scheme}://${host}`;
  const target = exchange.requestUri;
  const url = textOfBytes(target.startsWith('/') ? origin + target : target);
  const body = recording.body.bytes();
  const shown = (all: readonly HeaderField[]) =>
    all.map(([name, value]) => ({ name: textOfBytes(name), value: isSecret(name) ? MASK : textOfBytes(value) }));
  return {
    startedDateTime: new Date(exchange.startedAt).toISOString(),
    time: rounded(recording.finished ?? 0),
    request: {
      method: exchange.method,
      url,
      httpVersion: exchange.protocol,
      cookies: [],
      headers: shown(fields),
      queryString: queryOf(target),
      headersSize: -1,
      bodySize: recording.body.totalBytes,
      ...(body.length > 0 && {
        postData: {
          mimeType: fieldValue(fields, 'content-type'),
          ...contentText(body),
          params: [],
          comment: cutBody(recording) ?? '',
        },
      }),
    },
    response: harResponse({ exchange, recording, isFinished: true }, shown),
    cache: {},
    timings: timingsOf({ exchange, recording, isFinished: true }),
    _id: exchange.id,
    comment: exchange.diagnosis ?? '',
  };
}

type Shown = (fields: readonly HeaderField[]) => readonly { readonly name: string; readonly value: string }[];

function harResponse({ exchange, recording }: HistoryEntry, shown: Shown): object {
  const fields = sentFields(recording);
  const content = sentBody(recording);
  return {
    status: exchange.status,
    statusText: /^HTTP\/\S+ \d+ (.*)$/m.exec(recording.head ?? '')?.[1]?.trim() ?? '',
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: shown(fields),
    content: { size: content.length, mimeType: fieldValue(fields, 'content-type'), ...contentText(content) },
    redirectURL: fieldValue(fields, 'location'),
    headersSize: recording.head?.length ?? -1,
    bodySize: exchange.bytesSent,
  };
}

/** Milliseconds; -1 where a phase did not happen (HAR 1.2). Waiting ends with the script's first byte. */
function timingsOf({ recording }: HistoryEntry): object {
  const { started, firstOutput } = recording.runs.at(-1)?.times ?? {};
  const finished = recording.finished ?? 0;
  const first = firstOutput ?? finished;
  return {
    blocked: started === undefined ? -1 : rounded(started),
    send: 0,
    wait: rounded(first - (started ?? 0)),
    receive: rounded(Math.max(0, finished - first)),
  };
}

function fieldValue(fields: readonly HeaderField[], wanted: string): string {
  return textOfBytes(fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '');
}

function contentText(bytes: Buffer): { readonly text: string; readonly encoding?: 'base64' } {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? { text } : { text: bytes.toString('base64'), encoding: 'base64' };
}

function queryOf(target: string): readonly { readonly name: string; readonly value: string }[] {
  const at = target.indexOf('?');
  if (at === -1) return [];
  return [...new URLSearchParams(target.slice(at + 1))].map(([name, value]) => ({ name, value }));
}
