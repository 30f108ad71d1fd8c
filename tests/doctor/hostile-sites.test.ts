// Sites that mean harm: names, texts and BEGIN blocks. Doctor ends, changes nothing and says nothing that steers a terminal.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { annotations } from '../../server/doctor/annotations.ts';
import { baselineText } from '../../server/doctor/baseline.ts';
import { reportText } from '../../server/doctor/report.ts';
import { reportJson } from '../../server/doctor/report-json.ts';
import { examineFolder, findingsIn, siteFolder, told } from './examined.ts';

const NAMES = [
  'new\nline.pl',
  'a b.pl',
  "quo'te.pl",
  '$(touch x).pl',
  '-rf.pl',
  'esc\x1b[31m.pl',
  'caf\xe9.pl',
  'caf\xc3\xa9.pl',
  '%41::x.pl',
];

describe('hostile names', () => {
  for (const name of NAMES) {
    it(`compiles ${JSON.stringify(name)} where it lies`, async (t) => {
      const found = await findingsIn(t, { [`cgi-bin/${name}`]: '#!/usr/bin/perl\nprint 1 1;\n' });
      // perl names the file in its message as it is: behind a line end it is not found there.
      const line = name.includes('\n') ? '' : ':2';
      assert.deepEqual(found, [`error perl-syntax cgi-bin/${name}${line}`]);
    });
  }

  it('reach no terminal and no annotation as they are', async (t) => {
    const folder = siteFolder(
      t,
      Object.fromEntries([
        ['index.html', ''],
        ...NAMES.map((name) => [`cgi-bin/${name}`, '#!/usr/bin/nothere\x1b[2J\n']),
      ]),
    );
    const examination = await examineFolder(folder);
    const text = reportText(examination, { inColour: false, accepted: 0 });
    const github = annotations(examination, folder);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    for (const written of [text, github]) assert.doesNotMatch(written, /[\x00-\x08\x0b-\x1f\x7f]/);
    assert.equal(github.trimEnd().split('\n').length, examination.findings.length);
    for (const line of github.trimEnd().split('\n')) assert.match(line, /^::(error|warning|notice) file=/);
    for (const json of [reportJson(examination, 0), baselineText(examination)]) assert.ok(JSON.parse(json));
  });
});

