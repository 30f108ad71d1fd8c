// Perl that the perl of today refuses, and Perl that only looks like it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder, told } from './examined.ts';

const PERL = '#!/usr/bin/perl\n';

describe('Perl idioms that are fatal today', () => {
  for (const [id, code] of [
    ['perl-defined-aggregate', 'my @a; print "x" if defined(@a);'],
    ['perl-defined-aggregate', 'my %h; print "x" unless defined %h;'],
    ['perl-array-base', '$[ = 1;'],
    ['perl-dropped-variable', '$* = 1;'],
    ['perl-dropped-variable', '$# = "%.2f";'],
    ['perl-scalar-aggregate', 'my $h = {}; foreach my $k (keys $h) { print $k }'],
    ['perl-scalar-aggregate', 'my $x = { list => [] }; push $x->{list}, 1;'],
    ['perl-lexical-topic', 'my $_ = 1;'],
    ['perl-bare-list', 'foreach my $x qw(a b) { print $x }'],
    ['perl-left-brace', 'print "x" if "a" =~ /\\d{bar/;'],
    ['perl-pragma-dropped', 'use encoding "latin1";'],
  ] as const) {
    for (const compiles of ['all', 'none'] as const) {
      it(`${id} in: ${code} (${compiles})`, async (t) => {
        const found = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}${code}\n` }, { compiles });
        const severity = compiles === 'none' && id !== 'perl-array-base' ? 'warning' : 'error';
        assert.deepEqual(found, [`${severity} ${id} cgi-bin/x.pl:2`]);
      });
    }
  }

  for (const code of [
    'my @a; print "x" if @a; print "defined(@a)\\n";',
    '# defined(@a) was used here once',
    'my %in = (n => 1); print "x" if "a" =~ /^$in{n}$/ or "b" =~ /a{2,3}/ or "c" =~ /\\{|foo{bar|\\d{2}/;',
    'my ($n, $m) = (1, 5); my $r = qr/.{$n}\\w{0,$m}/; print "x" if "12345" =~ /^\\d{$n,}\\s{${n},${m}}\\W{@{[1]}}$/;',
    'my $h = {}; print keys %$h, values %{$h}; push @{$h->{x}}, 1; my ($first) = shift @ARGV;',
    'my $n = $#ARGV; my $v = $$; print $#{[1]};',
    'print <<EOT;\nkeys $h; use encoding; require Nothing::Here;\nEOT',
    '=pod\n\nuse Nothing::Here;\n\n=cut\n\nprint 1;',
    'print 1;\n__END__\nuse Nothing::Here;\ndefined(@a)',
    'eval { require Nothing::Here };',
    'eval "use Nothing::Here; 1" or print "none";',
    'eval {\n  require Nothing::Here;\n};',
    'eval { local $SIG{__DIE__}; require Nothing::Here };\nprint 1;',
    'my $ok = eval {\n  local $SIG{"__DIE__"};\n  # a\n\n  my %o = (a => { b => 1 },\n    c => 2);\n  require Nothing::Here;\n  1;\n};',
    'eval\n{\n  if (1) {\n    my $x = 1;\n    my $y = 2;\n    require Nothing::Here;\n  }\n};',
    'my $ok = eval q{\n  my $x = 1;\n  my $y = 2;\n  my $z = 3;\n  require Nothing::Here;\n};',
    'sub load { require shift; }\nrequire join("/", "a", $x) if $x;\nrequire sprintf ("%s", $x) if $x;\nrequire lc $x if $x;',
    'require substr($x, 1) if $x; require pop @x if @x; require $x if $x; require\n  shift if @ARGV;',
    'use base main->can("Nothing::Here") ? "Exporter" : "Carp";\nuse parent -norequire, "Nothing::Here";',
    'use 5.006; use strict; use vars qw($x); use lib "lib";',
  ]) {
    it(`finds nothing in: ${code.replaceAll('\n', '↵')}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}${code}\n` }), []);
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}${code}\n` }, { compiles: 'none' }), []);
    });
  }
});

