// The messages that old scripts die with today: a real script, the real interpreter, and the whole page that explains it.
// What the interpreter itself wrote differs from version to version and stands as one line; what we make of it does not.
// CGIBOX_WRITE_EXPECTED=1 writes the pages anew, for review; never in CI.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { serveWrapped } from '../support/serve-process.ts';
import { MAIN } from '../support/start-flags.ts';
import { type FileContent, type Overrides, startSite } from '../support/start-site.ts';

const EXPECTED = join(import.meta.dirname, 'expected/messages');
const WRITES = process.env.CGIBOX_WRITE_EXPECTED === '1' && process.env.CI === undefined;

function assertPage(page: string, expected: { readonly name: string; readonly folder: string; readonly id: string }) {
  const steady = page
    .replaceAll(expected.folder, '/SITE')
    .replaceAll(expected.id, 'ID')
    .replace(/^stderr:\n(?: {2}.*\n)+/m, 'stderr:\n  (words of the interpreter)\n');
  const file = join(EXPECTED, `${expected.name}.txt`);
  if (WRITES) {
    mkdirSync(EXPECTED, { recursive: true });
    writeFileSync(file, steady);
  }
  assert.equal(steady, readFileSync(file, 'utf8'), page);
}

interface Message {
  readonly script: string;
  readonly files?: Readonly<Record<string, FileContent>>;
  readonly overrides?: Overrides;
}

const perl = (text: string) => `#!/usr/bin/perl\n${text}\n`;
const python = (text: string) => `#!/usr/bin/python3\n${text}\n`;

/** Interpreters are told to look nowhere, so that no module that is installed here makes a script work. */
const MESSAGES: Readonly<Record<string, Message>> = {
  'perl-module-missing': { script: perl('BEGIN { @INC = ("/nowhere") }\nuse Mail::Mailer;') },
  'perl-module-of-nobody': { script: perl('use MyLib::Users;') },
  'python-module-missing': { script: python('import sys\nsys.path[:] = []\nimport MySQLdb') },
  'python2-syntax': { script: python('print "Content-Type: text/html"\nprint') },
  'python2-module': { script: python('import urllib2') },
  'dot-in-inc': {
    script: perl('\nrequire "guest-lib.pl";'),
    files: { 'cgi-bin/guest-lib.pl': '1;\n' },
    overrides: { cgi: { tolerate: [] } },
  },
  'defined-hash': { script: perl('my %form;\nprint "no form" unless defined(%form);') },
  'removed-module': { script: python('import sys\nsys.path[:] = []\nimport cgi') },
  'unicode-encode': {
    script: python('print("caf\\u00e9")'),
    overrides: { cgi: { environment: { PYTHONIOENCODING: 'ascii' } } },
  },
  'command-missing': { script: '#!/bin/sh\nfortune-of-1996 -s\n' },
};

describe('the failure page of a common message', () => {
  for (const [name, { script, files, overrides }] of Object.entries(MESSAGES))
    it(`explains it: ${name}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/failing': script, ...files }, overrides);
      const response = await site.get('/cgi-bin/failing');
      const id = response.headers.get('x-request-id') ?? 'no id';
      assertPage(await response.text(), { name, folder: site.folder, id });
      assert.equal(response.status, 500);
    });
});

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const mayBeNobody = spawnSync(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), process.execPath, MAIN, '--version']);

/** A counter as they were, for a data file with these bits. Nothing holds root back, so the site then runs as nobody. */
async function refusedPage(t: TestContext, { owner, mode }: { owner: number | undefined; mode: number }) {
  const script = perl('open(COUNT, ">>data/count.txt") || die "Cannot open data/count.txt: $!";');
  const wrapper = isRoot ? AS_NOBODY : [];
  const served = await serveWrapped(t, { failing: script }, { settings: {}, wrapper });
  const data = join(served.folder, 'cgi-bin/data');
  mkdirSync(data, { mode: 0o755 });
  writeFileSync(join(data, 'count.txt'), '1');
  chmodSync(join(data, 'count.txt'), mode);
  if (owner !== undefined) chownSync(join(data, 'count.txt'), owner, owner);
  const response = await fetch(`http://127.0.0.1:${served.port}/cgi-bin/failing`);
  const id = response.headers.get('x-request-id') ?? 'no id';
  const own = process.getuid?.() ?? 0;
  const text = await response.text();
  // Numbers of this user as those of nobody.
  return {
    page: isRoot ? text : text.replaceAll(`user ${own}`, `user ${NOBODY}`).replace(/group \d+/, `group ${NOBODY}`),
    folder: served.folder,
    id,
  };
}

const cannot = isRoot && mayBeNobody.status !== 0 && `no other user may run it here: ${mayBeNobody.stderr}`;

describe('the failure page of a data file that is refused', { skip: cannot }, () => {
  it('names owner and mode, and gives it to the user of the scripts', async (t) => {
    if (!isRoot) return t.skip('only root can give a file to another user');
    const { page, ...place } = await refusedPage(t, { owner: 0, mode: 0o644 });
    assertPage(page, { name: 'permission-denied', ...place });
  });

  it('mends owner and mode where both are wrong', async (t) => {
    if (!isRoot) return t.skip('only root can give a file to another user');
    const { page } = await refusedPage(t, { owner: 0, mode: 0o444 });
    assert.match(page, /^ {2}chown 65534 (\S+) && chmod u\+rw \1$/m);
  });

  it('names the mode where the user owns it, and mends that', async (t) => {
    const { page, ...place } = await refusedPage(t, { owner: isRoot ? NOBODY : undefined, mode: 0o400 });
    assertPage(page, { name: 'permission-denied-own', ...place });
  });
});
