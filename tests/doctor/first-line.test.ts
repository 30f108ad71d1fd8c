// The #! line, permissions, and what is no script.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder, told } from './examined.ts';

describe('the #! line', () => {
  for (const [name, text, expected] of [
    ['x.pl', '#!/usr/bin/env perl\r\nprint 1;\r\n', ['warning shebang-crlf cgi-bin/x.pl:1']],
    ['x.cgi', '#!/opt/old/bin/perl5.004 -w\nprint 1;\n', ['warning interpreter-missing cgi-bin/x.cgi:1']],
    ['x.cgi', '#!/opt/old/bin/miva\nx\n', ['error interpreter-missing cgi-bin/x.cgi:1']],
    ['x.cgi', '#!"C:\\Program Files\\Perl\\perl.exe" -w\nprint 1;\n', ['warning shebang-windows cgi-bin/x.cgi:1']],
    ['x.cgi', '#!/usr/bin/env perl -w\nprint 1;\n', ['error shebang-env-switches cgi-bin/x.cgi:1']],
    ['x.cgi', '#!/usr/bin/env -S perl -w\nprint 1;\n', []],
    ['x.cgi', '#!/usr/bin/perl\nprint 1;\n', []],
    ['x.cgi', '#! /usr/bin/perl -wT --\nprint 1;\n', []],
  ] as const) {
    it(`${JSON.stringify(text.split('\n')[0])} gives ${expected.join() || 'nothing'}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { [`cgi-bin/${name}`]: text }), expected);
    });
  }

  it('is led to env where the interpreter lies at an unusual place', async (t) => {
    const programs = siteFolder(t, { tclsh: '#!/bin/sh\n' });
    const files = { 'index.html': '', 'cgi-bin/a.cgi': '#!/opt/old/tclsh\n', 'cgi-bin/b.cgi': '#!/opt/old/tclsh -x\n' };
    const environment = { PATH: `${programs}:${process.env.PATH}` };
    const folder = siteFolder(t, files);
    const { findings } = await examineFolder(folder, { environment });
    assert.deepEqual(
      findings.map(({ mend }) => mend[0]),
      ["sed -i '1s|^#!.*/opt/old/tclsh|#!/usr/bin/env -S tclsh|' cgi-bin/a.cgi cgi-bin/b.cgi"],
    );
    spawnSync('sh', ['-c', findings[0]?.mend[0] ?? ''], { cwd: folder });
    assert.deepEqual((await examineFolder(folder, { environment })).findings, []);
  });

  for (const [name, kin] of [
    ['ksh93', 'ksh'],
    ['pdksh', 'mksh'],
    ['zsh', 'bash'],
  ] as const) {
    it(`means the next of kin where ${name} is not here: ${kin}`, async (t) => {
      const programs = siteFolder(t, { bash: '#!/bin/sh\n', [kin]: '#!/bin/sh\n' });
      const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/a.cgi': `#!/opt/old/${name}\n` });
      const { findings } = await examineFolder(folder, { environment: { PATH: programs } });
      assert.match(findings[0]?.mend[0] ?? '', new RegExp(`env -S ${kin}\\|' cgi-bin/a\\.cgi$`));
    });
  }

  for (const [name, text, mend] of [
    ['x.cgi', '#!/opt/old/tclsh8.0\n', 'apt-get install tcl'],
    ['x.lua', '#!/usr/bin/env lua5.1\n', 'apt-get install lua5.1'],
    ['x.lua', '#!/usr/bin/lua5.3\n', 'apt-get install lua5.3'],
    ['x.lua', '#!/opt/old/bin/lua5.0\n', 'apt-get install lua5.4'],
    ['x.cgi', '#!/opt/old/bin/constructor\n', 'apt-cache search constructor'],
    ['x.cgi', '#!/opt/old/bin/miva\n', 'apt-cache search miva'],
    ['x.gone', 'text without a first line\n', 'apt-cache search nowhere-found'],
  ] as const) {
    it(`leads ${JSON.stringify(text)} to a package`, async (t) => {
      const folder = siteFolder(t, {
        'index.html': '',
        [`cgi-bin/${name}`]: text,
        'cgibox.yaml': 'site: { root: ., documentRoot: . }\ncgi: { interpreters: { .gone: nowhere-found } }\n',
      });
      const { findings } = await examineFolder(folder);
      if (findings[0]?.mend[0]?.startsWith('sed') === true) return t.skip('the interpreter is here');
      assert.deepEqual([findings[0]?.id, findings[0]?.mend[0]], ['interpreter-missing', mend]);
    });
  }

  it('is missed in no empty script: it is told to be empty', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.pl': '', 'cgi-bin/data.txt': '' });
    assert.deepEqual(found, ['error script-empty cgi-bin/x.pl']);
  });

  it('is no line where lines end in CR, as on an old Macintosh', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.pl': '#!/usr/bin/perl\r# counter\rprint 1;\r' });
    assert.deepEqual(found, ['error line-ends-macintosh cgi-bin/x.pl:1']);
  });

  it('must be the first', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.pl': '\n#!/usr/bin/perl\nprint 1;\n' });
    assert.deepEqual(found, ['warning shebang-misplaced cgi-bin/x.pl:1']);
  });

  it('is missed in an executable text, which sh would run', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/counter.dat': '17\n' });
    chmodSync(join(folder, 'cgi-bin/counter.dat'), 0o755);
    assert.deepEqual(told(await examineFolder(folder)), ['warning shebang-missing cgi-bin/counter.dat:1']);
  });

  it('is the program that the extension leads to, for each language by itself', async (t) => {
    const programs = siteFolder(t, { 'php-cgi': '#!/bin/sh\n', ruby: '#!/bin/sh\n', 'own/tclsh': '#!/bin/sh\n' });
    const folder = siteFolder(t, {
      'cgi-bin/index.html': '',
      'cgi-bin/a.php': '<?php echo 1; ?>\n',
      'cgi-bin/b.php': '<?php echo 2; ?>\n',
      'cgi-bin/c.rb': 'puts 1\n',
      'cgi-bin/d.tcl': 'puts 1\n',
      'cgi-bin/e.pl': 'print 1;\n',
      'cgi-bin/f.sh': 'echo\n',
      'cgibox.yaml': `site: { root: ., documentRoot: . }\ncgi: { interpreters: { .tcl: ${programs}/own/tclsh } }\n`,
    });
    const { findings } = await examineFolder(folder, { environment: { PATH: `${programs}:/usr/bin:/bin` } });
    const line = (program: string, ...files: readonly string[]) => {
      const words = files.map((file) => `cgi-bin/${file}`).join(' ');
      return [`sed -i '1i #!${program}' ${words} && chmod +x ${words}`];
    };
    assert.deepEqual(
      findings.map(({ id }) => id),
      findings.map(() => 'shebang-missing'),
    );
    assert.deepEqual(
      findings.map(({ mend }) => mend),
      [
        line('/usr/bin/env php-cgi', 'a.php', 'b.php'),
        line('/usr/bin/env ruby', 'c.rb'),
        line(`${programs}/own/tclsh`, 'd.tcl'),
        line('/usr/bin/perl', 'e.pl'),
        line('/bin/sh', 'f.sh'),
      ],
    );
  });

  for (const [name, text, tolerate, mend] of [
    ['x.cgi', 'print "Content-type: text/html\\n\\n";\nprint "hello";\n', undefined, "sed -i '1i #!/usr/bin/perl' "],
    ['x.cgi', '# counter\nuse strict;\nprint 1;\n', undefined, "sed -i '1i #!/usr/bin/perl' "],
    ['x.cgi', 'my $x = 1;\nprint $x;\n', [], "sed -i '1i #!/usr/bin/perl' "],
    ['x.cgi', 'echo "Content-type: text/plain"; echo; echo my $x\n', undefined, "sed -i '1i #!/bin/sh' "],
    ['x.cgi', 'DISPLAY "hello".\n', [], undefined],
  ] as const) {
    it(`is offered as ${mend ?? 'nothing'} for ${JSON.stringify(text)}`, async (t) => {
      const folder = siteFolder(t, { 'index.html': '', [`cgi-bin/${name}`]: text });
      chmodSync(join(folder, 'cgi-bin', name), 0o755);
      const options = tolerate === undefined ? {} : { tolerate: [...tolerate] };
      const { findings } = await examineFolder(folder, { compiles: 'none', ...options });
      const [found] = findings;
      assert.equal(found?.id, 'shebang-missing');
      assert.equal(found.mend[0]?.slice(0, mend?.length), mend);
    });
  }

  it('is mended by the command that is given', async (t) => {
    const { findings } = await examineFolder(
      siteFolder(t, { 'index.html': '', 'cgi-bin/-a b.cgi': '#!C:\\Perl\\bin\\perl.exe -w\r\nprint 1;\r\n' }),
    );
    const mends = Object.fromEntries(findings.map(({ id, mend }) => [id, mend[0]]));
    assert.match(mends['shebang-crlf'] ?? '', /^sed -i 's\/\\r\$\/\/' 'cgi-bin\/-a b\.cgi'$/);
    assert.match(mends['shebang-windows'] ?? '', /^sed -i '1s\|\^#!\.\*C:\.Perl\.bin\.perl\[\.\]exe\|#!\S*perl\|' /);
  });
});

describe('permissions', () => {
  it('asks for the execute bit of all scripts in one command', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/a.pl': '#!/usr/bin/perl\nprint 1;\n',
      'cgi-bin/b.pl': '#!/usr/bin/perl\nprint 1;\n',
    });
    for (const name of ['a.pl', 'b.pl']) chmodSync(join(folder, 'cgi-bin', name), 0o644);
    const { findings } = await examineFolder(folder);
    assert.deepEqual(
      findings.map(({ id, mend }) => [id, ...mend]),
      [['not-executable', 'chmod +x cgi-bin/a.pl cgi-bin/b.pl']],
    );
  });
});
