// What the table of stderr messages promises as a whole, and what cannot be had from an interpreter on every machine.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Evidence } from '../../server/diagnosis/cause.ts';
import { mayShowSource, sourcePlace } from '../../server/diagnosis/source-place.ts';
import { refinementOf, STDERR_PATTERNS } from '../../server/diagnosis/stderr-patterns.ts';
import { refusedFile } from '../../server/diagnosis/stderr-system.ts';

const told = (stderr: string, scriptFile = '/site/cgi-bin/x.pl'): Evidence => ({
  scriptFile,
  scriptName: '/cgi-bin/x',
  stderr,
  output: '',
});

describe('modules and their Debian packages', () => {
  const perl = (module: string) =>
    `Can't locate ${module}.pm in @INC (you may need to install it) (@INC entries checked: /etc/perl) at x line 1.`;
  for (const [path, debianPackage] of [
    ['CGI', 'libcgi-pm-perl'],
    ['CGI/Session', 'libcgi-session-perl'],
    ['LWP/Simple', 'libwww-perl'],
    ['DBD/mysql', 'libdbd-mysql-perl'],
    ['MIME/Lite', 'libmime-lite-perl'],
    ['Mail/Mailer', 'libmailtools-perl'],
  ] as const) {
    it(`installs ${debianPackage} for ${path}`, () => {
      assert.deepEqual(refinementOf(told(perl(path)))?.mend, [`apt-get install ${debianPackage}`]);
    });
  }

  it('knows the libraries of Perl 4', () => {
    const stderr = `Can't locate getopts.pl in @INC (@INC contains: /etc/perl) at x.pl line 1.`;
    assert.deepEqual(refinementOf(told(stderr))?.mend, ['apt-get install libperl4-corelibs-perl']);
  });

  for (const [module, version, debianPackage] of [
    ['cgi', '3.13', 'python3-legacy-cgi'],
    ['cgitb', '3.13', 'python3-legacy-cgi'],
    ['imp', '3.12', 'python3-zombie-imp'],
    ['telnetlib', '3.13', 'python3-zombie-telnetlib'],
    ['crypt', '3.13', 'python3-crypt-r'],
    ['asynchat', '3.12', 'python3-standard-asynchat'],
    ['audioop', '3.13', 'python3-audioop-lts'],
    ['pipes', '3.13', 'python3-standard-pipes'],
  ] as const) {
    it(`says that ${module} left Python in ${version}`, () => {
      const refinement = refinementOf(told(`Traceback\nModuleNotFoundError: No module named '${module}'\n`));
      assert.equal(refinement?.title, `The Python module ${module} left Python in version ${version}`);
      assert.equal(refinement.mend[0], `apt-get install ${debianPackage}`);
    });
  }
});

