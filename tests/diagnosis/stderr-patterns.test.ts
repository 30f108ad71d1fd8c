// Real interpreters write the messages here: a new version that words one differently fails the test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Evidence } from '../../server/diagnosis/cause.ts';
import { sourcePlace } from '../../server/diagnosis/source-place.ts';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';

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
  const environment = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: folder, PYTHONIOENCODING: 'ascii' };
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
  {
    run: ['env', 'PERL_USE_UNSAFE_INC=1', 'perl'],
    source: 'require "lib/jcode.pl";',
    id: 'perlLibraryMissing',
    title: /^The file lib\/jcode\.pl is missing$/,
    line: 1,
  },
  {
    run: ['perl', '-w'],
    source: 'open F, ">beside.pl"; close F; do "beside.pl" or die;',
    id: 'perlDotInc',
    title: /^Perl does not find the file beside.pl$/,
  },
  {
    run: ['sh', '-c', 'ulimit -v 300000; exec perl "$0"'],
    source: 'my $x = "x" x 100_000_000; my $y = $x x 20;',
    id: 'perlMemory',
    title: /^The script ran out of memory$/,
  },
  {
    run: ['perl'],
    source: '\ndie "no such user bob";',
    id: 'perlDied',
    title: /^The script stopped: no such user bob$/,
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
  { run: ['perl'], source: 'use 5.99;', id: 'perlVersion', title: /^The script wants Perl v5\.990\.0, and v5/ },
  { run: ['perl'], source: '\nBEGIN { die "no file" }', id: 'perlDied', title: /stopped: no file$/, line: 2 },
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
  { run: ['python3'], source: 'x = {}.has_key(1)', id: 'python2Method', title: /no has_key any more$/ },
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
  {
    run: ['python3'],
    source: '\n1 / 0',
    id: 'pythonException',
    title: /^The script stopped with ZeroDivisionError: division by zero$/,
    line: 2,
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
    source: "mkdir own; cd own; printf 'import html\\nhtml.escape(1)\\n' > html.py; python3 html.py",
    id: 'pythonModuleHidden',
    title: /^A file called html\.py hides Python's module html$/,
  },
  {
    run: ['dash'],
    source: "mkdir other; cd other; printf 'import wsgiref.handlers\\n' > wsgiref.py; python3 wsgiref.py",
    id: 'pythonModuleHidden',
    title: /^A file called wsgiref\.py hides Python's module wsgiref$/,
  },
  {
    run: ['dash'],
    source: `LC_ALL=C sed 's/libc[.]so[.]6/libc.so.5/g' /bin/true > old; chmod +x old; ./old`,
    id: 'sharedLibraryMissing',
    title: /^The shared library libc\.so\.5 is not here$/,
  },
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
