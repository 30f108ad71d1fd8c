// Scripts for another shell than the one that runs them. dash, the sh of Debian, writes the messages itself, and the mend is
// carried out: bash reads the script then.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Evidence } from '../../server/diagnosis/cause.ts';
import { explain } from '../../server/diagnosis/explain.ts';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

/** What dash leaves of a script that calls itself one of sh. */
function evidenceOf(t: TestContext, source: string, parts: Partial<Evidence> = {}): Evidence {
  const scriptFile = join(temporaryFolder(t), 'x.cgi');
  writeFileSync(scriptFile, source);
  const { stderr, stdout } = spawnSync(SH, [scriptFile], { encoding: 'latin1', input: '' });
  return { scriptFile, scriptName: '/cgi-bin/x.cgi', stderr, output: stdout, source, ...parts };
}

const SH = 'dash';
const MALFORMED = { kind: 'headerMalformed', line: 1, reason: 'no colon' } as const;

describe('a script for bash that sh runs', () => {
  for (const text of [
    'x=(a b)',
    'function f { echo x; }',
    'function f() { echo x; }',
    'cat <<< "$QUERY_STRING"',
    'diff <(echo a) <(echo b)',
    'for ((i=0;i<3;i++)); do :; done',
    'select x in a; do :; done',
    'y=${QUERY_STRING//a/b}',
    'y=${QUERY_STRING:0:3}',
    'set -o pipefail',
    'read -n 5 x',
    'i=1; echo $((i++))',
    'echo $((16#ff))',
    'trap "" ERR',
    'typeset x=1',
    '((i++))',
  ])
    it(`is mended by its #! line: ${text}`, (t) => {
      const evidence = evidenceOf(t, `#!/bin/sh\n${text}\n`);
      const found = refinementOf(evidence);
      assert.match(found?.title ?? '', /written for bash, and sh runs it/, evidence.stderr);
      spawnSync('sh', ['-c', found?.mend[0] ?? '']);
      assert.equal(readFileSync(evidence.scriptFile, 'utf8'), `#!/bin/bash\n${text}\n`);
    });

  it('loses all its CR with that of its #! line, for which the server took them out', (t) => {
    const source = '#!/bin/sh\nfor i in a; do\n  x=(a b)\ndone\n';
    const windows = source.replaceAll('\n', '\r\n');
    const evidence = evidenceOf(t, source, { source: windows });
    writeFileSync(evidence.scriptFile, windows);
    spawnSync('sh', ['-c', refinementOf(evidence)?.mend[0] ?? '']);
    assert.equal(readFileSync(evidence.scriptFile, 'utf8'), source.replace('/sh', '/bash'));
  });

  it('is left as it is where bash cannot read it either', (t) => {
    const evidence = evidenceOf(t, '#!/bin/sh\nprint (1);\n');
    spawnSync('sh', ['-c', refinementOf(evidence)?.mend[0] ?? '']);
    assert.equal(readFileSync(evidence.scriptFile, 'utf8'), '#!/bin/sh\nprint (1);\n');
  });

  it('is known by the -e that its echo prints', (t) => {
    const evidence = evidenceOf(t, '#!/bin/sh\necho -e "Content-type: text/plain\\n\\nhello"\n');
    const { title, why, mend } = explain(MALFORMED, evidence);
    assert.match(title, /^Line 1 of the output of x\.cgi is no header field$/);
    assert.match(why, /echo of bash takes "-e" for a switch/);
    assert.deepEqual(mend, [`sed -i '1s|^#!.*|#!/bin/bash|' ${evidence.scriptFile}`]);
  });
});

describe('a syntax error of a shell', () => {
  const mended = (t: TestContext, source: string) => refinementOf(evidenceOf(t, source))?.mend;

  it('is no matter of line ends where none is CR LF', (t) => {
    assert.deepEqual(
      mended(t, '#!/bin/sh\nif true; then\n')?.map((command) => command.slice(0, 5)),
      ['sh -n'],
    );
  });

  it('may come from CR LF where lines end so', (t) => {
    assert.match(mended(t, '#!/bin/sh\nfor i in a; do\r\necho a\r\ndone\r\n')?.join() ?? '', /^sed -i 's\/\\r\$\/\/' /);
  });

  it('does not come from CR LF where the server takes it out', (t) => {
    const source = '#!/bin/sh\nif true; then\n';
    const evidence = evidenceOf(t, source, { source: source.replaceAll('\n', '\r\n') });
    assert.doesNotMatch(refinementOf(evidence)?.mend.join() ?? '', /sed/);
  });
});

