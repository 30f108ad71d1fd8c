// Everything that is known of one request, as the detail page and the API give it (PRODUCT.md section 8).
// Bounded: streams are cut for display; whole they are at /api/requests/ID/streams/stdout and its like.
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence } from '../diagnosis/cause.ts';
import { explain } from '../diagnosis/explain.ts';
import { mendHeading } from '../diagnosis/refinement.ts';
import { visibleLine } from '../diagnosis/visible-text.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import { evidenceOfRun } from '../exchange/run-evidence.ts';
import { sourceExcerpt, withFileFacts } from '../http/failure-evidence.ts';
import { numberedLines } from '../http/numbered-lines.ts';
import { cutBody } from './edited-request.ts';
import { type IsSecret, MASK, maskedHeader, secretNames } from './secrets.ts';
import { type ShownField, type ShownRun, shownField, shownRun } from './shown-run.ts';
import { type ShownText, shownBytes, shownStream, visibleText } from './shown-text.ts';
import { readable, rounded, type Summary, summaryOf } from './summary.ts';

export interface Detail extends Summary {
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly protocol: string;
    readonly fields: readonly ShownField[];
    readonly body: ShownText;
    /** Says that the record does not hold the whole body: it can then not be sent again, or copied as a command. */
    readonly cut: string | null;
    readonly remoteAddress: string;
    readonly remotePort: number;
  };
  readonly failure: Failure | null;
  /** In order; a local redirect to a script makes a second one. */
  readonly runs: readonly ShownRun[];
  readonly response: {
    /** Status line and fields as they were sent; absent for NPH, whose script writes them. */
    readonly head: string | null;
    /** A page that the server wrote itself. */
    readonly page: ShownText | null;
    readonly bytesSent: number;
  };
  readonly allRemarks: readonly string[];
}

/** What went wrong, why, and what mends it: as the failure page has it. */
export interface Failure {
  readonly title: string;
  readonly why: string;
  /** What stands above the commands: they mend it, or only show it again. */
  readonly heading: string;
  readonly mend: readonly string[];
  readonly output: readonly ShownLine[] | null;
  readonly source: { readonly file: string; readonly line: number | null; readonly lines: readonly ShownLine[] } | null;
}

type ShownLine = ReturnType<typeof numberedLines>[number];

export interface DetailOptions {
  readonly config: Config;
  /** Secrets are shown. */
  readonly isRevealed: boolean;
}

export function detailOf(entry: HistoryEntry, { config, isRevealed }: DetailOptions): Detail {
  const { exchange, recording } = entry;
  const isSecret = secretNames(config.inspector.mask, isRevealed);
  const { head, page, request } = recording;
  return {
    ...summaryOf(entry),
    request: {
      method: readable(exchange.method),
      target: readable(exchange.requestUri),
      protocol: exchange.protocol,
      fields: request.fields.map(([name, value]) => shownField(name, value, isSecret)),
      body: shownStream(recording.body),
      cut: cutBody(recording) ?? null,
      remoteAddress: exchange.remoteAddress,
      remotePort: request.remotePort,
    },
    failure: failureOf(entry, { config, isSecret }),
    runs: recording.runs.map((run) => shownRun(run, { isSecret, config })),
    response: {
      head: head === undefined ? null : visibleText(maskedHeader(head.replaceAll('\r\n', '\n').trimEnd(), isSecret)),
      page: page === undefined ? null : shownBytes(Buffer.from(page)),
      bytesSent: exchange.bytesSent,
    },
    allRemarks: exchange.remarks.map(readable),
    durationMs: recording.finished === undefined ? null : rounded(recording.finished),
  };
}

const MOST_STDERR_BYTES = 64 * 1024;
const NOTHING_RAN: Evidence = { scriptFile: '', scriptName: '', stderr: '', output: '' };

function failureOf(
  { exchange, recording }: HistoryEntry,
  { config, isSecret }: { config: Config; isSecret: IsSecret },
): Failure | null {
  const { cause } = exchange;
  if (cause === undefined) return null;
  const run = recording.runs.at(-1);
  const evidence = withFileFacts(run === undefined ? NOTHING_RAN : evidenceOfRun(run, MOST_STDERR_BYTES));
  const explanation = explain(cause, evidence);
  const { title, why, mend, excerpt } = explanation;
  const masked = (line: ByteString) => maskedHeader(line, isSecret, bytesOfText(MASK));
  const source = sourceExcerpt(evidence, bytesOfText(config.site.root));
  return {
    title,
    why,
    heading: mendHeading(explanation),
    mend,
    output: excerpt === undefined ? null : numberedLines({ ...excerpt, lines: excerpt.lines.map(masked) }),
    source:
      source === undefined
        ? null
        : { file: visibleLine(source.file), line: source.line ?? null, lines: numberedLines(source) },
  };
}
