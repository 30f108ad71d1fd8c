// What a warm interpreter cannot run, or cannot run now, is started cold, and the launch says why.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import type { WarmLanguage } from '../../server/cgi/launcher.ts';
import { type WarmQuestion, warmWish } from '../../server/cgi/warm-eligibility.ts';
import { Config } from '../../server/config/schema.ts';
import { startWarm } from '../support/warm-launcher.ts';

describe('what a warm interpreter takes (PRODUCT.md section 7)', () => {
  const refusals: Readonly<Record<string, string>> = {
    '#!/usr/bin/perl -T': 'its #! line has -T',
    '#!/usr/bin/perl -wT': 'its #! line has -wT',
    '#!/usr/bin/perl -CSD': 'its #! line has -CSD',
    '#!/usr/bin/python3 -E': 'its #! line has -E',
    '#!/usr/bin/env -i perl': 'its #! line asks env for more than the interpreter',
    '#!/usr/bin/env FOO=1 perl': 'its #! line asks env for more than the interpreter',
  };
  for (const [line, reason] of Object.entries(refusals)) {
    it(`refuses ${line}`, () => {
      assert.deepEqual(warmWish(question(line)), { kind: 'refused', reason });
    });
  }

  it('refuses a perl script whose name cannot stand in a #line', () => {
    const perl = question('#!/usr/bin/perl');
    for (const scriptFile of ['/s/q"uote.pl', '/s/line\nfeed.pl'])
      assert.equal(warmWish({ ...perl, place: { ...perl.place, scriptFile } })?.kind, 'refused');
  });

  for (const line of ['#!/usr/bin/perl -w', '#!/usr/bin/perl', '#!/usr/bin/env python3', '#! /usr/bin/python3 -u']) {
    it(`takes ${line}`, () => {
      assert.equal(warmWish(question(line))?.kind, 'wanted');
    });
  }

  it('is asked for by language or by script', () => {
    const perl = question('#!/usr/bin/perl');
    assert.equal(warmWish({ ...perl, override: false }), undefined);
    assert.equal(warmWish({ ...perl, config: configured({ warm: ['python3'] }) }), undefined);
    assert.equal(warmWish({ ...perl, override: true, config: configured({}) })?.kind, 'wanted');
    assert.equal(warmWish({ ...question('#!/bin/sh'), override: true })?.kind, 'refused');
  });
});

describe('what the source of a script says against a fork (decisions/004)', () => {
  const sources: Readonly<Record<string, readonly [WarmLanguage, RegExp]>> = {
    'BEGIN { unshift @INC, "./own" } print "x"': ['perl', /@INC/],
    '@INC = ("lib", @INC); print "x";': ['perl', /@INC/],
    '$INC[0] = "/x"; print "x";': ['perl', /@INC/],
    'use diagnostics; print "x";': ['perl', /diagnostics/],
    'BEGIN { $SIG{__DIE__} = sub { print @_ } } print "x";': ['perl', /while it is compiled/],
    'import sys\nsys.unraisablehook = print\nprint("x")': ['python3', /unraisablehook/],
    'import sys\nprint("x")\ndel sys.stderr': ['python3', /standard stream/],
    'import resource\nprint(resource.RLIMIT_STACK)': ['python3', /stack/],
  };
  for (const [text, [language, reason]] of Object.entries(sources)) {
    it(`runs it cold: ${text}`, async (t) => {
      const bench = await startWarm(t);
      await bench.runWarm(await bench.command(language, 'print("ready")', { name: 'ready' }));
      const ran = await bench.run(await bench.command(language, text));
      assert.equal(ran.runner, 'forkserver');
      assert.match(ran.remark ?? '', reason);
    });
  }

  it('cannot be run with a cookie of 130 KiB, warm no more than cold', async (t) => {
    const bench = await startWarm(t);
    const environment = { HTTP_COOKIE: `a=${'x'.repeat(130 * 1024)}` };
    await bench.runWarm(await bench.command('perl', 'print "ready"'));
    const command = await bench.command('perl', 'print "ready"', { environment });
    assert.deepEqual(await bench.launcher.launch(command), { kind: 'failed', errno: 'E2BIG' });
  });

  it('runs a script with CGI::Carp cold until it has ended well: then its errors cannot be of its compilation', async (t) => {
    const bench = await startWarm(t);
    const text = (line: string) => `use strict; use CGI::Carp "fatalsToBrowser"; print "x\\n"; ${line}`;
    const broken = await bench.command('perl', text('$undeclared = 1;'));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const ran = await bench.run(broken);
      assert.match(ran.stdout, /Execution of \S+script aborted due to compilation errors/);
      assert.match(ran.remark ?? '', /has not ended well yet/);
    }
    const mended = await bench.command('perl', text('die "later" if $ENV{X}'));
    assert.equal((await bench.runWarm(mended)).stdout, 'x\n');
    const died = await bench.runWarm({ ...mended, environment: { ...mended.environment, X: '1' } });
    assert.match(died.stdout, /later at \S+script line 2/);
  });

  it('takes what only reads %INC, adds to the end of @INC, and sets its handler when it runs', async (t) => {
    const bench = await startWarm(t);
    const text =
      'push @INC, "lib"; $SIG{__DIE__} = sub { print "D: @_" }; print exists $INC{"CGI.pm"} ? 1 : 0, "\\n"; die "x\\n";';
    assert.equal((await bench.runWarm(await bench.command('perl', text))).stdout, '0\nD: x\n');
  });
});

