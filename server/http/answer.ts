// Answers that are not a script's: files, listings, redirects to the slash, refusals, and the failure page.
import type { HeaderField } from '../cgi/script-request.ts';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import { type Cause, type Evidence, statusOf } from '../diagnosis/cause.ts';
import { explain } from '../diagnosis/explain.ts';
import { mendIn } from '../diagnosis/refinement.ts';
import { visibleLine } from '../diagnosis/visible-text.ts';
import type { ListedFolder, Refusal, Resource, ServedFile } from '../site/resource.ts';
import { declaredCharset } from '../static/content-type.ts';
import { listingPage } from '../static/listing.ts';
import { sendFile } from '../static/send-file.ts';
import { FILE_METHODS } from './allowed-methods.ts';
import { sourceExcerpt, withFileFacts } from './failure-evidence.ts';
import { failurePage } from './failure-page.ts';
import type { Incoming } from './incoming.ts';
import { refusalPage } from './refusal-page.ts';
import { replyPage } from './reply.ts';
import type { Serving } from './serving.ts';

export interface Refused {
  readonly status: number;
  readonly reason?: Refusal;
  readonly fields?: readonly HeaderField[];
  /** Where the next request begins is in doubt: the connection ends with this answer. */
  readonly closes?: boolean;
  /** Not what the client asked for, but where a script's local redirect led; absent where it shall not be told. */
  readonly redirectedTo?: ByteString | undefined;
}

/** Answers with the server's own words: 204, 3xx without a place, 4xx, 5xx. */
export function answerRefusal(from: Incoming, refused: Refused): void {
  const { status, reason, fields = [], closes = false, redirectedTo } = refused;
  const { exchange, request } = from;
  const { id, requestUri } = exchange;
  const accept = request.raw.headers.accept;
  const location = fields.find(([name]) => name === 'Location')?.[1];
  const page = refusalPage({ status, requestUri, reason, accept, id, location, redirectedTo });
  from.reply.hijack();
  replyPage({ ...page, status, fields: closes ? [...fields, CLOSES] : fields }, from.context);
}

const CLOSES: HeaderField = ['Connection', 'close'];

function fieldsOfFailure(cause: Cause): readonly HeaderField[] {
  // Where the body ends, and the next request begins, is not waited for.
  if (cause.kind === 'bodyTooLarge' || cause.kind === 'spoolFailed') return [CLOSES];
  return statusOf(cause) === 503 ? [['Retry-After', '1']] : [];
}

/** A script gave no lawful answer: the page says why. */
export function answerFailure(from: Incoming, failed: { cause: Cause; evidence: Evidence }, serving: Serving): void {
  const { exchange, request } = from;
  const evidence = withFileFacts(failed.evidence);
  exchange.cause = failed.cause;
  const explained = explain(failed.cause, evidence);
  const explanation = { ...explained, mend: mendIn(serving.mendedIn, explained.mend) };
  exchange.diagnosis = explanation.title;
  const { config } = serving;
  const page = failurePage({
    cause: failed.cause,
    evidence,
    explanation,
    id: exchange.id,
    requestUri: exchange.requestUri,
    detail: config.site.failurePage,
    accept: request.raw.headers.accept,
    ...inspectorLinks(from, serving),
    source: config.site.failurePage === 'full' ? sourceExcerpt(evidence, bytesOfText(config.site.root)) : undefined,
  });
  from.reply.hijack();
  replyPage({ ...page, status: statusOf(failed.cause), fields: fieldsOfFailure(failed.cause) }, from.context);
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Where the record of the request is, and who tells when the script has changed. */
function inspectorLinks({ exchange, request }: Incoming, { inspector }: Serving) {
  const { id, method, recording } = exchange;
  const origin = recording === undefined ? undefined : inspector();
  if (origin === undefined) return {};
  // A form is not sent a second time behind the visitor's back; the browser of another machine has no inspector to ask.
  const mayReload = method === 'GET' && LOCAL_HOST.test(request.raw.headers.host ?? '');
  return {
    inspectorUrl: `${origin}/r/${id}`,
    ...(mayReload && { changesUrl: `${origin}/api/requests/${id}/changes` }),
  };
}

/** A bug of ours: nobody may wait for an answer that never comes, and the log line has the stack. */
export function answerBug(from: Incoming, error: unknown): void {
  const { raw } = from.reply;
  from.exchange.remarks.push(
    `a bug of cgibox, please report it: ${error instanceof Error ? error.stack : String(error)}`,
  );
  if (raw.headersSent) raw.destroy();
  else answerRefusal(from, { status: 500, closes: true });
}

interface Asked {
  readonly resource: Exclude<Resource, { kind: 'script' }>;
  readonly method: string;
  /** The target of the local redirect that led here; absent where the client asked for it. */
  readonly redirectedTo: ByteString | undefined;
}

/** Answers with what a URL means where it means no script. */
export async function answerResource(from: Incoming, asked: Asked, serving: Serving): Promise<void> {
  const { resource, redirectedTo } = asked;
  if (resource.kind === 'refused' || resource.kind === 'absent') {
    const refused = resource.kind === 'absent' ? { status: 404 } : { status: resource.status, reason: resource.reason };
    if (redirectedTo !== undefined)
      from.exchange.remarks.push(
        `${refused.status} for ${visibleLine(redirectedTo, 500)}, where the script redirected to`,
      );
    return answerRefusal(from, {
      ...refused,
      redirectedTo: serving.config.site.failurePage === 'full' ? redirectedTo : undefined,
    });
  }
  const isRead = asked.method === 'GET' || asked.method === 'HEAD';
  // 308: what was posted is posted again; browsers make a GET of a 301.
  if (resource.kind === 'movedTo')
    return answerRefusal(from, { status: isRead ? 301 : 308, fields: [['Location', resource.location]] });
  if (!isRead) return answerRefusal(from, { status: 405, fields: [['Allow', FILE_METHODS]] });
  switch (resource.kind) {
    case 'directory':
      return answerListing(from, resource.folder, serving);
    case 'file':
      return answerFile(from, resource.file, serving);
    default:
      return resource satisfies never;
  }
}

async function answerListing(from: Incoming, folder: ListedFolder, serving: Serving): Promise<void> {
  const charset = declaredCharset(serving.config.site.charset, folder.urlPath);
  const page = await listingPage(folder, serving.site, charset);
  from.reply.hijack();
  replyPage({ ...page, status: 200 }, from.context);
}

async function answerFile(from: Incoming, file: ServedFile, serving: Serving): Promise<void> {
  const charset = declaredCharset(serving.config.site.charset, file.urlPath);
  const cookies = from.context.fields.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value);
  if (cookies.length > 0) from.reply.header('set-cookie', cookies);
  const headers = Object.fromEntries(from.context.fields.filter(([name]) => name.toLowerCase() !== 'set-cookie'));
  const onShort = () => {
    from.exchange.ending = 'truncated';
    from.exchange.remarks.push('the file became shorter while it was sent');
  };
  const isSent = await sendFile(from.request, from.reply, { ...file, charset, headers, onShort });
  if (!isSent) answerRefusal(from, { status: 404 });
}
