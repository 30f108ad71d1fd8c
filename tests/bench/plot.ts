// The results as a picture: one group of bars per page, each as long as its share of the fastest server.
// Requests per second differ by a factor of 100 between pages; shares can be read side by side.
import { isOurs, type Results } from './results.ts';

const BAR = 14;
const GAP = 18;
const LEFT = 250;
const WIDTH = 420;
const RIGHT = 90;
const GREYS = ['#8b949e', '#a3acb5', '#6e7781', '#b7bec6'];

/** An SVG image of the requests per second with so many clients. */
export function plot(results: Results, clients: number): string {
  const names = results.entries.filter(({ kind }) => kind === 'running').map(({ name }) => name);
  const parts: string[] = [];
  let top = 30;
  for (const page of results.pages) {
    const values = names.map((name) => speedOf(results, { page: page.name, name, clients }));
    const most = Math.max(...values, 1);
    parts.push(`<text x="8" y="${top + 11}" font-weight="bold">${escaped(page.title)}</text>`);
    for (const [index, name] of names.entries()) {
      parts.push(bar({ name, value: values[index] ?? 0, most, top, colour: colourOf(name, index) }));
      top += BAR;
    }
    top += GAP;
  }
  const width = LEFT + WIDTH + RIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" font-family="sans-serif" font-size="11">
<title>Requests per second of cgibox and other servers</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="16" font-size="13">Requests per second, ${clients} at once; a full bar is the fastest server</text>
${parts.join('\n')}
</svg>
`;
}

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly top: number;
  readonly colour: string;
}

function bar({ name, value, most, top, colour }: Bar): string {
  const width = ((value / most) * WIDTH).toFixed(1);
  const middle = top + BAR - 4;
  return `<text x="${LEFT - 6}" y="${middle}" text-anchor="end">${escaped(name)}</text><rect x="${LEFT}" y="${top + 1}" width="${width}" height="${BAR - 3}" fill="${colour}"/><text x="${LEFT + Number(width) + 5}" y="${middle}">${value.toFixed(0)}</text>`;
}

function colourOf(name: string, index: number): string {
  return isOurs(name) ? '#0969da' : (GREYS[index % GREYS.length] ?? '#8b949e');
}

function speedOf(results: Results, key: { page: string; name: string; clients: number }): number {
  const cell = results.cells.find(
    ({ page, server, clients }) => page === key.page && server === key.name && clients === key.clients,
  );
  return cell === undefined || 'fault' in cell.result ? 0 : cell.result.requestsPerSecond;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
