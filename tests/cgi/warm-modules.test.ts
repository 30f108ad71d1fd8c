// Which modules a resident loads is what its scripts name, and a resident learns when they name more.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { modulesNamed } from '../../server/cgi/warm-modules.ts';
import { startWarm } from '../support/warm-launcher.ts';

describe('the modules that a script names', () => {
  it('are found in Perl by use and require', () => {
    const source =
      '#!/usr/bin/perl -w\nuse strict;\n  use CGI qw(:standard);\nrequire POSIX;\nuse CGI;\n# use DBI;\nuse Own::One;';
    assert.deepEqual(modulesNamed(source, 'perl'), ['CGI', 'POSIX']);
  });

  it('are found in Python by import and from', () => {
    const source = [
      'import os, cgi, urllib.parse as up  # json',
      'from email import utils, charset',
      '    from html import (escape)',
      'x = "import csv"',
      'import own; import sqlite3',
    ].join('\n');
    assert.deepEqual(modulesNamed(source, 'python3'), ['cgi', 'urllib.parse', 'email', 'email.utils', 'html']);
  });

  it('are none in a script that uses none, or bytes of no language', () => {
    assert.deepEqual(modulesNamed('print "hello";', 'perl'), []);
    assert.deepEqual(modulesNamed('\x80\xff\0import', 'python3'), []);
  });
});

describe('a resident (PRODUCT.md section 7)', () => {
  it('is another for scripts that use no module', async (t) => {
    const bench = await startWarm(t);
    const bare = await bench.command('perl', 'print getppid', { name: 'bare' });
    const with2 = await bench.command('perl', 'use Data::Dumper; print getppid', { name: 'dumper' });
    const other = await bench.command('perl', 'use Data::Dumper; print getppid;', { name: 'other' });
    const parents = [await bench.runWarm(bare), await bench.runWarm(with2), await bench.runWarm(other)];
    const [first, second, third] = parents.map(({ stdout }) => stdout);
    assert.notEqual(first, second);
    assert.equal(second, third);
  });

  it('that is replaced tells the exit of each script that it was asked for', async (t) => {
    const bench = await startWarm(t);
    const patient = await bench.command('perl', 'use Carp; select undef, undef, undef, 0.02; exit 3;');
    await bench.runWarm(patient);
    const learning = await bench.command('perl', 'use Data::Dumper;', { name: 'learning' });
    await bench.run(learning);
    const runs = [];
    for (let count = 0; count < 60; count += 1) {
      runs.push(bench.run(patient));
      await new Promise((settle) => setTimeout(settle, 10));
    }
    const ran = await Promise.all(runs);
    assert.deepEqual(
      ran.filter(({ exit }) => exit.kind !== 'exited' || exit.code !== 3),
      [],
    );
  });

  it('learns what a further script uses, and runs it meanwhile', async (t) => {
    const bench = await startWarm(t);
    const known = await bench.command('perl', 'use Carp; print exists $INC{"Data/Dumper.pm"} ? 1 : 0', {
      name: 'known',
    });
    const further = await bench.command('perl', 'use Data::Dumper; use Carp; print "x"', { name: 'further' });
    assert.equal((await bench.runWarm(known)).stdout, '0');
    assert.equal((await bench.run(further)).runner, 'warm');
    for (let attempt = 0; (await bench.run(known)).stdout !== '1'; attempt += 1) {
      assert.ok(attempt < 200, 'Data::Dumper is not loaded');
      await sleep(50);
    }
    assert.equal((await bench.run(known)).runner, 'warm');
    assert.deepEqual(bench.warnings, []);
  });
});