describe('a function of the script behind require', () => {
  it('is no module', async (t) => {
    const text = `${PERL}use File::Basename;\nrequire dirname(__FILE__) . "/x.pl";\n`;
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': text }, { compiles: 'none' }), []);
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': text }), ['error perl-syntax cgi-bin/x.pl:3']);
  });
});

describe('base classes of Perl', () => {
  for (const code of [
    'use base "Nothing::Here";',
    "use parent ('Exporter', 'Nothing::Here');",
    'use base qw(Nothing::Here\n  Exporter);',
    'use base qw/Nothing::Here/;',
  ]) {
    it(`are missed in: ${code.replaceAll('\n', '↵')}`, async (t) => {
      const found = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}${code}\n` }, { compiles: 'none' });
      assert.match(found.join(), /^error perl-module-missing cgi-bin\/x\.pl:2$/);
    });
  }
});

describe('an eval of Perl', () => {
  for (const [what, code, line] of [
    ['ends with its brace', 'eval {\n  my $x = 1;\n};\nrequire Nothing::Here;', 5],
    ['does not reach into the block behind it', 'eval {\n  print 1;\n} or do {\n  require Nothing::Here;\n};', 5],
    ['is not the whole program', `eval {\n${'  print 1;\n'.repeat(60)}  require Nothing::Here;\n};`, 63],
  ] as const) {
    it(what, async (t) => {
      const found = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}${code}\n` });
      assert.deepEqual(found, [`warning perl-module-missing cgi-bin/x.pl:${line}`]);
    });
  }

  it('leaves a library what it is', async (t) => {
    const examination = await examineFolder(
      siteFolder(t, {
        'index.html': '',
        'cgi-bin/x.pl': `${PERL}eval {\n  my $x = 1;\n  my $y = 2;\n  my $z = 3;\n  require "./setup.pl";\n};\nprint 1;\n`,
        'cgi-bin/setup.pl': '$title = "x";\n',
      }),
    );
    assert.deepEqual([told(examination), examination.scripts], [[], 1]);
  });
});

