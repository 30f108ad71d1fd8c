// The table of the benchmark: honest about what is missing, wrong or behind.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Measure } from './load.ts';
import { readOptions } from './options.ts';
import { plot } from './plot.ts';
import { type Results, speedTable } from './results.ts';
import type { Cell } from './rounds.ts';

const PAGES = [
  { name: 'sh', title: 'sh hello', path: '/cgi-bin/sh', body: 'hello\n' },
  { name: 'static', title: 'static file', path: '/1k.txt', body: '' },
];

describe('table of the benchmark', () => {
  it('shows the ratio to the best other server', () => {
    const table = speedTable(
      resultsOf([
        cell('sh', 'cgibox', { requestsPerSecond: 150 }),
        cell('sh', 'A', { requestsPerSecond: 100 }),
        cell('sh', 'B', { requestsPerSecond: 200 }),
      ]),
      8,
    );
    assert.match(table, /\| sh hello \| 150 \| 100 \| 200 \| not installed \| 0\.75 \|/);
  });

  it('shows failures and wrong answers in the place of speed', () => {
    const wrong = { page: 'static', server: 'A', clients: 8, result: { fault: 'status 500' } };
    const table = speedTable(resultsOf([cell('static', 'cgibox', { requestsPerSecond: 90, failures: 7 }), wrong]), 8);
    assert.match(
      table,
      /\| static file \| 90 \(7 failed\) \| wrong: status 500 \| not measured \| not installed \| {2}\|/,
    );
  });

  it('draws one bar for each server that runs', () => {
    const picture = plot(
      resultsOf([cell('sh', 'cgibox', { requestsPerSecond: 150 }), cell('sh', 'A', { requestsPerSecond: 100 })]),
      8,
    );
    assert.equal(picture.match(/height="11"/g)?.length, 3 * PAGES.length);
    assert.match(picture, /width="420\.0"[^>]*fill="#0969da"/);
  });
});

function cell(page: string, server: string, figures: Partial<Measure>): Cell {
  return {
    page,
    server,
    clients: 8,
    result: { requestsPerSecond: 0, p50: 1, p90: 2, p99: 3, failures: 0, ...figures },
  };
}

function resultsOf(cells: readonly Cell[]): Results {
  const options = readOptions([]);
  assert.ok(options !== 'help');
  const running = ['cgibox', 'A', 'B'].map((name) => ({
    kind: 'running' as const,
    name,
    server: { name, origin: '', pids: [], startMilliseconds: 1, idleMegabytes: 1 },
  }));
  const entries = [...running, { kind: 'absent' as const, name: 'C', reason: 'not installed' }];
  return { options, machine: [], date: '2026-01-01', pages: PAGES, entries, cells, figures: [] };
}
