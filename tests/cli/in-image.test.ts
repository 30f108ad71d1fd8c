// What differs inside the container image, as far as it needs no container (tests/container has the rest).
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { identityToTake } from '../../server/cli/drop-privileges.ts';
import { checkMount, writingMend, writingProblem } from '../../server/cli/mount.ts';
import { programFor } from '../../server/cli/program.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cgibox-in-image-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('whom a process becomes (setuid(2))', () => {
  it('is the owner of the site for root', () => {
    assert.deepEqual(identityToTake(0, { uid: 4711, gid: 815 }), { uid: 4711, gid: 815 });
  });

  it('is 1000:1000 for root on a site of root', () => {
    assert.deepEqual(identityToTake(0, { uid: 0, gid: 0 }), { uid: 1000, gid: 1000 });
  });

  it('is nobody else on a site of root where root is an ordinary user of the host (user_namespaces(7))', () => {
    const owner = { uid: 0, gid: 0 };
    assert.equal(
      identityToTake(0, owner, '         0       1000          1\n         1     100000      65536\n'),
      undefined,
    );
    assert.deepEqual(identityToTake(0, owner, '         0          0 4294967295\n'), { uid: 1000, gid: 1000 });
  });

  it('is nobody else for anyone but root', () => {
    assert.equal(identityToTake(1000, { uid: 4711, gid: 815 }), undefined);
    assert.equal(identityToTake(undefined, { uid: 4711, gid: 815 }), undefined);
  });
});

describe('a program in the place of a command (execvp(3))', () => {
  it('is found on PATH, the first folder first', (t) => {
    const folder = folderFor(t);
    for (const name of ['a', 'b']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'tool'), '', { mode: 0o755 });
    }
    const environment = { PATH: `${join(folder, 'none')}::${join(folder, 'b')}:${join(folder, 'a')}` };
    assert.equal(programFor('tool', environment), join(folder, 'b', 'tool'));
  });

  it('is itself where it holds a slash', () => {
    assert.equal(programFor('/bin/sh', {}), '/bin/sh');
    assert.equal(programFor('/bin/no-such-program', { PATH: '/bin' }), undefined);
  });

  it('is no folder, no option and no file without the execute bit', (t) => {
    const folder = folderFor(t);
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'text'), '', { mode: 0o644 });
    for (const word of ['folder', 'text', '--port', '', 'absent', folder]) {
      assert.equal(programFor(word, { PATH: folder }), undefined, word);
    }
  });
});

describe('a mount', () => {
  it('is refused when it is empty', (t) => {
    const folder = folderFor(t);
    assert.throws(() => checkMount(folder), {
      code: 'SITE_UNUSABLE',
      message: `Cannot serve "${folder}": the folder is empty`,
    });
  });

  it('is refused when it is a file', (t) => {
    const file = join(folderFor(t), 'site');
    writeFileSync(file, '');
    const message = `Cannot serve "${file}": it is a file, not a folder`;
    assert.throws(() => checkMount(file), { code: 'SITE_UNUSABLE', message });
  });

  it('is good when something is in it, and when it is looked for elsewhere', (t) => {
    const folder = folderFor(t);
    mkdirSync(join(folder, 'cgi-bin'));
    checkMount(folder);
    checkMount(join(folder, 'absent'));
  });

  it('that cannot be written is mended by its owner, or from the host where that is root', () => {
    assert.equal(writingMend('4711:815', '1000:1000'), 'docker run --user 4711:815');
    assert.equal(
      writingMend('0:0', '1000:1000'),
      'chown -R 1000:1000 on the host the folder that -v or SITE= names (COPY --chown=1000:1000 in a Dockerfile)',
    );
    assert.equal(writingMend('1000:1000', '1000:1000'), 'chmod -R u+w on the host the folder that -v or SITE= names');
  });

  it('is no problem where it can be written', (t) => {
    assert.equal(writingProblem(folderFor(t)), undefined);
  });
});
