// A file that Perl loads and does not find: what the failure page says, carried out.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

interface Run {
  readonly code: string;
  readonly library: string;
  readonly switches?: readonly string[];
}

/** Runs a script beside a library, and what is said of its stderr. */
function run(t: TestContext, { code, library, switches = [] }: Run) {
  const folder = join(temporaryFolder(t), 'cgi-bin');
  const scriptFile = join(folder, 'x.pl');
  const source = `#!/usr/bin/perl ${switches.join(' ')}\n${code}\nprint "ok";\n`;
  mkdirSync(folder);
  writeFileSync(scriptFile, source);
  writeFileSync(join(folder, library), '1;\n');
  const start = () => spawnSync('perl', [...switches, scriptFile], { cwd: folder, encoding: 'latin1' });
  const namesBeside = readdirSync(folder);
  const { stderr } = start();
  const refinement = refinementOf({ scriptFile, scriptName: '/x.pl', stderr, output: '', source, namesBeside });
  const carryOut = (command: string | undefined) => execFileSync('sh', ['-c', command ?? 'false'], { cwd: folder });
  return { refinement, carryOut, again: () => start().stdout };
}

describe('a library of Perl that is not found', () => {
  it('is named where its name has another case', (t) => {
    const { refinement, carryOut, again } = run(t, { code: "require 'SUB.PL';", library: 'sub.pl' });
    assert.equal(refinement?.title, 'The script loads SUB.PL, and the file is sub.pl');
    carryOut(refinement.mend[0]);
    assert.equal(again(), 'ok');
  });

  for (const switches of [[], ['-T']]) {
    it(`is loaded from beside the script by one command ${switches.join('')}`, (t) => {
      const { refinement, carryOut, again } = run(t, { code: 'require "sub+.lib";', library: 'sub+.lib', switches });
      assert.equal(refinement?.id, 'perlLibraryMissing');
      carryOut(refinement.mend[0]);
      carryOut(refinement.mend[1]);
      assert.equal(again(), 'ok');
      assert.equal(refinement.mend.join().includes('PERL_USE_UNSAFE_INC'), switches.length === 0);
    });
  }

  it('lay at a place of the old server', (t) => {
    const code = 'require "/home/joe/cgi-bin/config.pl";';
    const { refinement, carryOut, again } = run(t, { code, library: 'config.pl' });
    assert.equal(refinement?.title, 'There is no file /home/joe/cgi-bin/config.pl to load');
    assert.match(refinement.mend[2] ?? '', /^SITE=\. SITE_AT=\/home\/joe docker compose up/);
    assert.match(String(carryOut(refinement.mend[0])), /config\.pl\n$/);
    carryOut(refinement.mend[1]);
    assert.equal(again(), 'ok');
  });
});
