// The benchmark itself, as short as it goes: that it runs, measures right answers and leaves nothing behind.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { whyPackageIsMissing } from '../support/debian-package.ts';

const BENCH = join(import.meta.dirname, '../bench/bench.ts');
const SHORT = ['--seconds=1', '--rounds=1', '--stream=8', '--scripts=sh,static', '--servers=cgibox', '--no-write'];
const skip = whyPackageIsMissing('/usr/bin/wrk', ['wrk']) ?? false;

describe('npm run bench', { skip }, () => {
  it('prints a table of requests per second without failures', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cgibox-bench-test-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const { stdout, stderr, status } = spawnSync(process.execPath, [BENCH, ...SHORT], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder },
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\| sh hello \|( \d+ \|)+/);
    assert.match(stdout, /\| static file, 1 KiB \|.* \d+ \|/);
    assert.doesNotMatch(stdout, /failed|wrong|does not start/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('names a flag that it does not know', () => {
    const { stderr, status } = spawnSync(process.execPath, [BENCH, '--fast'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /--fast.*Usage: npm run bench/s);
  });
});
