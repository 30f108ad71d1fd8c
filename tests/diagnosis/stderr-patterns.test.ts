// Real interpreters write the messages here: a new version that words one differently fails the test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Evidence } from '../../server/diagnosis/cause.ts';
import { sourcePlace } from '../../server/diagnosis/source-place.ts';
import { refinementOf, STDERR_PATTERNS } from '../../server/diagnosis/stderr-patterns.ts';
import { refusedFile } from '../../server/diagnosis/stderr-system.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgibox-stderr-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script as the server would, by absolute path in its own folder, and keeps its stderr. */
function evidenceOf(command: readonly string[], name: string, source: string): Evidence {
  const file = join(folder, name);
  writeFileSync(file, source, 'latin1');
  const [program = '', ...switches] = command;
  const environment = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', HOME: folder, PYTHONIOENCODING: 'ascii' };
  const ended = spawnSync(program, [...switches, file], {
    cwd: folder,
    env: environment,
    encoding: 'latin1',
    input: '',
  });
  return { scriptFile: file, scriptName: `/cgi-bin/${name}`, stderr: ended.stderr, output: ended.stdout };
}

interface Row {
  readonly run: readonly string[];
  readonly source: string;
  readonly id: string;
  readonly title: RegExp;
  readonly line?: number;
}

