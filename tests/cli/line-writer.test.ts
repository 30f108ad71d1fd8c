import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { lineWriter } from '../../server/cli/line-writer.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

describe('log lines', () => {
  it('arrive whole and in order', async (t) => {
    const file = join(temporaryFolder(t), 'log');
    const descriptor = openSync(file, 'w');
    const writer = lineWriter(descriptor);
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} é`);
    for (const line of lines) writer.writeLine(line);
    await writer.drain(5000);
    closeSync(descriptor);
    assert.equal(readFileSync(file, 'utf8'), lines.map((line) => `${line}\n`).join(''));
  });

  it('are dropped in silence when the reader is gone', async (t) => {
    const fifo = join(temporaryFolder(t), 'fifo');
    spawnSync('mkfifo', [fifo]);
    const reader = spawn('head', ['-c', '1', fifo], { stdio: 'ignore' });
    const descriptor = openSync(fifo, 'w');
    const writer = lineWriter(descriptor);
    writer.writeLine('first');
    await new Promise((resolve) => reader.on('close', resolve));
    writer.writeLine('second');
    await writer.drain(5000);
    writer.writeLine('third');
    await writer.drain(5000);
    closeSync(descriptor);
    assert.equal(reader.exitCode, 0);
  });

  it('wait for a disk that is full, and come when it no longer is', async (t) => {
    const descriptor = openSync('/dev/full', 'w');
    const writer = lineWriter(descriptor);
    writer.writeLine('first');
    await writer.drain(300);
    closeSync(descriptor);
    const file = join(temporaryFolder(t), 'log');
    assert.equal(openSync(file, 'w'), descriptor, 'the number is used again');
    writer.writeLine('second');
    await writer.drain(5000);
    closeSync(descriptor);
    assert.equal(readFileSync(file, 'utf8'), 'first\nsecond\n');
  });

  it('are lost, and counted, when the reader is too slow', async (t) => {
    const fifo = join(temporaryFolder(t), 'fifo');
    spawnSync('mkfifo', [fifo]);
    // The shell opens the pipe at once, and reads it to its end later.
    const reader = spawn('sh', ['-c', 'exec 3<"$0"; sleep 0.5; cat <&3', fifo], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    reader.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    const descriptor = openSync(fifo, 'w');
    const writer = lineWriter(descriptor);
    const line = 'x'.repeat(1023);
    for (let count = 0; count < 20_000; count += 1) writer.writeLine(line);
    await writer.drain(10_000);
    closeSync(descriptor);
    await new Promise((resolve) => reader.on('close', resolve));
    const [, lost = ''] =
      /^(\d+) log lines were lost: their reader is too slow, or the disk was full$/m.exec(text) ?? [];
    const written = text.split('\n').filter((got) => got === line).length;
    assert.equal(written + Number(lost), 20_000);
    assert.ok(Number(lost) > 10_000, lost);
  });
});
