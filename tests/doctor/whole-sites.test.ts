// Whole sites: every defect of the messy one and none that is not there, and nothing at all in the sample.
// What lies in the folders "old" of the messy site is there for the whole report: messy-report.test.ts.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { copiedFolder } from '../support/copied-folder.ts';
import { examineFolder, PROJECT, siteFolder, told } from './examined.ts';

const script = (name: string) => `cgi-bin/${name}`;
const STATIC = [
  'note charset-undeclared public_html/index.htm:2',
  'note shebang-missing cgi-bin/search.pl:1',
  `warning interpreter-missing ${['GUEST.CGI:1', 'formmail.pl:1', 'links.pl:1', 'news.pl:1'].map(script).join(' ')}`,
  'warning link-outside public_html/hostname.txt',
  `warning not-executable ${['GUEST.CGI', 'counter.pl', 'debug.pl', 'formmail.pl', 'links.pl', 'news.pl', 'notepad.pl', 'shop.pl', 'short.pl', 'today.py', 'today.sh'].map(script).join(' ')}`,
  'warning perl-dot-inc cgi-bin/links.pl:2',
  'warning sendmail-missing cgi-bin/formmail.pl:3',
  'warning shebang-byte-order-mark cgi-bin/notepad.pl:1',
  `warning shebang-crlf ${['GUEST.CGI:1', 'counter.pl:1', 'notepad.pl:1', 'today.py:1', 'today.sh:1'].map(script).join(' ')}`,
  'warning shebang-windows cgi-bin/counter.pl:1',
];

/** Lines of `told` without places in a folder "old", and without those that have no other. */
function withoutOld(lines: readonly string[]): readonly string[] {
  const kept = lines.map((line) => line.split(' ').filter((word) => !word.includes('/old/')));
  return kept.filter((words) => words.length > 2).map((words) => words.join(' '));
}

async function messySite(t: TestContext) {
  return copiedFolder(t, 'tests/fixtures/messy-site');
}

describe('doctor on an old site as it is found', () => {
  for (const compiles of ['all', 'withoutExecuting', 'none'] as const) {
    it(`finds every defect and invents none (${compiles})`, async (t) => {
      const found = told(await examineFolder(await messySite(t), { compiles }));
      assert.deepEqual(withoutOld(found), ['error perl-module-missing cgi-bin/shop.pl:2', ...STATIC].sort());
    });
  }

  it('calls what the server tolerates an error where it is strict', async (t) => {
    const { findings } = await examineFolder(await messySite(t), { tolerate: [], compiles: 'none' });
    const errors = findings
      .filter(({ severity, places }) => severity === 'error' && places.some(({ file }) => !file.includes('/old/')))
      .map(({ id }) => id);
    assert.deepEqual([...new Set(errors)].sort(), [
      'interpreter-missing',
      'not-executable',
      'perl-dot-inc',
      'perl-module-missing',
      'shebang-byte-order-mark',
      'shebang-crlf',
      'shebang-windows',
    ]);
  });
});

describe('doctor on the sample site', () => {
  it('finds nothing', async (t) => {
    const folder = temporaryFolder(t);
    for (const part of ['public', 'cgi-bin']) cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
    const { findings, scripts } = await examineFolder(folder);
    assert.deepEqual(findings, []);
    assert.equal(scripts, 13);
  });
});

describe('doctor on a large site', () => {
  it('examines 1 000 scripts within a minute, and joins what they share', async (t) => {
    const texts = [
      ['pl', '#!/usr/local/bin/perl\nuse strict;\nprint "Content-type: text/plain\\n\\n";\n'],
      ['py', '#!/usr/bin/env python3\nimport os\nprint("Content-type: text/plain\\n")\n'],
      ['sh', '#!/bin/sh\necho "Content-type: text/plain"\necho\n'],
    ] as const;
    const files = Array.from({ length: 1000 }, (_each, index): [string, string] => {
      const [extension, text] = texts[index % 3] ?? ['', ''];
      return [`cgi-bin/d${index % 7}/script${index}.${extension}`, text];
    });
    const folder = siteFolder(t, Object.fromEntries(files));
    const begun = Date.now();
    const { findings, scripts } = await examineFolder(folder);
    assert.equal(scripts, 1000);
    assert.deepEqual(
      findings.map(({ id, places }) => [id, places.length]),
      [['interpreter-missing', 334]],
    );
    assert.ok(Date.now() - begun < 60_000, `${Date.now() - begun} ms`);
  });
});
