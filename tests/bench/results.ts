// The results as Markdown: tables of requests per second, latency, memory, start-up and streams.
// Honest: a failure, a missing server and a ratio below 1 stand there like any other figure.
import type { Page } from './bench-site.ts';
import type { Options } from './options.ts';
import { type Cell, SPAWN_LOOP } from './rounds.ts';
import type { Entry } from './running.ts';
import type { StreamResult } from './stream.ts';

export interface ServerFigures {
  readonly name: string;
  readonly startMilliseconds: number;
  readonly idleMegabytes: number;
  readonly busyMegabytes: number;
  readonly down: StreamResult | undefined;
  readonly up: StreamResult | undefined;
}

export interface Results {
  readonly options: Options;
  readonly machine: readonly string[];
  readonly date: string;
  readonly pages: readonly Page[];
  readonly entries: readonly Entry[];
  readonly cells: readonly Cell[];
  readonly figures: readonly ServerFigures[];
}

/** The whole page, tests/bench/RESULTS.md. */
export function resultsPage(results: Results): string {
  const { seconds, rounds, clients } = results.options;
  return `# Benchmark

Written by \`npm run bench\` on ${results.date}; load by wrk on the same machine, one thread.
Each figure is the median of ${rounds} interleaved rounds of ${seconds} s; every server keeps an access log, and all scripts find the same LANG.

${results.machine.join('\n')}

${clients.map((count) => `## Requests per second, ${clientWord(count)}\n\n${speedTable(results, count)}\n`).join('\n')}
${clients.map((count) => `## Latency in ms, ${clientWord(count)}: median / 99 %\n\n${latencyTable(results, count)}\n`).join('\n')}
## Servers

Memory is the proportional set size of all processes of a server: after its start, after the load, at most during a stream.

${serverTable(results)}
`;
}

/** Requests per second, one row per page, with the ratio of cgibox to the best of the others. */
export function speedTable(results: Results, clients: number): string {
  const names = results.entries.map(({ name }) => name);
  const ours = names.filter(isOurs);
  const hasLoop = results.cells.some(({ server }) => server === SPAWN_LOOP);
  const head = ['page', ...(hasLoop ? [SPAWN_LOOP] : []), ...names, ...ours.map((name) => `${name} / best other`)];
  const rows = results.pages.map((page) => [
    page.title,
    ...(hasLoop ? [speed(results, { page: page.name, server: SPAWN_LOOP, clients }, '')] : []),
    ...results.entries.map((entry) =>
      speed(
        results,
        { page: page.name, server: entry.name, clients },
        entry.kind === 'absent' ? entry.reason : 'not measured',
      ),
    ),
    ...ours.map((name) => ratio(results, { page: page.name, server: name, clients })),
  ]);
  return table(head, rows);
}

/** Whether a column is cgibox, in any of its variants. */
export function isOurs(name: string): boolean {
  return name.startsWith('cgibox');
}

interface Key {
  readonly page: string;
  readonly server: string;
  readonly clients: number;
}

function cellOf(results: Results, key: Key): Cell | undefined {
  return results.cells.find(
    ({ page, server, clients }) => page === key.page && server === key.server && clients === key.clients,
  );
}

function speed(results: Results, key: Key, otherwise: string): string {
  const cell = cellOf(results, key);
  if (cell === undefined) return otherwise;
  if ('fault' in cell.result) return `wrong: ${cell.result.fault}`;
  const { requestsPerSecond, failures } = cell.result;
  return `${requestsPerSecond.toFixed(0)}${failures === 0 ? '' : ` (${failures} failed)`}`;
}

function ratio(results: Results, key: Key): string {
  const own = requestsPerSecond(results, key);
  const others = results.entries.filter(({ name }) => !isOurs(name));
  const best = Math.max(...others.map(({ name }) => requestsPerSecond(results, { ...key, server: name })), 0);
  return own === 0 || best === 0 ? '' : (own / best).toFixed(2);
}

function requestsPerSecond(results: Results, key: Key): number {
  const result = cellOf(results, key)?.result;
  return result === undefined || 'fault' in result ? 0 : result.requestsPerSecond;
}

function latencyTable(results: Results, clients: number): string {
  const names = results.entries.filter(({ kind }) => kind === 'running').map(({ name }) => name);
  const rows = results.pages.map((page) => [
    page.title,
    ...names.map((server) => {
      const result = cellOf(results, { page: page.name, server, clients })?.result;
      return result === undefined || 'fault' in result
        ? ''
        : `${milliseconds(result.p50)} / ${milliseconds(result.p99)}`;
    }),
  ]);
  return table(['page', ...names], rows);
}

function serverTable({ figures, options }: Results): string {
  const rows: (readonly string[])[] = [
    ['start to first answer of a script, ms', ...figures.map((server) => server.startMilliseconds.toFixed(0))],
    ['memory after the start, MiB', ...figures.map((server) => server.idleMegabytes.toFixed(1))],
    ['memory after the load, MiB', ...figures.map((server) => server.busyMegabytes.toFixed(1))],
  ];
  if (options.streamMegabytes > 0) {
    rows.push([`${options.streamMegabytes} MiB from a script`, ...figures.map(({ down }) => stream(down))]);
    rows.push([`${options.streamMegabytes} MiB to a script`, ...figures.map(({ up }) => stream(up))]);
  }
  return table(['', ...figures.map(({ name }) => name)], rows);
}

function stream(result: StreamResult | undefined): string {
  if (result === undefined) return '';
  if (result.kind === 'failed') return `failed: ${result.reason}`;
  return `${result.megabytesPerSecond.toFixed(0)} MiB/s, at most ${result.peakMegabytes.toFixed(0)} MiB of memory`;
}

function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

function clientWord(count: number): string {
  return count === 1 ? '1 client' : `${count} clients`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
