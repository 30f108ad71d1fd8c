// The whole report on an old site that has every defect doctor knows, word for word: as text and as JSON.
// What git does not store is made here: modes, a FIFO, a script that compiles for ever, an interpreter at an unusual place.
// CGIBOX_WRITE_EXPECTED=1 writes the expected files anew, for a diff that is then read. Never in CI.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { PROJECT } from './examined.ts';

const EXPECTED = join(import.meta.dirname, 'expected');
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const IDS = [
  ...['shebang-missing', 'shebang-misplaced', 'shebang-crlf', 'shebang-byte-order-mark', 'shebang-windows'],
  ...['shebang-env-switches', 'shebang-absolute', 'script-empty', 'line-ends-macintosh', 'interpreter-missing'],
  ...['not-executable', 'file-too-long', 'file-unreadable', 'folder-unreadable', 'not-writable', 'data-folder-missing'],
  ...['perl-syntax', 'python-syntax', 'shell-syntax', 'compile-time-limit', 'compile-stopped', 'compile-silent'],
  ...['perl-module-missing', 'python-module-missing', 'python-module-removed', 'perl-library-missing', 'perl-dot-inc'],
  ...['perl-defined-aggregate', 'perl-array-base', 'perl-dropped-variable', 'perl-scalar-aggregate'],
  ...[
    'perl-lexical-topic',
    'perl-bare-list',
    'perl-left-brace',
    'perl-pragma-dropped',
    'perl-temporary-name',
    'perl-form-name',
  ],
  ...['python2-syntax', 'python2-module', 'python2-name'],
  ...['path-missing', 'path-windows', 'program-missing', 'sendmail-missing', 'htaccess-ignored'],
  ...['charset-mismatch', 'charset-undeclared', 'includes-not-run', 'link-case', 'link-outside', 'link-dangling'],
];

interface MessySite {
  readonly folder: string;
  /** Interpreters of Debian and nothing else. */
  readonly path: string;
}

async function messySite(t: TestContext): Promise<MessySite> {
  const folder = await copiedFolder(t, 'tests/fixtures/messy-site');
  const old = join(folder, 'cgi-bin/old');
  const write = (name: string, content: string, mode = 0o755): void => {
    writeFileSync(join(old, name), content);
    chmodSync(join(old, name), mode);
  };
  // Beside the site, so that it is no part of it.
  const programs = join(folder, '../programs');
  mkdirSync(programs);
  symlinkSync('/usr/bin/perl', join(programs, 'perl'));
  symlinkSync('/usr/bin/python3', join(programs, 'python'));
  write('absolute.pl', `#!${programs}/perl\nprint "Content-type: text/plain\\n\\n";\n`);
  write('forever.pl', '#!/usr/bin/perl\nBEGIN { sleep 60 }\n');
  write('locked.pl', '#!/usr/bin/perl\nopen(LOCKED, ">>locked.dat");\n');
  write('locked.dat', '1998\n', 0o444);
  write('closed.htm', 'a page', 0);
  write('long.htm', 'a page of one line '.repeat(120_000), 0o644);
  mkdirSync(join(old, 'closed'));
  execFileSync('mkfifo', [join(old, 'fifo.pl')]);
  if (isRoot) giveToNobody(folder);
  for (const name of ['closed', 'closed.htm']) chmodSync(join(old, name), 0);
  return { folder, path: `/usr/bin:/bin:${programs}` };
}

/** Nothing is forbidden to root, so that doctor runs as another user. */
function giveToNobody(folder: string): void {
  chmodSync(join(folder, '..'), 0o755);
  for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    if (!/hostname|moved/.test(name)) chownSync(join(folder, name), NOBODY, NOBODY);
  }
}

async function report({ folder, path }: MessySite, ...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [join(PROJECT, 'server/main.ts'), 'doctor', folder, ...words], {
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    cwd: '/',
    env: { PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.deepEqual([errors, code], ['', 1]);
  return output.replaceAll(join(folder, '..'), '/tmp');
}

function compare(name: string, output: string): void {
  const file = join(EXPECTED, name);
  if (process.env.CGIBOX_WRITE_EXPECTED === '1' && process.env.CI === undefined) writeFileSync(file, output);
  assert.equal(output, readFileSync(file, 'utf8'));
}

describe('the whole report on a messy site', () => {
  it('is this text and this JSON, with every id that there is', async (t) => {
    const site = await messySite(t);
    const [plain, json] = await Promise.all([report(site), report(site, '--json')]);
    // So that it can be removed.
    chmodSync(join(site.folder, 'cgi-bin/old/closed'), 0o755);
    const { findings } = JSON.parse(json) as { findings: { id: string }[] };
    assert.deepEqual([...new Set(findings.map(({ id }) => id))].sort(), [...IDS].sort());
    compare('messy-site.txt', plain);
    compare('messy-site.json', json);
  });

  it('names no id that the README does not', () => {
    const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
    assert.deepEqual(
      IDS.filter((id) => !readme.includes(`\`${id}\``)),
      [],
    );
  });
});
