// What a user without rights finds: doctor as a process of another user, where the test runs as root; else as this one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PROJECT, siteFolder } from './examined.ts';

const NOBODY = 65534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const mayRun = spawnSync(process.execPath, ['--version'], { ...asNobody, cwd: PROJECT }).status === 0;
const skip = mayRun ? false : 'the project lies in a folder that no other user may enter';

function idsFor(t: TestContext, modes: Readonly<Record<string, number>>): readonly string[] {
  const folder = siteFolder(t, {
    'index.html': '',
    'cgi-bin/book.pl': '#!/usr/bin/perl\nopen(F, ">>book.txt");\n',
    'cgi-bin/book.txt': '',
    'cgi-bin/closed/x.pl': '#!/usr/bin/perl\nprint 1;\n',
    'pages/secret.html': 'x',
  });
  const all = { '.': 0o777, 'cgi-bin': 0o777, 'cgi-bin/book.txt': 0o666, ...modes };
  for (const [name, mode] of Object.entries(all)) chmodSync(join(folder, name), mode);
  const words = [join(PROJECT, 'server/main.ts'), 'doctor', folder, '--json'];
  const { stdout } = spawnSync(process.execPath, words, { ...asNobody, cwd: '/', encoding: 'utf8' });
  // So that it can be removed.
  for (const name of Object.keys(modes)) chmodSync(join(folder, name), 0o755);
  const { findings } = JSON.parse(stdout) as { findings: { id: string; places: { file: string }[] }[] };
  return findings.map(({ id, places }) => [id, ...places.map(({ file }) => file)].join(' '));
}

describe('permissions for the user that serves', { skip }, () => {
  it('are enough where all is open', (t) => {
    assert.deepEqual(idsFor(t, {}), []);
  });

  it('lack for a closed folder, a closed page and a data file', (t) => {
    const modes = { 'cgi-bin/closed': 0o700, 'pages/secret.html': 0o600, 'cgi-bin/book.txt': 0o444 };
    const expected =
      asNobody.uid === undefined
        ? ['not-writable cgi-bin/book.pl']
        : ['folder-unreadable cgi-bin/closed', 'file-unreadable pages/secret.html', 'not-writable cgi-bin/book.pl'];
    assert.deepEqual([...idsFor(t, modes)].sort(), [...expected].sort());
  });

  it('lack for the whole script folder, which holds all there is', (t) => {
    const expected = asNobody.uid === undefined ? [] : ['folder-unreadable cgi-bin'];
    assert.deepEqual(idsFor(t, { 'cgi-bin': 0o700 }), expected);
  });

  it('lack for a new file in a folder that may not be written', (t) => {
    const found = idsFor(t, { 'cgi-bin': 0o555, 'cgi-bin/book.txt': 0o444 });
    assert.deepEqual(found, ['not-writable cgi-bin/book.pl']);
  });
});