describe('files that Perl loads', () => {
  it('are the site its own beside the script and in "use lib"', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}use lib "../lib";\nuse Shop::Basket;\nrequire "./setup.pl";\nrequire "tools.pl";\nprint 1;\n`,
      'cgi-bin/setup.pl': 'sub setup { 1 }\n1;\n',
      'lib/Shop/Basket.pm': 'package Shop::Basket;\n1;\n',
      'lib/tools.pl': '1;\n',
    });
    assert.deepEqual(found, []);
  });

  it('are not missed where the script works out their folder', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}BEGIN { $base = ".."; unshift @INC, "$base/perl" }\nuse Shop::Basket;\nrequire "tools.pl";\n`,
      'perl/Shop/Basket.pm': 'package Shop::Basket;\n1;\n',
      'perl/tools.pl': '1;\n',
    });
    assert.deepEqual(found, []);
  });

  it('are not missed where a variable holds their folder', async (t) => {
    const text = `${PERL}$libdir = shift @ARGV;\nunshift(@INC, $libdir);\nrequire "tools.pl";\nprint 1;\n`;
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': text }), []);
  });

  it('are missed where they are nowhere', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}require "./gone.pl";\nrequire "away.pl";\ndo "config.cfg";\n`,
    });
    assert.deepEqual(found, [
      'error perl-library-missing cgi-bin/x.pl:2',
      'error perl-library-missing cgi-bin/x.pl:3',
      'warning perl-library-missing cgi-bin/x.pl:4',
    ]);
  });

  it('are not found under -T, whatever is tolerated', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': '#!/usr/bin/perl -T\nrequire "lib.pl";\n',
      'cgi-bin/lib.pl': '1;\n',
    });
    assert.deepEqual(found, ['error perl-dot-inc cgi-bin/x.pl:2']);
  });

  it('are not missed where perl itself brings them', async (t) => {
    const folders = spawnSync('perl', ['-e', 'print join "\\n", @INC'], { encoding: 'utf8' }).stdout.split('\n');
    const isHere = folders.some((folder) => existsSync(join(folder, 'sys/ioctl.ph')));
    if (!isHere) return t.skip('perl has no sys/ioctl.ph here');
    const text = `${PERL}if ($ARGV[0]) { require "sys/ioctl.ph"; }\nprint 1;\n`;
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': text }), []);
  });

  it('are missed where a whole path leads nowhere, once for all that load them', async (t) => {
    const text = `${PERL}require "/usr/share/old-site/setup.pl";\nprint 1;\n`;
    for (const compiles of ['all', 'none'] as const) {
      const found = await findingsIn(t, { 'cgi-bin/a.pl': text, 'cgi-bin/b.pl': text }, { compiles });
      assert.deepEqual(found, [
        'error perl-library-missing cgi-bin/a.pl:2 cgi-bin/b.pl:2',
        'warning path-missing cgi-bin/a.pl:2 cgi-bin/b.pl:2',
      ]);
    }
  });

  it('are libraries too with a #! line, and need no execute bit', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/x.pl': `${PERL}require "./cgi-lib.pl";\nuse lib ".";\nuse Cart;\nprint 1;\n`,
      'cgi-bin/cgi-lib.pl': '#!/usr/local/bin/perl-of-1994 -- -*- C -*-\nsub ReadParse { 1 }\n1; #return true\n',
      'cgi-bin/Cart.pm': '#!/usr/bin/perl\npackage Cart;\n1;\n',
    });
    for (const name of ['cgi-lib.pl', 'Cart.pm']) chmodSync(join(folder, 'cgi-bin', name), 0o644);
    const examination = await examineFolder(folder);
    assert.deepEqual([told(examination), examination.scripts], [[], 1]);
  });

  it('of other systems are not missed where the script asks which one it is on', async (t) => {
    const asked = `${PERL}if ($^O eq "MSWin32") {\n  require Win32::ODBC;\n}\nprint 1;\n`;
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': asked }), []);
    const used = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}use Win32::ODBC;\n` });
    assert.deepEqual(used, ['error perl-module-missing cgi-bin/x.pl:2']);
  });

  it('are no scripts of their own', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.pl': `${PERL}require "./a.pl";\nprint 1;\n`,
      'cgi-bin/a.pl': 'sub a { print "a" }\nreturn 1;\n',
      'cgi-bin/Cart.pm': 'package Cart;\n1;\n',
    });
    assert.deepEqual(found, []);
  });
});

describe('syntax of Perl', () => {
  it('is refused at file and line', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}print "a";\nprint "b" 1;\n` });
    assert.deepEqual(found, ['error perl-syntax cgi-bin/x.pl:3']);
  });

  it('is not asked of perl where nothing may be executed', async (t) => {
    const files = { 'cgi-bin/x.pl': `${PERL}BEGIN { die "executed" }\n` };
    assert.deepEqual(await findingsIn(t, files, { compiles: 'withoutExecuting' }), []);
    assert.equal((await findingsIn(t, files)).length, 1);
  });

  it('keeps the taint switch of the #! line', async (t) => {
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': '#!/usr/bin/perl -wT\nprint 1;\n' }), []);
  });

  it('is no matter of a script whose base class is missing', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}use base "Nothing::Here";\nprint 1;\n` });
    assert.deepEqual(found, ['error perl-module-missing cgi-bin/x.pl:2']);
  });

  it('is told without the time that CGI::Carp puts before it', async (t) => {
    const carp = 'BEGIN { $SIG{__DIE__} = sub { print STDERR "[Fri Nov 27 08:47:52 2026] x.pl: $_[0]"; exit 1 } }\n';
    const text = `${PERL}use strict;\n${carp}print baz;\nmy $x = baz;\n`;
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': text }));
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['perl-syntax'],
    );
    assert.doesNotMatch(findings[0]?.why ?? '', /2026/);
  });

  it('cannot be known of a script that ends without a word', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}BEGIN { exit 3 }\n` });
    assert.deepEqual(found, ['warning compile-silent cgi-bin/x.pl']);
  });
});
