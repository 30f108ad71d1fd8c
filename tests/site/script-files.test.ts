// What is known of a script file holds for that version of it, and for no other.
import assert from 'node:assert/strict';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { entryAt } from '../../server/site/disk.ts';
import { createScriptFiles } from '../../server/site/script-files.ts';
import { temporaryFolder } from '../support/start-site.ts';

describe('script files', () => {
  it('are seen as they are now, however long ago they were looked at first', async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, 'script');
    await writeFile(file, '#!/bin/sh\n', { mode: 0o755 });
    // Of a file that was just changed nothing is kept.
    await setTimeout(2100);
    const scripts = createScriptFiles();
    const look = () => scripts.of(file, entryAt(file));
    const seen = () => [look().isExecutable, look().head];
    assert.deepEqual(seen(), [true, '#!/bin/sh\n']);
    assert.equal(look(), look());
    await chmod(file, 0o644);
    assert.deepEqual(seen(), [false, '#!/bin/sh\n']);
    await writeFile(file, '#!/bin/xx\n');
    assert.deepEqual(seen(), [false, '#!/bin/xx\n']);
    await writeFile(join(folder, 'other'), '#!/bin/yy\n', { mode: 0o755 });
    await rename(join(folder, 'other'), file);
    assert.deepEqual(seen(), [true, '#!/bin/yy\n']);
  });

  it('that could not be read once, for want of descriptors, are read the next time', async (t) => {
    const file = join(await temporaryFolder(t), 'script');
    const scripts = createScriptFiles();
    const entry = { kind: 'file', identity: '1:1', changedAt: 0, size: 10, modifiedAt: 0 } as const;
    assert.equal(scripts.of(file, entry).head, undefined);
    await writeFile(file, '#!/bin/sh\n', { mode: 0o755 });
    assert.equal(scripts.of(file, entry).head, '#!/bin/sh\n');
  });

  it('that are none, or are gone, are no reason to fail', async (t) => {
    const folder = await temporaryFolder(t);
    const scripts = createScriptFiles();
    for (const path of [folder, join(folder, 'absent')]) assert.equal(scripts.of(path, entryAt(path)).head, undefined);
  });
});
