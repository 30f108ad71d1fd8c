// A perl script cannot tell a warm perl from one of its own (PRODUCT.md section 7): each is run both ways.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { NO_LIMITS } from '../support/forked-launcher.ts';
import { masked, type ScriptOptions, startWarm } from '../support/warm-launcher.ts';

interface Sample extends ScriptOptions {
  readonly text: string;
  readonly body?: string;
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  'names, arguments and place': {
    text: 'print "$0 @ARGV ", __FILE__, " ", __LINE__, " ", scalar(@{[caller]}), " $^X\\n"; sub f { my @c = caller 0; print "@c[0..3]\\n"; @c = caller 1; print scalar(@c), "\\n" } f();',
    args: ['a', 'b c'],
  },
  environment: { text: 'print map { "$_=$ENV{$_}\\n" } sort keys %ENV; print `env | grep -v "^_=" | sort`;' },
  'DATA and where it is': {
    text: 'print tell(DATA), "\\n"; while (<DATA>) { my $x = `echo -n z`; print "$x $_" } seek DATA, 0, 0; print scalar <DATA>;\n__END__\none\ntwo\n',
  },
  'order of BEGIN and END': {
    text: 'BEGIN { print "begin ", `echo shell` } END { print "end $?\\n"; $? = 7 } print "main\\n"; exit 3;',
  },
  'die at the top': { text: 'print "before\\n"; my $x = 1;\ndie "dead";' },
  'die with errno': { text: 'open my $f, "<", "/nonexistent/x"; die "no: $!";' },
  'syntax error': { text: 'print "x" if;\nmy (;\n' },
  'module that is missing': { text: 'use No::Such::Module;\n' },
  '-w': { text: 'my $x; print "v: $x\\n"; $y = $^W; print "$y\\n";', switches: ['-w'] },
  'no strict, no lexical warnings': { text: '$x = "3 apples"; print $x + 1, " ${^WARNING_BITS}|$^H|$^W\\n";' },
  'body as bytes': {
    text: 'binmode STDIN; read STDIN, my $b, 99; print length $b, " ", unpack("H*", $b), "\\n";',
    body: '\xff\0\r\nx',
  },
  'empty stdin': { text: 'my @l = <STDIN>; print scalar(@l), " ", eof(STDIN), "\\n";' },
  'signals and mask': {
    text: 'print map { /^Sig(Ign|Blk|Cgt):\\t\\w{8}(\\w+)/ ? "$1 " . (hex($2) & 0x7fffffff) . "\\n" : () } `cat /proc/$$/status`; print join(",", map { $SIG{$_} // "" } qw(TERM INT HUP PIPE CHLD XFSZ)), "\\n";',
  },
  descriptors: { text: 'print join(",", grep { -l "/proc/$$/fd/$_" } 0 .. 30), "\\n"; system "ls /proc/self/fd";' },
  'limits that nobody set': { text: 'print grep { !/address space/ } `cat /proc/$$/limits`;' },
  'session and umask': {
    text: 'printf "%o %d %d\\n", umask, getpgrp == $$, (split / /, `cat /proc/$$/stat`)[5] == $$;',
  },
  scheduling: { text: 'print +(split / /, `cat /proc/$$/stat`)[40], "\\n";' },
  'local library': {
    text: 'open my $f, ">", "own.pl"; print $f "package Own; sub x { return __FILE__ } 1;"; close $f; require "./own.pl"; print Own::x(), "\\n"; use lib "lib"; print eval(q{$} . "INC[0]"), "\\n";',
  },
  'fork and wait': {
    text: '$| = 1; print "a\\n"; if (!fork) { print "child\\n"; exit 5 } wait; print $? >> 8, "\\n";',
  },
  'handlers and eval': {
    text: '$SIG{__WARN__} = sub { print "W: @_" }; warn "x\\n"; eval { die { a => 1 } }; print ref $@, "\\n"; $SIG{__DIE__} = sub { print "D: @_" }; die "y\\n";',
  },
  'objects at the end': {
    text: 'package D; sub DESTROY { print "gone ${^GLOBAL_PHASE}\\n" } package main; our $g = bless [], "D"; my $l = bless [], "D"; print "end\\n";',
  },
  'a signal ends it': { text: '$| = 1; print "x\\n"; kill "TERM", $$; sleep 5;' },
  'sort order and locale': {
    text: 'use POSIX; print setlocale(LC_ALL), " ", join(",", sort { $a cmp $b } qw(b A a B)), "\\n"; printf "%.2f\\n", 1.5;',
  },
  'carriage returns': { text: 'print "x\\n";\r\nprint <<E;\r\nhi\r\nE\r\n' },
  FindBin: { text: 'use FindBin; print "$FindBin::Bin $FindBin::Script\\n";' },
  'source of its own': {
    text: 'open my $f, "<", $0; print scalar(<$f>); print -s $0, " ", -s DATA, "\\n";\n__DATA__\nx\n',
  },
  'CGI::Carp': { text: 'use CGI::Carp "fatalsToBrowser"; print "ok\\n"; warn "x\\n"; eval { die "y" }; print $@;' },
  'a source filter': {
    text: 'BEGIN { require Filter::Util::Call; Filter::Util::Call->import; filter_add(sub { my $s = filter_read(); s/hello/goodbye/; $s }) }\nprint "hello\\n";\n',
    switches: ['-w'],
  },
  'reset of a sub': {
    text: 'no strict; sub basename { "mine" } print basename("/a/b"), defined &main::floor ? 1 : 0, "\\n";',
  },
};

