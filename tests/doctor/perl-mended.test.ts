// The commands that doctor gives for old Perl, carried out as they stand: perl compiles what they mend.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { OLD_PERL } from '../diagnosis/old-perl.ts';
import { examineFolder, findingsIn, siteFolder } from './examined.ts';

const SHEBANG = '#!/usr/bin/perl\n';

describe('the command of doctor', () => {
  for (const { id, before, after } of OLD_PERL) {
    it(`${before === after ? 'shows' : 'mends'} ${id} in: ${before}`, async (t) => {
      const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': `${SHEBANG}${before}\n` });
      const { findings } = await examineFolder(folder, { compiles: 'none' });
      assert.deepEqual([...new Set(findings.map((finding) => finding.id))], [id]);
      const shown = execFileSync('sh', ['-c', findings[0]?.mend[0] ?? 'false'], { cwd: folder, encoding: 'latin1' });
      const file = join(folder, 'cgi-bin/x.pl');
      assert.equal(readFileSync(file, 'latin1'), `${SHEBANG}${after}\n`);
      if (before === after) assert.notEqual(shown, '');
      else assert.equal(spawnSync('perl', ['-c', file]).status, 0);
    });
  }

  it('is another for what sed leaves alone, and for text in another encoding', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/a.pl': `${SHEBANG}print defined(@a);\nprint defined(my @b);\n`,
      'cgi-bin/b.pl': `${SHEBANG}use encoding "latin1"; print "caf\xe9";\n`,
      'cgi-bin/c.pl': `${SHEBANG}use encoding "utf8"; print "caf\xc3\xa9";\n`,
    });
    const { findings } = await examineFolder(folder);
    assert.deepEqual(
      findings.map(({ id, mend }) => [id, mend[0]?.split(' ')[0]]),
      [
        ['perl-defined-aggregate', 'sed'],
        ['perl-defined-aggregate', 'grep'],
        ['perl-pragma-dropped', 'sed'],
        ['perl-pragma-dropped', 'sed'],
      ],
    );
  });
});

describe('the form of CGI.pm', () => {
  for (const code of [
    'print startform();',
    'use CGI; my %h = (startform => 1); print CGI->new->start_form, "startform", $h{startform};',
    'use CGI;\nsub startform { 1 }\nprint startform();',
  ]) {
    it(`is not missed in: ${code.replaceAll('\n', '↵')}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': `${SHEBANG}${code}\n` }), []);
    });
  }
});
