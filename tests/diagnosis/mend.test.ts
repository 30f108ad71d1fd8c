// The mending commands are pasted into a shell here, for a file whose name needs quoting, and the script is run again.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { Config } from '../../server/config/schema.ts';
import type { Cause } from '../../server/diagnosis/cause.ts';
import { explain } from '../../server/diagnosis/explain.ts';

let folder = '';
before(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'cgibox-mend-')), "it's my $ite");
  mkdirSync(folder);
});
after(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

interface Broken {
  readonly name: string;
  readonly source: string;
  readonly cause: Cause;
}

const NO_OUTPUT: Cause = { kind: 'noOutput', exit: { kind: 'exited', code: 1 } };
const BROKEN: readonly Broken[] = [
  {
    name: 'cr lf.pl',
    source: '#!/usr/bin/perl\r\nprint "ok\\n";\r\n',
    cause: { kind: 'shebangCarriageReturn', interpreter: '/usr/bin/perl' },
  },
  { name: 'bom.sh', source: '\xef\xbb\xbf#!/bin/sh\necho ok\n', cause: { kind: 'shebangByteOrderMark' } },
  { name: 'none.sh', source: 'echo ok\n', cause: { kind: 'shebangMissing' } },
  { name: 'no bits.sh', source: '#!/bin/sh\necho ok\n', cause: { kind: 'notExecutable' } },
  { name: 'env crlf.pl', source: '#!/usr/bin/env perl\r\nprint "ok\\n";\n', cause: NO_OUTPUT },
  { name: 'crlf.sh', source: '#!/bin/sh\necho ok\r\n:\r\nno\\\r\n:\n', cause: NO_OUTPUT },
  { name: 'bash.sh', source: '#!/bin/sh\n[[ a == a ]] && echo ok\n', cause: NO_OUTPUT },
  {
    name: 'array.pl',
    source: '#!/usr/bin/perl\n@a = (1);\nprint "ok\\n" if defined(@a) and not defined @b;\n',
    cause: NO_OUTPUT,
  },
  { name: 'hash.pl', source: '#!/usr/bin/perl\nprint "ok\\n" unless defined %h;\n', cause: NO_OUTPUT },
  { name: 'here.pl', source: '#!/usr/bin/perl\nprint <<EOT;\nok\nEOT \n', cause: NO_OUTPUT },
  { name: 'encoding.pl', source: '#!/usr/bin/perl\nuse encoding "utf8";\nprint "ok\\n";\n', cause: NO_OUTPUT },
  {
    name: 'except.py',
    source: '#!/usr/bin/env python3\ntry:\n  1/0\nexcept ZeroDivisionError, e:\n  print("ok")\n',
    cause: NO_OUTPUT,
  },
  { name: 'tabs.py', source: '#!/usr/bin/env python3\nif 1:\n\tpass\n        print("ok")\n', cause: NO_OUTPUT },
  { name: 'latin.py', source: '#!/usr/bin/env python3\nx = "caf\xe9"\nprint("ok")\n', cause: NO_OUTPUT },
];

function run(file: string) {
  return spawnSync(file, [], { cwd: folder, encoding: 'latin1', input: '' });
}

describe('the mending command', () => {
  for (const { name, source, cause } of BROKEN) {
    it(`mends ${name}`, () => {
      const scriptFile = join(folder, name);
      writeFileSync(scriptFile, source, 'latin1');
      if (cause.kind !== 'notExecutable') chmodSync(scriptFile, 0o755);
      const stderr = run(scriptFile).stderr ?? '';
      const { mend, title } = explain(cause, { scriptFile, scriptName: `/cgi-bin/${name}`, stderr, output: '' });
      execFileSync('bash', ['-ec', mend[0] ?? 'false'], { stdio: ['ignore', 'ignore', 'inherit'] });
      const mended = run(scriptFile);
      assert.equal(mended.stdout?.split('\n')[0], 'ok', `${title}: ${mended.stderr}`);
      assert.equal(statSync(scriptFile).mode & 0o111, 0o111);
    });
  }
});

describe('the mending configuration', () => {
  const causes: readonly Cause[] = [
    { kind: 'notExecutable' },
    { kind: 'interpreterMissing', interpreter: 'C:\\Perl\\bin\\perl.exe -w' },
    { kind: 'interpreterMissing', interpreter: '/opt/odd: "name' },
    { kind: 'timeLimit', seconds: 0.5 },
    { kind: 'queueFull', running: 1, waiting: 0 },
    { kind: 'bodyTooLarge', limitBytes: 1000 },
    { kind: 'headerTooLarge', limit: '64 KiB' },
    { kind: 'couldNotStart', errno: 'EAGAIN' },
    { kind: 'runnerLost' },
    { kind: 'environmentTooLarge' },
    { kind: 'noOutput', exit: { kind: 'killed', signal: 'SIGXCPU' } },
  ];
  const stderrs = [
    "SyntaxError: Missing parentheses in call to 'print'",
    'x: 1: y: not found',
    'Out of memory!',
    "UnicodeEncodeError: 'ascii' codec can't encode",
    'env: python: No such file or directory',
    "Can't locate x.pl in @INC",
    'Cannot fork',
  ];
  const cases = [
    ...causes.map((cause) => [cause, ''] as const),
    ...stderrs.map((stderr) => [NO_OUTPUT, stderr] as const),
  ];
  for (const [cause, stderr] of cases) {
    it(`is lawful for ${cause.kind} ${stderr}`, () => {
      const evidence = { scriptFile: '/site/a.pl', scriptName: "/cgi-bin/it's: {a}.pl", stderr, output: '' };
      const settings = explain(cause, evidence).mend.filter((text) => text.startsWith('# config/cgibox.yaml\n'));
      assert.ok(settings.length > 0);
      for (const text of settings) Config.parse(parse(text));
    });
  }
});