describe('warm perl (PRODUCT.md section 7)', () => {
  it('is not told apart by a script', async (t) => {
    const bench = await startWarm(t);
    for (const [index, [name, { text, body, ...options }]] of Object.entries(SAMPLES).entries()) {
      await t.test(name, async () => {
        // A name of its own: what a source says is remembered for a moment.
        const command = await bench.command('perl', text, { name: `script-${index}`, ...options });
        const warm = masked(await bench.runWarm(command, body));
        const cold = masked(await bench.run({ ...command, warm: undefined }, body));
        assert.deepEqual(warm, cold);
      });
    }
  });

  it('gives each script random numbers and a time of its own', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'print rand, " ", time - $^T, "\\n";');
    const [one, two] = [await bench.runWarm(command), await bench.runWarm(command)];
    assert.notEqual(one.stdout, two.stdout);
    assert.match(two.stdout, / [01]\n$/);
  });

  it('leaves nothing of one script for the next', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command(
      'perl',
      'print $n++, " ", $ENV{X} // "none", "\\n"; $ENV{X} = 1; umask 077; chdir "/";',
    );
    await bench.runWarm(command);
    assert.equal((await bench.runWarm(command)).stdout, '0 none\n');
  });

  it('gives each script its own variables, and none of another request', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'print map { "$_=$ENV{$_}\\n" } sort keys %ENV; print `env | sort`;');
    const { PATH = '' } = command.environment;
    const variables = (environment: Readonly<Record<string, string>>) => ({ ...command, environment });
    await bench.runWarm(variables({ PATH, LANG: 'C.UTF-8', SERVER_NAME: 'a', HTTP_COOKIE: 'secret' }));
    for (const own of [{ SERVER_NAME: 'b', X: '' }, { SERVER_NAME: 'a' }, { HTTP_COOKIE: '\xe4=1' }]) {
      const next = variables({ ...own, PATH, LANG: 'C.UTF-8' });
      assert.deepEqual(await bench.runWarm(next), {
        ...(await bench.run({ ...next, warm: undefined })),
        runner: 'warm',
      });
    }
  });

  it('is held to limits as one of its own', async (t) => {
    const bench = await startWarm(t, { ...NO_LIMITS, cpuSeconds: 1, processes: 4000, fileSizeBytes: 4096 });
    const looking = await bench.command('perl', 'print `cat /proc/$$/limits`;');
    assert.equal((await bench.runWarm(looking)).stdout, (await bench.run({ ...looking, warm: undefined })).stdout);
    const busy = await bench.command('perl', '1 while 1;', { name: 'busy' });
    assert.deepEqual((await bench.runWarm(busy)).exit, { kind: 'killed', signal: 'SIGXCPU' });
  });

  it('runs a script with its own copy of a loaded module as perl would', async (t) => {
    const bench = await startWarm(t);
    const text = 'use lib "."; use Time::Local; print Time::Local::own(), "\\n";';
    const command = await bench.command('perl', text);
    await mkdir(`${bench.folder}/Time`);
    await writeFile(`${bench.folder}/Time/Local.pm`, 'package Time::Local; sub own { "own copy" } sub import { } 1;');
    assert.deepEqual(masked(await bench.runWarm(command)), {
      stdout: 'own copy\n',
      stderr: '',
      exit: { kind: 'exited', code: 0 },
    });
  });
});
