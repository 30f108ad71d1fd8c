// What the API of the inspector answers, as plain values: routes.ts puts them on the wire.
import { z } from 'zod';
import { shellLine } from '../cgi/shell-line.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import type { KeptStream } from '../exchange/kept-stream.ts';
import { curlLine } from './as-curl.ts';
import { harOf } from './as-har.ts';
import { reportText } from './as-text.ts';
import { compareEntries } from './compare.ts';
import { detailOf } from './detail.ts';
import { cutBody, Edits, requestToSend } from './edited-request.ts';
import { FilterQuery, filterOf } from './filter.ts';
import type { InspectedSite } from './inspected-site.ts';
import { listedMail } from './mail-view.ts';
import { sendToSite } from './replay.ts';
import { listScripts } from './script-list.ts';
import { secretNames } from './secrets.ts';
import { summaryOf } from './summary.ts';

/** An answer of the API: JSON, text, or bytes to be saved under a name. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly name: string };

export function json(value: unknown, status = 200): Answer {
  return { kind: 'json', status, value };
}

export function problem(status: number, error: string): Answer {
  return json({ error }, status);
}

const GONE =
  'There is no record of this request: it was cleared, or made room for newer ones (inspector.keep, keepBytes).';

/** Answers from an entry, or that there is none. */
export async function withEntry(
  { history }: InspectedSite,
  id: string,
  answer: (entry: HistoryEntry) => Answer | Promise<Answer>,
): Promise<Answer> {
  const entry = history.get(id);
  return entry === undefined ? problem(404, GONE) : answer(entry);
}

export function listAnswer({ history }: InspectedSite, query: unknown): Answer {
  const filter = filterOf(FilterQuery.parse(query));
  const requests = history.list().filter(filter).map(summaryOf);
  return json({ requests: requests.toReversed(), kept: history.list().length, keptBytes: history.bytes });
}

export async function detailAnswer(site: InspectedSite, entry: HistoryEntry, isRevealed: boolean): Promise<Answer> {
  const mail = await Promise.all(site.mailbox.ofRequest(entry.exchange.id).map(listedMail));
  return json({ ...detailOf(entry, { config: site.config(), isRevealed }), mail });
}

const StreamName = z.enum(['body', 'stdout', 'stderr', 'page']);
const RunNumber = z.coerce.number().int().min(0).optional();

/** A stream as it came. `run` counts from 0; left out it is the last. */
export function streamAnswer(entry: HistoryEntry, asked: { name: unknown; run: unknown }): Answer {
  const name = StreamName.parse(asked.name);
  const { recording, exchange } = entry;
  const at = RunNumber.parse(asked.run) ?? -1;
  const file = `${exchange.id}-${name}`;
  if (name === 'page') return { kind: 'bytes', bytes: Buffer.from(recording.page ?? []), name: file };
  const stream: KeptStream | undefined = name === 'body' ? recording.body : recording.runs.at(at)?.[name];
  return stream === undefined
    ? problem(404, 'No script was run.')
    : { kind: 'bytes', bytes: stream.bytes(), name: file };
}

/** Hidden values stay hidden unless asked for: a command is then complete, and holds secrets. */
export function curlAnswer(site: InspectedSite, { exchange, recording }: HistoryEntry, isRevealed: boolean): Answer {
  const isCut = cutBody(recording);
  if (isCut !== undefined) return problem(409, isCut);
  const isSecret = secretNames(site.config().inspector.mask, isRevealed);
  const { method, requestUri, protocol } = exchange;
  const fields = recording.request.fields.map(([name, value]) => [name, isSecret(name) ? 'HIDDEN' : value] as const);
  const body = recording.body.bytes();
  return { kind: 'text', text: curlLine({ method, target: requestUri, protocol, fields, body, siteUrl: site.url }) };
}

export function shellAnswer(site: InspectedSite, { recording }: HistoryEntry, isRevealed: boolean): Answer {
  const isSecret = secretNames(site.config().inspector.mask, isRevealed);
  const command = recording.runs.at(-1)?.command;
  if (command === undefined) return problem(409, 'No script was started, so there is no command.');
  const isCut = command.hasBody ? cutBody(recording) : undefined;
  if (isCut !== undefined) return problem(409, isCut);
  const environment = Object.fromEntries(
    Object.entries(command.environment).map(([name, value]) => [name, isSecret(name) ? 'HIDDEN' : value]),
  );
  const body = command.hasBody ? recording.body.bytes() : undefined;
  return { kind: 'text', text: `${shellLine({ ...command, environment }, body)}\n` };
}

export function textAnswer(site: InspectedSite, entry: HistoryEntry, isRevealed: boolean): Answer {
  return { kind: 'text', text: reportText(detailOf(entry, { config: site.config(), isRevealed }), site.software) };
}

export function harAnswer(site: InspectedSite, entries: readonly HistoryEntry[], isRevealed: boolean): Answer {
  const isSecret = secretNames(site.config().inspector.mask, isRevealed);
  return json(harOf(entries, { isSecret, siteUrl: site.url, version: site.software.replace(/^.*\//, '') }));
}

export async function replayAnswer(site: InspectedSite, entry: HistoryEntry, edits: unknown): Promise<Answer> {
  const ready = requestToSend(entry, Edits.parse(edits ?? {}));
  if (ready.kind === 'incomplete') return problem(409, ready.reason);
  const sending = await sendToSite(ready.request, site);
  switch (sending.kind) {
    case 'recorded':
      sending.entry.recording.replayOf = entry.exchange.id;
      return json({ id: sending.entry.exchange.id }, 201);
    case 'notRecorded':
      return problem(502, `The server took it for no request: ${sending.answer.split('\r\n')[0] || 'no answer'}`);
    case 'unreachable':
      return problem(502, `The site cannot be reached: ${sending.reason}`);
    default:
      return sending satisfies never;
  }
}

export function compareAnswer(site: InspectedSite, ids: { a: string; b: string }): Promise<Answer> {
  return withEntry(site, ids.a, (a) => withEntry(site, ids.b, (b) => json(compareEntries(a, b, site.config()))));
}

const ScriptsQuery = z.strictObject({ doctor: z.literal('no').optional() });

/** doctor reads the whole site for it: `doctor=no` does not wait. */
export async function scriptsAnswer(site: InspectedSite, query: unknown): Promise<Answer> {
  const { config, configFile, environment, history } = site;
  const { doctor } = ScriptsQuery.parse(query);
  const findings = doctor === 'no' ? [] : await site.findings();
  return json({ scripts: listScripts({ config: config(), configFile, environment, history, findings }) });
}
