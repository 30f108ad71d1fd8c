// The commands that doctor gives, carried out as they stand by sh: then nothing of what they mend is found any more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { examineFolder, siteFolder } from './examined.ts';

const COMMAND = /^(?:LC_ALL=C )?(?:chmod|sed|mkdir|cp) /;

const NASTY: Readonly<Record<string, string>> = Object.fromEntries(
  ['-e x.pl', "it's $(touch harm).pl", 'new\nline.pl', 'caf\xe9.pl', 'back\\slash `touch harm`.pl'].map((name) => [
    name,
    '#!/usr/bin/perl\n$[ = 1;\n$d = "C:\\\\data\\\\x.txt"; $p = "/usr/lib/old-site/x.cfg";\n$* = 1;\n',
  ]),
);

function inLatin1(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** Carries out the first command of each finding, and gives the ids that are found before and after. */
async function mend(folder: string) {
  const before = await examineFolder(folder);
  for (const { mend: commands } of before.findings) {
    const [command = ''] = commands;
    if (!COMMAND.test(command)) continue;
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, ''], command);
  }
  const ids = ({ findings }: typeof before) => [...new Set(findings.map(({ id }) => id))].sort();
  return { before: ids(before), after: ids(await examineFolder(folder)) };
}

describe('the commands that doctor gives', () => {
  it('mend the messy site, but for what only its owner can know', async (t) => {
    const { after } = await mend(await copiedFolder(t, 'tests/fixtures/messy-site'));
    const stays = [
      ...['charset-undeclared', 'compile-silent', 'compile-stopped', 'htaccess-ignored', 'includes-not-run'],
      ...['interpreter-missing', 'link-dangling', 'path-windows', 'perl-array-base', 'perl-dropped-variable'],
      ...['perl-library-missing', 'perl-module-missing', 'perl-scalar-aggregate', 'perl-syntax'],
      ...['perl-temporary-name', 'program-missing', 'python-module-missing', 'python-module-removed', 'python-syntax'],
      ...['python2-module', 'python2-name', 'python2-syntax', 'script-empty', 'shell-syntax'],
    ];
    // Where this machine has no sendmail, the stand-in of the image is not found either.
    assert.deepEqual(
      after.filter((id) => id !== 'sendmail-missing'),
      stays,
    );
  });

  for (const shell of ['sh', 'bash']) {
    it(`lead to the place where they only show it (${shell})`, async (t) => {
      const folder = await copiedFolder(t, 'tests/fixtures/messy-site');
      for (const [name, text] of Object.entries(NASTY)) writeFileSync(inLatin1(`${folder}/cgi-bin/${name}`), text);
      writeFileSync(
        `${folder}/public_html/x.htm`,
        '<a href="guest.HTM">1</a> <a href="Guest.htm$(touch harm)`touch harm`">2</a>',
      );
      const { findings } = await examineFolder(folder);
      const shown = findings
        .flatMap(({ mend: commands }) => commands)
        .filter((command) => /^(?:grep|ls) /.test(command));
      assert.ok(shown.length > 10, `${shown.length}`);
      for (const command of shown) {
        const { status, stdout, stderr } = spawnSync(shell, ['-c', command], { cwd: folder, encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, ''], command);
        assert.notEqual(stdout, '', command);
      }
      assert.ok(!existsSync(join(folder, 'harm')));
    });
  }

  it('mend names that need quoting', async (t) => {
    const text = '#!C:\\Perl\\bin\\perl.exe -w\r\nopen(F, ">>data/x.txt");\r\nprint defined(@ARGV);\r\n';
    const names = ['a b.cgi', "it's.cgi", '-rf.cgi', '$x.cgi', 'semi;colon.cgi', '"q`touch harm`$(touch harm).cgi'];
    names.push(
      'new\nline.cgi',
      'caf\xe9.cgi',
      'tab\there.cgi',
      'back\\slash.cgi',
      'esc\x1b[31m.cgi',
      '%s\\n.cgi',
      '!x&|<>*.cgi',
    );
    const folder = siteFolder(t, {
      'index.html': '',
      ...Object.fromEntries(names.map((name) => [`cgi-bin/${name}`, text])),
    });
    const { before, after } = await mend(folder);
    assert.deepEqual(before, ['data-folder-missing', 'perl-defined-aggregate', 'shebang-crlf', 'shebang-windows']);
    assert.deepEqual(after, []);
  });

  for (const [id, text] of [
    ['shebang-misplaced', '\n\n#!/usr/bin/perl\nprint 1;\n'],
    ['shebang-env-switches', '#!/usr/bin/env perl -w\nprint 1;\n'],
    ['line-ends-macintosh', '#!/usr/bin/perl\r# x\rprint 1;\r'],
    ['perl-lexical-topic', '#!/usr/bin/perl\nfor (1) { my $_ = 2; print }\n'],
    ['perl-bare-list', '#!/usr/bin/perl\nforeach my $x qw(a b) { print $x }\n'],
    ['perl-pragma-dropped', '#!/usr/bin/perl\nuse encoding "latin1";\nprint 1;\n'],
    ['python-syntax', '#!/usr/bin/env python3\nx = (\n'],
  ] as const) {
    it(`${id === 'python-syntax' ? 'leave' : 'mend'} ${id}`, async (t) => {
      const name = id.startsWith('python') ? 'x.py' : 'x.pl';
      const { before, after } = await mend(siteFolder(t, { 'index.html': '', [`cgi-bin/${name}`]: text }));
      assert.deepEqual(before, [id]);
      assert.deepEqual(after, id === 'python-syntax' ? [id] : []);
    });
  }
});