const PERL: readonly Row[] = [
  {
    run: ['perl'],
    source: 'use Foo::Bar_Baz;',
    id: 'perlModuleMissing',
    title: /^The Perl module Foo::Bar_Baz is not installed$/,
    line: 1,
  },
  {
    run: ['perl'],
    source: '\nrequire "site-lib.pl";',
    id: 'perlLibraryMissing',
    title: /^Perl does not find the file site-lib.pl$/,
    line: 2,
  },
  { run: ['perl'], source: 'require "nothere4.pl";', id: 'perlLibraryMissing', title: /nothere4/ },
  {
    run: ['perl'],
    source: '@a=(1);\nprint 1 if defined(@a);',
    id: 'perlDefinedAggregate',
    title: /^defined\(@…\) is fatal/,
    line: 2,
  },
  { run: ['perl'], source: 'print 1 if defined %h;', id: 'perlDefinedAggregate', title: /^defined\(%…\) is fatal/ },
  { run: ['perl'], source: '$[ = 1;', id: 'perlArrayBase', title: /\$\[/, line: 1 },
  { run: ['perl'], source: '$* = 1;', id: 'perlDroppedVariable', title: /\$\*/ },
  { run: ['perl'], source: 'my $r = []; push $r, 1;', id: 'perlScalarAggregate', title: /^push on a reference/ },
  { run: ['perl'], source: 'use encoding "utf8";', id: 'perlPragmaDropped', title: /^use encoding/ },
  { run: ['perl'], source: 'require v9;', id: 'perlVersion', title: /^The script wants Perl v9/ },
  { run: ['perl'], source: '#!/usr/bin/perl -T\nprint 1;', id: 'perlTaintLate', title: /taint mode/ },
  { run: ['perl', '-T'], source: 'system "ls $0";', id: 'perlInsecurePath', title: /unchecked PATH$/ },
  {
    run: ['perl', '-T'],
    source: '$ENV{PATH}="/bin";\nopen F, ">$ENV{HOME}/x";',
    id: 'perlTainted',
    title: /unchecked data in open$/,
    line: 2,
  },
  {
    run: ['perl'],
    source: 'use strict;\n$x = 1;',
    id: 'perlStrict',
    title: /^The variable \$x is not declared$/,
    line: 2,
  },
  { run: ['perl'], source: 'print <<EOT;\nhello\nEOT \n', id: 'perlHereDocument', title: /EOT/, line: 1 },
  { run: ['perl'], source: 'PrintHeader();', id: 'perlSubroutineMissing', title: /no subroutine PrintHeader$/ },
  { run: ['perl'], source: 'CGI2->new;', id: 'perlMethodMissing', title: /CGI2 has no method new/ },
  {
    run: ['perl', '-w'],
    source: 'exec "/usr/lib/nosendmail -t" or die;',
    id: 'cannotExecute',
    title: /\/usr\/lib\/nosendmail/,
  },
  { run: ['perl'], source: 'print "a"\nprint "b";', id: 'perlSyntax', title: /syntax error/, line: 2 },
  {
    run: ['perl'],
    source: 'open F, ">/proc/x" or die "Cannot open file /data/count.txt: Permission denied";',
    id: 'permissionDenied',
    title: /\/data\/count\.txt/,
    line: 1,
  },
  {
    run: ['perl'],
    source: 'open F, "/nope/x" or die "cannot open /nope/x: $!";',
    id: 'fileMissing',
    title: /\/nope\/x$/,
  },
];

const PYTHON: readonly Row[] = [
  {
    run: ['python3'],
    source: 'import MySQLdb',
    id: 'pythonModuleMissing',
    title: /^The Python module MySQLdb is not installed$/,
    line: 1,
  },
  { run: ['python3'], source: 'import asdf_removed.x', id: 'pythonModuleMissing', title: /asdf_removed/ },
  {
    run: ['python3'],
    source: 'import urllib2',
    id: 'pythonModuleMissing',
    title: /written in Python 2: there is no module urllib2/,
  },
  { run: ['python3'], source: 'from urllib import urlopen', id: 'pythonNameMoved', title: /^urllib has no urlopen$/ },
  { run: ['python3'], source: '\nprint "a"', id: 'python2Print', title: /print without parentheses$/, line: 2 },
  { run: ['python3'], source: 'exec "a = 1"', id: 'python2Print', title: /exec without parentheses$/ },
  {
    run: ['python3'],
    source: 'try:\n  pass\nexcept Exception, e:\n  pass',
    id: 'python2Except',
    title: /except X, e/,
    line: 3,
  },
  { run: ['python3'], source: 'x = 0755', id: 'python2Octal', title: /leading zero$/ },
  { run: ['python3'], source: 'raise ValueError, "x"', id: 'python2Syntax', title: /written in Python 2$/ },
  { run: ['python3'], source: 'if 1 <> 2:\n  pass', id: 'python2Syntax', title: /written in Python 2$/ },
  { run: ['python3'], source: 'x = `1`', id: 'python2Syntax', title: /written in Python 2$/ },
  { run: ['python3'], source: 'x = unicode("a")', id: 'python2Name', title: /no unicode any more$/ },
  { run: ['python3'], source: 'x = {}.has_key(1)', id: 'python2Method', title: /no has_key there/ },
  { run: ['python3'], source: 'x = "caf\xe9"', id: 'pythonSourceEncoding', title: /not in UTF-8/ },
  { run: ['python3'], source: 'if 1:\n\tprint(1)\n        print(2)', id: 'pythonTabs', title: /indentation/, line: 3 },
  { run: ['python3'], source: 'print("\\u263a")', id: 'unicodeEncode', title: /character that ascii does not have$/ },
  {
    run: ['python3'],
    source: '\nb"\\xe9".decode("utf-8")',
    id: 'unicodeDecode',
    title: /bytes that are not utf-8$/,
    line: 2,
  },
  {
    run: ['python3'],
    source: 'import sys; sys.stdout.write(b"x")',
    id: 'pythonBytesOutput',
    title: /mixes bytes and text/,
  },
  { run: ['python3'], source: 'raise MemoryError()', id: 'pythonMemory', title: /out of memory/ },
  { run: ['python3'], source: 'def f(:\n  pass', id: 'pythonSyntax', title: /syntax error$/, line: 1 },
  {
    run: ['python3'],
    source: 'raise PermissionError(13, "Permission denied", "/data/count")',
    id: 'permissionDenied',
    title: /\/data\/count/,
  },
  { run: ['python3'], source: 'open("/nope/a b.txt")', id: 'fileMissing', title: /\/nope\/a b\.txt$/ },
  { run: ['python3'], source: 'raise OSError(28, "No space left on device")', id: 'diskFull', title: /disk is full/ },
  { run: ['python3'], source: 'raise OSError(30, "Read-only file system")', id: 'readOnly', title: /read-only/ },
  {
    run: ['python3'],
    source: 'raise BlockingIOError(11, "Resource temporarily unavailable")',
    id: 'cannotFork',
    title: /further process/,
  },
];

const SHELL: readonly Row[] = [
  {
    run: ['dash'],
    source: '\nnocmd-here --x',
    id: 'commandMissing',
    title: /^There is no command nocmd-here$/,
    line: 2,
  },
  {
    run: ['bash'],
    source: '\nnocmd-here --x',
    id: 'commandMissing',
    title: /^There is no command nocmd-here$/,
    line: 2,
  },
  { run: ['dash'], source: '[[ a == a ]] && echo', id: 'bashism', title: /written for bash.*no \[\[$/, line: 1 },
  { run: ['dash'], source: 'source ./lib', id: 'bashism', title: /no source$/ },
  { run: ['dash'], source: 'ls\r\n', id: 'carriageReturns', title: /CR LF/ },
  { run: ['bash'], source: 'ls\r\n', id: 'carriageReturns', title: /CR LF/ },
  { run: ['dash'], source: 'cd /tmp\r\n', id: 'carriageReturns', title: /CR LF/ },
  { run: ['bash'], source: 'cd /tmp\r\n', id: 'carriageReturns', title: /CR LF/ },
  { run: ['dash'], source: 'if true; then\necho', id: 'shellSyntax', title: /syntax error$/, line: 2 },
  { run: ['bash'], source: 'if true; then\necho', id: 'shellSyntax', title: /syntax error$/ },
  { run: ['dash'], source: "echo 'abc\n", id: 'shellSyntax', title: /syntax error$/ },
  { run: ['dash'], source: 'echo x > /nope/count', id: 'fileMissing', title: /\/nope\/count$/, line: 1 },
  { run: ['dash'], source: 'cat /nope/data', id: 'fileMissing', title: /\/nope\/data$/ },
  { run: ['bash'], source: 'cat < /nope/data', id: 'fileMissing', title: /\/nope\/data$/ },
  { run: ['dash'], source: '/etc/passwd', id: 'permissionDenied', title: /\/etc\/passwd/ },
  { run: ['bash'], source: '\n/etc/passwd', id: 'permissionDenied', title: /\/etc\/passwd/, line: 2 },
  { run: ['dash'], source: `perl -e 'kill SEGV=>$$'\ntrue`, id: 'segmentationFault', title: /segmentation fault/ },
  {
    run: ['dash'],
    source: 'env nointerpreter',
    id: 'interpreterMissing',
    title: /^The interpreter nointerpreter is not installed$/,
  },
  { run: ['dash'], source: `env "$(printf 'python3\\r')" x`, id: 'interpreterMissing', title: /CR LF/ },
  { run: ['dash'], source: 'perl /nope.pl', id: 'scriptUnreadable', title: /No such file$/ },
  { run: ['dash'], source: 'python3 /nope.py', id: 'scriptUnreadable', title: /No such file$/ },
  {
    run: ['dash'],
    source: 'echo "lock: Permission denied" >&2',
    id: 'permissionDeniedSomewhere',
    title: /Permission denied$/,
  },
];

function specify(rows: readonly Row[], extension: string): void {
  for (const [index, { run, source, id, title, line }] of rows.entries()) {
    it(`knows ${id} from ${run.join(' ')}: ${JSON.stringify(source.slice(0, 40))}`, () => {
      const evidence = evidenceOf(run, `script-${index}.${extension}`, source);
      const refinement = refinementOf(evidence);
      assert.equal(refinement?.id, id, evidence.stderr);
      assert.match(refinement.title, title);
      assert.ok(!/\.$|\n/.test(refinement.title), 'one line without a final period');
      if (line !== undefined) assert.deepEqual(sourcePlace(evidence), { file: evidence.scriptFile, line });
    });
  }
}

describe('stderr of perl (perldiag)', () => specify(PERL, 'pl'));
describe('stderr of python3', () => specify(PYTHON, 'py'));
describe('stderr of shells and tools', () => specify(SHELL, 'sh'));

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
    ['crypt', '3.13', 'python3-legacycrypt'],
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
    assert.equal(refinementOf(told('everything is fine at x.pl line 3.\n')), undefined);
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
