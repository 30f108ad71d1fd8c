// cgibox doctor as a process: exit codes, streams, baseline, and the count at the start of the server.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { runCgibox, startCgibox } from './cgibox-process.ts';

const GOOD = { 'index.html': 'hello' };
const WARNED = { ...GOOD, 'cgi-bin/x.pl': '#!/usr/bin/perl\nprint 1;\n' };
const BROKEN = { ...GOOD, 'cgi-bin/x.pl': '#!/usr/bin/perl\nuse Nowhere::Found;\nBEGIN { print STDERR "BEGUN" }\n' };

describe('cgibox doctor', () => {
  for (const [what, files, code, summary] of [
    ['nothing', GOOD, 0, /^0 scripts: nothing found\n$/],
    ['warnings alone', WARNED, 0, /\n1 script: 1 warning\n$/],
    ['an error', BROKEN, 1, /\n1 script: 1 error, 1 warning\n$/],
  ] as const) {
    it(`ends with ${code} for ${what}`, async (t) => {
      const ended = await runCgibox(t, ['doctor', temporaryFolder(t, files)]);
      assert.deepEqual([ended.code, ended.stderr], [code, '']);
      assert.match(ended.stdout, summary);
    });
  }

  it('gives one JSON document on stdout', async (t) => {
    const { stdout, code } = await runCgibox(t, ['doctor', temporaryFolder(t, BROKEN), '--json', '--no-exec']);
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout).counts, { error: 1, warning: 1, note: 0 });
  });

  it('means names from the site where it starts in "/", as in a container', async (t) => {
    const site = temporaryFolder(t, BROKEN);
    const annotated = await runCgibox(t, ['doctor', site, '--github', '--no-exec']);
    assert.match(annotated.stdout, /^::error file=cgi-bin\/x\.pl,/m);
    const written = await runCgibox(t, ['doctor', site, '--baseline', 'known.json', '--write-baseline']);
    assert.deepEqual([written.code, written.stderr], [0, '']);
    assert.equal(JSON.parse(readFileSync(join(site, 'known.json'), 'utf8')).accepted.length, 2);
    const again = await runCgibox(t, ['doctor', site, '--baseline', 'known.json']);
    assert.equal(again.stdout, '1 script: nothing found; 2 findings accepted by the baseline\n');
  });

  it('accepts what the baseline holds', async (t) => {
    const site = temporaryFolder(t, BROKEN);
    const baseline = ['--baseline', join(site, 'known.json')];
    const written = await runCgibox(t, ['doctor', site, ...baseline, '--write-baseline']);
    assert.deepEqual([written.code, written.stderr], [0, '']);
    assert.equal(JSON.parse(readFileSync(join(site, 'known.json'), 'utf8')).accepted.length, 2);
    const again = await runCgibox(t, ['doctor', site, ...baseline]);
    assert.deepEqual([again.code, again.stdout], [0, '1 script: nothing found; 2 findings accepted by the baseline\n']);
    writeFileSync(join(site, 'cgi-bin/y.pl'), '#!/usr/bin/perl\nuse Nowhere::Else;\n');
    assert.equal((await runCgibox(t, ['doctor', site, ...baseline])).code, 1);
  });

  for (const [files, mended, told, accepted] of [
    [WARNED, { 'cgi-bin/x.pl': '' }, '1 entry of the baseline is mended', '1 finding is accepted'],
    [BROKEN, { 'cgi-bin/x.pl': '' }, '2 entries of the baseline are mended', '2 findings are accepted'],
  ] as const) {
    it(`says that ${told}`, async (t) => {
      const site = temporaryFolder(t, files);
      const baseline = ['--baseline', join(site, 'known.json')];
      const written = await runCgibox(t, ['doctor', site, ...baseline, '--write-baseline']);
      assert.ok(written.stdout.endsWith(`: ${accepted} from now on\n`), written.stdout);
      for (const [name, text] of Object.entries(mended)) writeFileSync(join(site, name), text);
      const { stderr } = await runCgibox(t, ['doctor', site, ...baseline]);
      assert.equal(stderr, `${told}: write it anew with --write-baseline\n`);
    });
  }

  it('says before it examines that a baseline cannot be written', async (t) => {
    const site = temporaryFolder(t, BROKEN);
    const words = ['doctor', site, '--baseline', join(site, 'none/known.json'), '--write-baseline'];
    const { code, stdout, stderr } = await runCgibox(t, words);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(
      stderr,
      `error REPORT_UNWRITABLE: Cannot write the baseline "${site}/none/known.json": there is no such folder\n  hint: name a file in a folder that is there and may be written\n`,
    );
  });

  for (const [what, words, message] of [
    ['--json with --github', ['--json', '--github'], /Cannot do both/],
    ['a baseline that is not there', ['--baseline', 'gone.json'], /Cannot read the baseline "gone\.json": /],
    ['a baseline without a name', ['--write-baseline'], /no file is named/],
    ['a site that is not there', ['./nowhere'], /Cannot serve "\.\/nowhere"|more than one/],
  ] as const) {
    it(`refuses ${what}`, async (t) => {
      const { code, stderr, stdout } = await runCgibox(t, ['doctor', ...words], { folder: temporaryFolder(t, GOOD) });
      assert.ok(code === 2 || code === 3, `${code}`);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    });
  }
});

describe('the start of the server', () => {
  it('says how many findings there are, and executes nothing for it', async (t) => {
    const site = temporaryFolder(t, BROKEN);
    const cgibox = startCgibox(t, ['serve', site, '--port', '0']);
    const [line] = await cgibox.saying(/^ {2}doctor .*$/m);
    assert.equal(line, `  doctor         1 error, 1 warning; to see them: cgibox doctor ${site}`);
    assert.doesNotMatch(cgibox.stderr(), /BEGUN/);
  });

  it('counts no error that only an interpreter can tell', async (t) => {
    const site = temporaryFolder(t, { ...GOOD, 'cgi-bin/x.py': '#!/usr/bin/env python3\nprint "hello"\n' });
    const cgibox = startCgibox(t, ['serve', site, '--port', '0']);
    const [line] = await cgibox.saying(/^ {2}doctor .*$/m);
    assert.match(line, /^ {2}doctor {9}2 warnings; /);
  });
});