describe('hostile scripts', () => {
  it('are ended with their children when they do not end', async (t) => {
    const begun = Date.now();
    const found = await findingsIn(
      t,
      { 'cgi-bin/x.pl': '#!/usr/bin/perl\nBEGIN { fork; sleep 60 }\n' },
      { timeoutSeconds: 1 },
    );
    assert.deepEqual(found, ['warning compile-time-limit cgi-bin/x.pl']);
    assert.ok(Date.now() - begun < 20_000);
  });

  it('are no longer asked about when ten have not ended', async (t) => {
    const files = Array.from({ length: 60 }, (_each, index) => [
      `cgi-bin/x${index}.pl`,
      '#!/usr/bin/perl\nBEGIN { sleep 60 }\n',
    ]);
    const begun = Date.now();
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', ...Object.fromEntries(files) }), {
      timeoutSeconds: 0.5,
    });
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['compile-time-limit'],
    );
    assert.ok((findings[0]?.places.length ?? 60) < 15);
    assert.ok(Date.now() - begun < 20_000);
  });

  it('see nothing of the environment but what scripts get, and write no file', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/x.pl':
        '#!/usr/bin/perl\nBEGIN { die "seen $ENV{SECRET}" if $ENV{SECRET}; open(F, ">written") && print F "x"; close F }\n',
    });
    const { findings } = await examineFolder(folder, { environment: { SECRET: 'hunter2' } });
    assert.doesNotMatch(JSON.stringify(findings), /hunter2/);
    assert.deepEqual(findings, []);
    assert.deepEqual(readdirSync(join(folder, 'cgi-bin')), ['x.pl']);
  });

  it('in patterns, depth and size cost little', async (t) => {
    const begun = Date.now();
    await findingsIn(
      t,
      {
        'cgi-bin/a.pl': `#!/usr/bin/perl\n${'$x = "'.repeat(40_000)}\n`,
        'cgi-bin/b.pl': `#!/usr/bin/perl\n${`print <<A, <<B, <<C;\n`.repeat(5000)}`,
        'cgi-bin/c.py': `#!/usr/bin/env python3\n${`"""'''`.repeat(20_000)}`,
        'cgi-bin/d.sh': `#!/bin/sh\n${'> /home/x/'.repeat(20_000)}\n`,
        'cgi-bin/e.py': `#!/usr/bin/env python3\n${'import a,'.repeat(20_000)}`,
        'page.html': `${'<a href='.repeat(50_000)}`,
        '.htaccess': `${'<Files x>\n'.repeat(20_000)}`,
      },
      { compiles: 'none' },
    );
    assert.ok(Date.now() - begun < 20_000, `${Date.now() - begun} ms`);
  });

  it('full of blocks and of names of Python 2 cost little', async (t) => {
    const blocks = Array.from({ length: 40 }, (_, depth) => `${' '.repeat(depth)}if x:\n`).join('');
    const names = `${blocks}${`${' '.repeat(41)}x = unicode(x)\n`.repeat(40)}`;
    const begun = Date.now();
    const found = await findingsIn(
      t,
      {
        'cgi-bin/x.py': `#!/usr/bin/env python3\n${names.repeat(500)}`,
        'cgi-bin/y.pl': `#!/usr/bin/perl\n${`${'eval {'.repeat(300)}\n`.repeat(800)}`,
        'cgi-bin/z.pl': `#!/usr/bin/perl\n${`use base ${' '.repeat(1900)}\n`.repeat(800)}`,
      },
      { compiles: 'none' },
    );
    assert.equal(found.length, 1);
    assert.ok(Date.now() - begun < 10_000, `${Date.now() - begun} ms`);
  });

  it('behind links that lead out are neither read nor compiled', async (t) => {
    const outside = siteFolder(t, { 'secret.pl': 'root:x:0:0 1 1;\n', 'secret.html': '\xfc hunter2' });
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': '#!/usr/bin/perl\nprint 1;\n' });
    symlinkSync(join(outside, 'secret.pl'), join(folder, 'cgi-bin/lib.pl'));
    symlinkSync(join(outside, 'secret.html'), join(folder, 'secret.html'));
    symlinkSync('/dev/zero', join(folder, 'cgi-bin/zero.pl'));
    const examination = await examineFolder(folder);
    assert.deepEqual(
      told(examination).map((line) => line.split(' ').slice(1).join(' ')),
      ['link-outside cgi-bin/lib.pl', 'link-outside cgi-bin/zero.pl', 'link-outside secret.html'],
    );
    assert.doesNotMatch(reportJson(examination, 0), /root:x|hunter2/);
  });

  it('of 50 MB are not read, and are told to be too long', async (t) => {
    const folder = siteFolder(t, { 'index.html': '' });
    mkdirSync(join(folder, 'cgi-bin'));
    for (const name of ['cgi-bin/x.pl', 'page.html']) {
      writeFileSync(join(folder, name), '#!/usr/bin/perl\n', { mode: 0o755 });
      // Beyond the line end a hole: NUL bytes that take no place on the disk.
      appendFileSync(join(folder, name), '# long\n'.repeat(1000));
      truncateSync(join(folder, name), 50 * 1024 * 1024);
    }
    assert.deepEqual(told(await examineFolder(folder)), ['note file-too-long cgi-bin/x.pl page.html']);
  });

  it('deeper than doctor looks are told to be left out', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', [`${'d/'.repeat(40)}x.html`]: '' });
    assert.equal((await examineFolder(folder)).isCut, true);
  });

  it('and links in a circle do not keep it from ending', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', 'a/x.html': '' });
    symlinkSync('.', join(folder, 'a/self'));
    symlinkSync('loop', join(folder, 'loop'));
    const found = told(await examineFolder(folder));
    assert.deepEqual(found, ['warning link-dangling loop']);
  });
});
