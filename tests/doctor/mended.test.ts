// The commands that doctor gives, carried out as they stand by sh: then nothing of what they mend is found any more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { examineFolder, siteFolder } from './examined.ts';

const COMMAND = /^(?:chmod|sed|mkdir|cp) /;

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
    const stays = ['charset-undeclared', 'perl-module-missing'];
    // Where this machine has no sendmail, the stand-in of the image is not found either.
    assert.deepEqual(
      after.filter((id) => id !== 'sendmail-missing'),
      stays,
    );
  });

  it('mend names that need quoting', async (t) => {
    const text = '#!C:\\Perl\\bin\\perl.exe -w\r\nopen(F, ">>data/x.txt");\r\nprint defined(@ARGV);\r\n';
    const names = ['a b.cgi', "it's.cgi", '-rf.cgi', '$x.cgi', 'semi;colon.cgi'];
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
