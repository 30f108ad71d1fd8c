// The page of a folder without directory index: its entries as links, sorted, with sizes and dates.
// Promises: names stay bytes, and nothing in a name is HTML, a scheme or another host.
import { isUtf8 } from 'node:buffer';
import type { ByteString } from '../config/byte-string.ts';
import { percentEncodedPath } from '../site/percent-encoding.ts';
import type { ListedEntry, Site } from '../site/resolve.ts';
import type { ListedFolder } from '../site/resource.ts';

export interface ListingPage {
  readonly contentType: string;
  readonly body: Buffer;
}

// ASCII only: the page is in whatever encoding the names are in.
const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}th{text-align:left}
th,td{padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;vertical-align:top}td:first-child{overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}`;

/**
 * Lists what the site shows of the folder.
 *
 * `charset` is what the owner declares for the URL; without it UTF-8 is named where every name is UTF-8, else none.
 */
export async function listingPage(
  folder: ListedFolder,
  site: Pick<Site, 'list'>,
  charset?: string,
): Promise<ListingPage> {
  const { urlPath } = folder;
  const title = `Index of ${escaped(urlPath)}`;
  const rows = (await site.list(folder)).toSorted((a, b) => order(a.name, b.name)).map(row);
  if (urlPath !== '/') rows.unshift('<tr><td><a href="../">../</a></td><td></td><td></td></tr>');
  const page = `<!DOCTYPE html>
<html lang="en"><head><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style></head>
<body><h1>${title}</h1>
<table><thead><tr><th scope="col">Name</th><th scope="col" class="n">Size</th><th scope="col" class="n">Changed (UTC)</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></body></html>
`;
  const body = Buffer.from(page, 'latin1');
  const named = charset ?? (isUtf8(body) ? 'utf-8' : undefined);
  return { contentType: named === undefined ? 'text/html' : `text/html; charset=${named}`, body };
}

function row({ name, kind, size, modifiedAt }: ListedEntry): ByteString {
  const suffix = kind === 'folder' ? '/' : '';
  // "./": a name such as "javascript:x" or "//host" is then a name.
  const link = `<a href="./${percentEncodedPath(name)}${suffix}">${escaped(name)}${suffix}</a>`;
  const length = kind === 'file' ? readableSize(size) : '';
  return `<tr><td>${link}</td><td class="n">${length}</td><td class="n">${readableTime(modifiedAt)}</td></tr>`;
}

/** For HTML text, in any encoding that holds ASCII. Control bytes go too: an escape byte could switch the encoding. */
function escaped(text: ByteString): ByteString {
  return text.replace(/[^ !#-%(-;=?-~\u0080-\u00ff]/g, (byte) =>
    byte < ' ' || byte === '\u007f' ? '?' : `&#${byte.charCodeAt(0)};`,
  );
}

function order(a: ByteString, b: ByteString): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left === right) return a < b ? -1 : 1;
  return left < right ? -1 : 1;
}

function readableSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const amount = bytes / 1024 ** step;
  return `${step === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[step]}`;
}

function readableTime(milliseconds: number): string {
  // A disk can hold times that no calendar has.
  if (!(Math.abs(milliseconds) < 8.64e15)) return '';
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}
