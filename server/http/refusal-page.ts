// The pages of the server's own answers: an address that is refused, absent or moved, a method or message it does not take.
// They name the URL and a reason in words, never the path of a file (PRODUCT.md section 6).
import type { ByteString } from '../config/byte-string.ts';
import { visibleLine } from '../diagnosis/visible-text.ts';
import type { Refusal } from '../site/resource.ts';
import { escapeHtml, htmlPage, jsonBody, type Page, pageForm, pageOf, statusLine } from './page.ts';

export interface RefusalPageInput {
  readonly status: number;
  /** As received; absent where the request line could not be read. */
  readonly requestUri: ByteString | undefined;
  /** Absent where the status says it all. */
  readonly reason: Refusal | undefined;
  readonly accept: ByteString | undefined;
  readonly id: string;
  /** Of a redirect: percent-encoded, as in the Location field. */
  readonly location?: ByteString | undefined;
  /** Where a local redirect of a script led, to which the status belongs. */
  readonly redirectedTo?: ByteString | undefined;
}

const REASONS: Readonly<Record<Refusal, string>> = {
  malformedTarget: 'The address is not written as HTTP wants it.',
  malformedPercentEncoding: 'A "%" in the address is not followed by two hexadecimal digits.',
  nulInPath: 'The address holds a NUL byte.',
  encodedSlash: 'The address holds an encoded slash or backslash, which never separates folders here.',
  dotFile: 'Files and folders whose name begins with a dot are not served.',
  editorLeftover: 'Backup copies that an editor left behind are not served.',
  configurationFile: 'The configuration of the site is not served.',
  smokePlan: 'The test plans of the site are not served.',
  siteDeny: 'The configuration of the site (site.deny) refuses this address.',
  htaccessDeny: 'The .htaccess file of this folder, or of one above it, refuses access.',
  scriptSource: 'The source of a script is not shown.',
  scriptFolder: 'This is a folder of scripts: it is neither listed nor shown.',
  notAScript:
    'This is no script: it lies in a folder of scripts and is not executable, so it is neither run nor shown.',
  linkOutside: 'A symbolic link leads out of the site, or links are not followed (site.followSymlinks).',
  notARegularFile: 'Devices, sockets and pipes are not served.',
  unreadable: 'The server has no permission to read it.',
  listingOff: 'This folder has no index page, and folders are not listed (site.listing).',
};

const SENTENCES: Readonly<Record<number, string>> = {
  301: 'The address has moved.',
  302: 'The page is at another address.',
  308: 'The address has moved.',
  400: 'The request is not written as HTTP wants it.',
  403: 'This address is not served.',
  404: 'There is nothing at this address.',
  405: 'Pages are read with GET and HEAD; only scripts take other methods, and nothing takes TRACE.',
  408: 'The request did not come whole in time.',
  411: 'The request has a body and does not say how long it is.',
  412: 'A condition of the request does not hold.',
  413: 'What was sent is larger than this site takes.',
  414: 'The address is longer than this site takes.',
  416: 'The file does not have the part that was asked for.',
  417: 'The server does not meet the expectation of the request.',
  431: 'The header of the request is larger than this site takes.',
  500: 'The server itself failed. Its log says how.',
  501: 'The server does not know how to do this.',
  503: 'The site is busy or stopping. Try again in a moment.',
  505: 'The server speaks HTTP/1.1 and HTTP/1.0 only.',
};

const LONGEST_URL = 500;

/** Builds the body of the answer. Never throws. */
export function refusalPage(input: RefusalPageInput): Page {
  const { status, requestUri, reason, accept, id, location, redirectedTo } = input;
  const form = pageForm(accept);
  const url = requestUri === undefined ? undefined : visibleLine(requestUri, LONGEST_URL);
  const led = redirectedTo === undefined ? '' : `A script redirected to ${visibleLine(redirectedTo, LONGEST_URL)}. `;
  const why = led + (reason === undefined ? (SENTENCES[status] ?? statusLine(status)) : REASONS[reason]);
  const to = location === undefined ? undefined : visibleLine(location, 4000);
  const page = { status, why, url, id, to };
  if (form === 'json') return pageOf(form, json(page, reason));
  return pageOf(form, form === 'html' ? html(page) : text(page));
}

interface Parts {
  readonly status: number;
  readonly why: string;
  readonly url: string | undefined;
  readonly id: string;
  readonly to: string | undefined;
}

function html({ status, why, url, id, to }: Parts): string {
  return htmlPage(statusLine(status), [
    `<h1>${escapeHtml(statusLine(status))}</h1>`,
    url === undefined ? '' : `<p><code>${escapeHtml(url)}</code></p>`,
    `<p>${escapeHtml(why)}</p>`,
    to === undefined ? '' : link(to),
    `<footer>Request ${escapeHtml(id)}</footer>`,
  ]);
}

// Only what stays in the web is made a link: "javascript:" would run.
function link(to: string): string {
  const text = escapeHtml(to);
  return /^(?:\/|https?:)/i.test(to) ? `<p><a href="${text}">${text}</a></p>` : `<p>${text}</p>`;
}

function text({ status, why, url, id, to }: Parts): string {
  const parts = [statusLine(status) + (url === undefined ? '' : `: ${url}`), why, to, `Request ${id}`];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

function json({ status, why, url, id, to }: Parts, reason: Refusal | undefined): string {
  return jsonBody({ status, message: why, id, url: url ?? null, reason: reason ?? null, location: to ?? null });
}