describe('a command that the shell does not find', () => {
  it('is looked for where its path says, and by its name', (t) => {
    const found = refinementOf(evidenceOf(t, '#!/bin/sh\n/usr/local/bin/fortune-of-1996 -s\n'));
    assert.equal(found?.title, 'There is no program /usr/local/bin/fortune-of-1996');
    assert.match(found.why, /runs it by this path/);
    assert.doesNotMatch(`${found.why}${found.mend}`, /PATH/);
    assert.deepEqual(found.mend, ['ls -ld /usr/local/bin/fortune-of-1996', 'command -v fortune-of-1996']);
  });

  it('is looked for in the folder of the script where its path is relative', (t) => {
    const evidence = evidenceOf(t, '#!/bin/sh\ncd "${0%/*}"; bin/count\n');
    const folder = evidence.scriptFile.replace('/x.cgi', '');
    assert.deepEqual(refinementOf(evidence)?.mend, [`ls -ld ${folder}/bin/count`, 'command -v count']);
  });

  it('may be one of the shell that the #! line names, and that is not here', (t) => {
    const source = '#!/usr/bin/ksh93\nprint "Content-type: text/plain"\n';
    const found = refinementOf(evidenceOf(t, source, { givenTo: ['/usr/bin/bash'] }));
    assert.equal(found?.title, 'There is no command print');
    assert.match(
      found.why,
      /The #! line names \/usr\/bin\/ksh93, and \/usr\/bin\/bash runs the script in its place\.$/,
    );
    assert.equal(found.mend[0], 'apt-get install ksh');
  });

  it('is none of another shell where the #! line names the one that runs', (t) => {
    const source = '#!/usr/bin/env dash\r\nnocmd-here\n';
    const found = refinementOf(evidenceOf(t, source.replace('\r', ''), { source, givenTo: ['/bin/dash'] }));
    assert.match(found?.why ?? '', /longer on the old server\.$/);
  });
});

describe('a page that is run as a script', () => {
  const PAGE = "<!DOCTYPE html>\n<html><body>it's (here) & there</body></html>\n";

  it('is told to be one, and can be made a script that prints itself', (t) => {
    const evidence = evidenceOf(t, PAGE);
    const found = refinementOf(evidence);
    assert.equal(found?.title, 'The file is a page, and sh runs it as a script', evidence.stderr);
    spawnSync('sh', ['-c', found.mend[0] ?? '']);
    const { stdout } = spawnSync(SH, [evidence.scriptFile], { encoding: 'latin1' });
    assert.equal(stdout, `Content-Type: text/html\n\n${PAGE}`);
  });
});

describe('output before the header', () => {
  const overtaken = (parts: Partial<Evidence>) =>
    explain(MALFORMED, {
      scriptFile: '/site/cgi-bin/x.cgi',
      scriptName: '/cgi-bin/x.cgi',
      stderr: '',
      output: '17 files\nContent-Type: text/html\n\n',
      ...parts,
    });

  it('waits in no buffer of a shell: its command is sent elsewhere', () => {
    for (const parts of [{ source: '#!/bin/sh\nls | wc -l\n' }, { scriptFile: '/site/cgi-bin/x.sh' }]) {
      const { why, mend } = overtaken(parts);
      assert.match(why, /A command that stands above the header printed it/);
      assert.match(mend.join(), /^sh -x '?\/site\S+ /);
      assert.doesNotMatch(mend.join(), /Perl|sys\.stdout/);
    }
  });

  it('overtakes the header of perl and python', () => {
    assert.match(overtaken({ source: '#!/usr/bin/perl\n' }).mend.join(), /\$\| = 1/);
  });
});
