// Files that Perl finds through "." alone, which perl 5.26 took out of @INC: where that folder is the script's, and where not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder, told } from './examined.ts';

const PERL = '#!/usr/bin/perl\n';
const LIBRARY = 'sub x { 1 }\n1;\n';

describe('a file that a library of Perl loads', () => {
  it('is found where a script puts its folder into @INC', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}push(@INC, "lib");\nrequire "a.pl";\nprint 1;\n`,
      'cgi-bin/lib/a.pl': `require "b.pl";\n${LIBRARY}`,
      'cgi-bin/lib/b.pl': LIBRARY,
    });
    assert.deepEqual(found, []);
  });

  it('was never found through "." in a folder where no script starts', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}require "./lib/a.pl";\nprint 1;\n`,
      'cgi-bin/lib/a.pl': `require "b.pl";\n${LIBRARY}`,
      'cgi-bin/lib/b.pl': LIBRARY,
    });
    assert.deepEqual(found, []);
  });

  it('is found beside the script no more', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}require "./lib/a.pl";\nprint 1;\n`,
      'cgi-bin/lib/a.pl': `require "b.pl";\n${LIBRARY}`,
      'cgi-bin/b.pl': LIBRARY,
    });
    assert.deepEqual(found, ['warning perl-dot-inc cgi-bin/lib/a.pl:1']);
  });

  it('is missed where it is nowhere', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}require "./a.pl";\nprint 1;\n`,
      'cgi-bin/a.pl': `require "gone.pl";\n${LIBRARY}`,
    });
    assert.deepEqual(found, ['error perl-library-missing cgi-bin/a.pl:1']);
  });
});

describe('files that perl finds beside the script no more', () => {
  it('are one finding, which one command mends, whatever is tolerated', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/x.pl': `${PERL}require "a.pl";\nrequire 'b.pl';\nprint 1;\n`,
      'cgi-bin/y.pl': '#!/usr/bin/perl -T\ndo "a.pl";\nprint 1;\n',
      'cgi-bin/a.pl': LIBRARY,
      'cgi-bin/b.pl': LIBRARY,
    });
    assert.equal((await examineFolder(folder)).findings.length, 2);
    const examination = await examineFolder(folder, { tolerate: [] });
    assert.deepEqual(told(examination), ['error perl-dot-inc cgi-bin/x.pl:2 cgi-bin/x.pl:3 cgi-bin/y.pl:2']);
    spawnSync('sh', ['-c', examination.findings[0]?.mend[0] ?? ''], { cwd: folder });
    assert.deepEqual(told(await examineFolder(folder)), []);
  });
});

describe('a file whose name has another case', () => {
  for (const [load, name] of [
    ["require 'SUB.PL';", 'sub.pl'],
    ['require "./Sub.pl";', 'sub.pl'],
    ['use lib "lib"; require "sub.Lib";', 'lib/Sub.lib'],
    ['do "lib/SUB.PL" or die;', 'lib/sub.pl'],
  ] as const) {
    it(`is named, and one command mends it, in: ${load}`, async (t) => {
      const folder = siteFolder(t, {
        'index.html': '',
        'cgi-bin/x.pl': `${PERL}${load}\nprint "ok";\n`,
        [`cgi-bin/${name}`]: LIBRARY,
      });
      const { findings } = await examineFolder(folder);
      assert.match(findings[0]?.title ?? '', /^The script loads \S+, and the file is [Ss]ub\.(?:pl|lib)$/);
      spawnSync('sh', ['-c', findings[0]?.mend[0] ?? ''], { cwd: folder });
      assert.deepEqual(told(await examineFolder(folder)), []);
      assert.equal(spawnSync('perl', ['-T', 'x.pl'], { cwd: `${folder}/cgi-bin`, encoding: 'utf8' }).stdout, 'ok');
    });
  }
});
