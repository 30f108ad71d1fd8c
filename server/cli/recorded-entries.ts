// Records of the inspector → requests and answers that a plan can be made of; what cannot is told, with the reason.
// Pure.
import { textOfBytes } from '../config/byte-string.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import { sentBody, sentFields } from '../inspector/sent-answer.ts';
import { isWorthAPlan, type Recorded } from '../smoke/recorder.ts';

export interface RecordedEntries {
  readonly recorded: readonly Recorded[];
  /** "GET /a.css: no page" */
  readonly leftOut: readonly string[];
}

export function recordedEntries(entries: readonly HistoryEntry[]): RecordedEntries {
  const recorded: Recorded[] = [];
  const leftOut: string[] = [];
  for (const entry of entries) {
    const each = recordedOf(entry);
    // One that was asked for by itself is meant, whatever it is.
    const reason = whyNot(entry) ?? (entries.length > 1 && !isWorthAPlan(each) ? 'it is no page' : undefined);
    const { method, requestUri } = entry.exchange;
    if (reason === undefined) recorded.push(each);
    else leftOut.push(`${method} ${textOfBytes(requestUri)}: ${reason}`);
  }
  return { recorded, leftOut };
}

function whyNot({ exchange, recording, isFinished }: HistoryEntry): string | undefined {
  const { status, requestUri, ending } = exchange;
  if (!isFinished) return 'it has not ended';
  if (status === 0) return 'it got no answer';
  if (status === 304) return 'the browser had the answer already';
  if (ending !== 'complete') return 'its answer was cut';
  if (!/^\/|^https?:\/\//i.test(requestUri)) return 'it asks for no path';
  const promised = recording.request.fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  if (recording.body.isCut || Number(promised ?? 0) > recording.body.totalBytes) return 'its body was not kept whole';
  return undefined;
}

function recordedOf({ exchange, recording }: HistoryEntry): Recorded {
  const { method, requestUri, status, resource } = exchange;
  const body = recording.body.bytes();
  // A page of our own tells the time and an id; of a file nothing is kept.
  const isKept = resource === 'script' && recording.page === undefined && recording.runs.at(-1)?.stdout.isCut === false;
  return {
    request: {
      method,
      path: requestUri.replace(/^https?:\/\/[^/]*/i, '') || '/',
      fields: recording.request.fields,
      body: body.length > 0 ? body : undefined,
    },
    answer: { status, fields: sentFields(recording), body: isKept ? sentBody(recording) : Buffer.alloc(0) },
  };
}