describe('a warm interpreter that fails (PRODUCT.md section 7)', () => {
  it('is replaced after it was killed, and nothing waits for it', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'print getppid;');
    const first = Number((await bench.runWarm(command)).stdout);
    process.kill(first, 'SIGKILL');
    await untilGone(first);
    const meanwhile = await bench.run(command);
    assert.equal(meanwhile.runner, 'forkserver');
    assert.equal(meanwhile.remark, 'not run warm: the interpreter ended and is started anew');
    assert.notEqual(Number((await bench.runWarm(command)).stdout), first);
  });

  it('runs 64 requests at once, and ends with its launcher', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('python3', 'import os\nprint(os.getppid())');
    const resident = Number((await bench.runWarm(command)).stdout);
    const ran = await Promise.all(Array.from({ length: 64 }, () => bench.run(command)));
    assert.deepEqual(new Set(ran.map(({ stdout }) => stdout)), new Set([`${resident}\n`]));
    const descriptors = readdirSync(`/proc/${resident}/fd`).length;
    assert.ok(descriptors < 45, `${descriptors} descriptors`);
    await bench.launcher.close();
    assert.throws(() => readFileSync(`/proc/${resident}/stat`));
  });

  it('is started anew when a module it has loaded changes', async (t) => {
    const bench = await startWarm(t);
    const module = `${bench.folder}/json.py`;
    await writeFile(module, 'VALUE = 1\n');
    const environment = { PYTHONPATH: bench.folder };
    const command = await bench.command('python3', 'import os, json\nprint(os.getppid(), json.VALUE)', { environment });
    const [before] = (await bench.runWarm(command)).stdout.split(' ');
    await writeFile(module, 'VALUE = 23\n');
    await utimes(module, 1e9, 1e9);
    await new Promise((settle) => setTimeout(settle, 1100));
    assert.match((await bench.run(command)).remark ?? '', /a loaded module has changed/);
    const [after, value] = (await bench.runWarm(command)).stdout.trim().split(' ');
    assert.notEqual(after, before);
    assert.equal(value, '23');
    await rm(module);
  });

  it('runs no script with what has changed, however many come at once', async (t) => {
    const bench = await startWarm(t);
    const module = `${bench.folder}/Carp.pm`;
    await writeFile(module, 'package Carp; sub value { 1 } 1;\n');
    const environment = { PERL5LIB: bench.folder };
    const command = await bench.command('perl', 'use Carp (); print Carp::value();', { environment });
    assert.equal((await bench.runWarm(command)).stdout, '1');
    await writeFile(module, 'package Carp; sub value { 23 } 1;\n');
    await new Promise((settle) => setTimeout(settle, 1100));
    const after = await Promise.all([1, 2, 3].map(() => bench.run(command)));
    assert.deepEqual(
      after.map(({ stdout }) => stdout),
      ['23', '23', '23'],
    );
    assert.equal((await bench.runWarm(command)).stdout, '23');
  });

  const SHADOWS = {
    perl: {
      text: 'use Time::Local; print "mine " if Time::Local->can("own"); print getppid;',
      file: 'Time/Local.pm',
      content: 'package Time::Local; sub own {} 1;',
    },
    python3: {
      text: 'import os, json\nprint("mine" if hasattr(json, "own") else "", os.getppid())',
      file: 'json.py',
      content: 'own = 1\n',
    },
  };
  for (const language of ['perl', 'python3'] as const) {
    it(`is started anew when another module comes in front of one that ${language} has loaded`, async (t) => {
      const bench = await startWarm(t);
      const { text, file, content } = SHADOWS[language];
      const library = `${bench.folder}/library`;
      await mkdir(library);
      const environment = { PERL5LIB: library, PYTHONPATH: library };
      const command = await bench.command(language, text, { environment });
      assert.doesNotMatch((await bench.runWarm(command)).stdout, /mine/);
      await writeFile(`${library}/unrelated.txt`, '');
      await new Promise((settle) => setTimeout(settle, 1100));
      assert.equal((await bench.run(command)).runner, 'warm', 'for a file that is no module of ours it is kept');
      await mkdir(dirname(`${library}/${file}`), { recursive: true });
      await writeFile(`${library}/${file}`, content);
      await new Promise((settle) => setTimeout(settle, 1100));
      assert.match((await bench.run(command)).stdout, /mine/);
      assert.match((await bench.runWarm(command)).stdout, /mine/);
    });
  }

  it('takes no variable that a program could not be started with', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'print length $ENV{LONG};');
    const long = (length: number) => ({
      ...command,
      environment: { ...command.environment, LONG: 'x'.repeat(length) },
    });
    assert.equal((await bench.runWarm(long(100_000))).stdout, '100000');
    await assert.rejects(bench.run(long(140_000)), /not started: E2BIG/);
  });

  it('gives way to another kind where it has not been asked for', async (t) => {
    const bench = await startWarm(t);
    const kind = (number: number) => ({ environment: { PERL5LIB: `/v${number}` } });
    for (let number = 0; number < 6; number += 1)
      await bench.runWarm(await bench.command('perl', 'print getppid', kind(number)));
    const seventh = await bench.command('perl', 'print getppid', kind(6));
    assert.match((await bench.run(seventh)).remark ?? '', /6 other interpreters are kept warm/);
    const first = Number((await bench.run(await bench.command('perl', 'print getppid', kind(0)))).stdout);
    assert.equal((await bench.runWarm(seventh)).runner, 'warm');
    assert.ok(!Number.isNaN(first));
  });

  it('is not started under taint checks, which would be its own', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'print ${^TAINT};', { environment: { PERL5OPT: '-T' } });
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const ran = await bench.run(command);
      assert.deepEqual([ran.runner, ran.stdout], ['forkserver', '1']);
      if (ran.remark?.includes('cannot be kept warm as perl (it ended at once)')) return;
      await new Promise((settle) => setTimeout(settle, 50));
    }
    assert.fail('the reason was never told');
  });

  it('is not made of a wrapper script', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'print "x";');
    const { warm } = command;
    if (warm?.kind !== 'wanted') throw new Error('it is wanted');
    const ran = await bench.run({ ...command, warm: { ...warm, program: command.file } });
    assert.equal(ran.stdout, 'x');
    assert.match(ran.remark ?? '', /is a wrapper, not the interpreter itself/);
  });

  it('is another for scripts whose interpreter would start differently', async (t) => {
    const bench = await startWarm(t);
    const plain = await bench.command('perl', 'print getppid, " ", eval q{$} . "INC[0]";');
    const other = { ...plain, environment: { ...plain.environment, PERL5LIB: '/somewhere' } };
    const [one, two] = [await bench.runWarm(plain), await bench.runWarm(other)];
    assert.notEqual(one.stdout.split(' ')[0], two.stdout.split(' ')[0]);
    assert.match(two.stdout, / \/somewhere$/);
  });
});

function configured(cgi: Partial<Config['cgi']>): Config {
  const defaults = Config.parse({ site: { root: '/' } });
  return { ...defaults, cgi: { ...defaults.cgi, ...cgi } };
}

function question(line: string): WarmQuestion {
  const names = ['python3', 'perl', 'sh'];
  const interpreter = `/usr/bin/${names.find((name) => line.includes(name))}`;
  return {
    place: { scriptFile: '/site/cgi-bin/script', head: `${line}\nprint 1` } as WarmQuestion['place'],
    how: { kind: 'executed', interpreter },
    words: [],
    override: undefined,
    config: configured({ warm: ['perl', 'python3'] }),
  };
}

async function untilGone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((settle) => setTimeout(settle, 20));
  }
}
