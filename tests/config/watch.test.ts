import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchConfig } from '../../server/config/watch.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Watched {
  readonly file: string;
  readonly reasons: readonly string[];
  /** Settles when there have been so many calls. */
  until(count: number): Promise<void>;
}

function watched(t: TestContext, files: Readonly<Record<string, string>>): Watched {
  const file = join(temporaryFolder(t, files), 'cgibox.yaml');
  const reasons: string[] = [];
  const watch = watchConfig(file, (reason) => void reasons.push(reason));
  t.after(() => watch.close());
  const until = async (count: number) => {
    for (let waited = 0; reasons.length < count && waited < 8000; waited += 20) await sleep(20);
    assert.equal(reasons.length, count);
  };
  return { file, reasons, until };
}

describe('watching the configuration file', () => {
  it('tells once of a change that is written in steps', async (t) => {
    const { file, reasons, until } = watched(t, { 'cgibox.yaml': 'a' });
    for (const content of ['', 'b', 'bc']) writeFileSync(file, content);
    await until(1);
    await sleep(300);
    assert.deepEqual(reasons, ['file']);
  });

  it('survives editors that replace the file, again and again', async (t) => {
    const { file, until } = watched(t, { 'cgibox.yaml': 'a' });
    for (const count of [1, 2, 3]) {
      writeFileSync(`${file}.new`, `content ${count}`);
      renameSync(`${file}.new`, file);
      await until(count);
    }
  });

  it('tells of a file that appears, and of one that goes', async (t) => {
    const { file, until } = watched(t, {});
    writeFileSync(file, 'a');
    await until(1);
    rmSync(file);
    await until(2);
  });

  it('tells of a change that no watch of the folder shows: it was replaced', async (t) => {
    const { file, until } = watched(t, { 'cgibox.yaml': 'a' });
    renameSync(dirname(file), `${dirname(file)}.old`);
    t.after(() => rmSync(`${dirname(file)}.old`, { recursive: true }));
    await until(1);
    mkdirSync(dirname(file));
    writeFileSync(file, 'b');
    await until(2);
  });

  it('tells of a FIFO or a device in its place, and never reads it', async (t) => {
    const { file, until } = watched(t, { 'cgibox.yaml': 'a' });
    rmSync(file);
    spawnSync('mkfifo', [file]);
    await until(1);
    rmSync(file);
    symlinkSync('/dev/zero', file);
    await until(2);
  });

  it('takes SIGUSR1 for SIGHUP, so that no debugger is opened', async (t) => {
    const { reasons, until } = watched(t, { 'cgibox.yaml': 'a' });
    process.kill(process.pid, 'SIGUSR1');
    await until(1);
    assert.deepEqual(reasons, ['SIGUSR1']);
  });

  it('is silent about other files and unchanged content', async (t) => {
    const { file, reasons } = watched(t, { 'cgibox.yaml': 'a' });
    writeFileSync(`${file}.swp`, 'x');
    writeFileSync(file, 'a');
    await sleep(400);
    assert.deepEqual(reasons, []);
  });

  it('obeys SIGHUP though nothing has changed', async (t) => {
    const { reasons, until } = watched(t, { 'cgibox.yaml': 'a' });
    process.kill(process.pid, 'SIGHUP');
    await until(1);
    assert.deepEqual(reasons, ['SIGHUP']);
  });
});