describe('the table of stderr messages', () => {
  it('gives each row an id of its own', () => {
    const ids = STDERR_PATTERNS.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
  });

  it('says nothing of a message that it does not know', () => {
    assert.equal(refinementOf(told('everything is fine\n')), undefined);
    assert.equal(refinementOf(told('')), undefined);
  });

  it('reads 64 KiB of the worst text in a moment', () => {
    for (const unit of [
      "Can't locate ",
      'a: ',
      'env: ',
      'cannot open ',
      '    raise x,\n    ^\n',
      'open x ',
      '\r: ',
      'Can\'t exec "',
      "Can't open /",
      '/a/sendmail',
      'No such file: /a',
      '/a',
      'x at x line 1.\nBEGIN failed--compilation aborted at x\n',
      '<>`',
      '\xff',
    ]) {
      const started = performance.now();
      refinementOf(told(unit.repeat(65_536 / unit.length)));
      sourcePlace(told(unit.repeat(65_536 / unit.length)));
      assert.ok(performance.now() - started < 3000, `slow on ${JSON.stringify(unit)}`);
    }
  });

  it('lets no escape of stderr into its words', () => {
    const refinement = refinementOf(told('x.sh: 2: \x1b[2J\xe2\x80\xae: not found\n', '/site/x.sh'));
    assert.equal(refinement?.title, 'There is no command \\x1b[2J\\u202e');
  });

  it('takes no word of prose for the name of a file', () => {
    const idOf = (said: string) => refinementOf(told(`${said}: No such file or directory at x.pl line 3.\n`))?.id;
    for (const prose of ['Cannot open mail', "Can't open the counter", 'could not open pipe program', 'open log file'])
      assert.equal(idOf(prose), 'perlDied', prose);
    for (const named of ['Cannot open guest.txt', 'Cannot open "counter"', "Can't open file data/log", 'open >>.count'])
      assert.equal(idOf(named), 'fileMissing', named);
  });

  it('names the refused file, and says whose it is', () => {
    const stderr = "PermissionError: [Errno 13] Permission denied: '/site/data/count.txt'";
    assert.equal(refusedFile(stderr), '/site/data/count.txt');
    const refinement = refinementOf({
      ...told(stderr),
      namedFile: { ownerId: 0, groupId: 0, mode: 0o100644, runsAs: 1000 },
    });
    assert.match(refinement?.why ?? '', /It belongs to user 0, group 0, with mode 0644; scripts run as user 1000\.$/);
    assert.equal(refinement?.mend[1], 'chown 1000 /site/data/count.txt');
  });
});

describe('the place that stderr names', () => {
  const forms: readonly (readonly [string, string, number])[] = [
    ['died at lib/a.pl line 3.', '/site/cgi-bin/lib/a.pl', 3],
    ['died at /usr/share/perl5/CGI.pm line 9.\n\tmain::x called at /site/cgi-bin/x.pl line 4', '/site/cgi-bin/x.pl', 4],
    ['PHP Parse error:  syntax error, unexpected end of file in /site/a b.php on line 7', '/site/a b.php', 7],
    ['PHP Warning:  Undefined variable $x in /site/cgi-bin/a.php on line 7', '/site/cgi-bin/a.php', 7],
    ["/site/cgi-bin/a.rb:5:in `<main>': oops (RuntimeError)", '/site/cgi-bin/a.rb', 5],
    ['    while executing\n"foo bar"\n    (file "/site/cgi-bin/a.tcl" line 8)', '/site/cgi-bin/a.tcl', 8],
    [
      '  File "/site/cgi-bin/a.py", line 2, in <module>\n  File "/usr/lib/python3.13/json/x.py", line 9, in y',
      '/site/cgi-bin/a.py',
      2,
    ],
    ['Execution aborted at -e line 1.', '', 0],
  ];
  for (const [stderr, file, line] of forms) {
    it(`is ${file === '' ? 'nowhere' : `${file}:${line}`} for ${JSON.stringify(stderr.slice(0, 50))}`, () => {
      assert.deepEqual(sourcePlace(told(stderr)), file === '' ? undefined : { file, line });
    });
  }

  it('is found where the name of the script holds spaces', () => {
    const scriptFile = "/site/it's my/a b.pl";
    for (const stderr of [
      `Died at ${scriptFile} line 7.`,
      `${scriptFile}: 7: x: not found`,
      `  File "${scriptFile}", line 7`,
    ]) {
      assert.deepEqual(sourcePlace(told(stderr, scriptFile)), { file: scriptFile, line: 7 });
    }
  });

  it('may be shown only where it is the script, or source inside the site', () => {
    const evidence = told('');
    const may = (file: string) => mayShowSource({ file, line: 1 }, evidence, '/site');
    assert.equal(may('/site/cgi-bin/x.pl'), true);
    assert.equal(may('/site/lib/a.pm'), true);
    assert.equal(may('/site/data/passwords'), false);
    assert.equal(may('/sitemap/a.pm'), false);
    assert.equal(may('/etc/shadow.pl'), false);
  });
});
