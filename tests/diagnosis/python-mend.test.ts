// What the table says of old Python, and its first mend carried out: the script then runs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';
import { withFileFacts } from '../../server/http/failure-evidence.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgibox-python-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(file: string) {
  return spawnSync('python3', [file], { cwd: folder, encoding: 'latin1', env: { PATH: process.env.PATH ?? '' } });
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, 'latin1');
  return file;
}

function refinement(file: string) {
  const { stderr, stdout } = run(file);
  return refinementOf(withFileFacts({ scriptFile: file, scriptName: '/cgi-bin/x.py', stderr, output: stdout }));
}

function isMended(file: string, command: string | undefined): void {
  execFileSync('sh', ['-ec', command ?? 'false']);
  const { stdout, stderr } = run(file);
  assert.equal(stdout, 'ok\n', stderr);
}

describe('source in another encoding', () => {
  for (const [id, encoding, text] of [
    ['pythonSourceEncoding', 'iso-8859-1', '#!python\n# J\xf6rg\nprint("ok")\n'],
    ['pythonSourceEncoding', 'iso-8859-1', 'print("ok") # J\xf6rg\n'],
    ['pythonSourceEncoding', 'shift_jis', '# \x83e\x83X\x83g\nx = "charset=Shift_JIS"\nprint("ok")\n'],
    ['pythonSourceEncodingWrong', 'iso-8859-1', '#!python\n# -*- coding: utf-8 -*-\nx = "caf\xe9"\nprint("ok")\n'],
    ['pythonSourceEncodingWrong', 'euc-jp', '# coding: x-euc\nx = "\xa5\xb5 charset=euc-jp"\nprint("ok")\n'],
  ] as const) {
    it(`is called ${encoding}: ${JSON.stringify(text)}`, () => {
      const file = write('encoded.py', text);
      const said = refinement(file);
      assert.equal(said?.id, id);
      assert.ok(said.mend[0]?.includes(` ${encoding} `), said.mend[0]);
      assert.equal(said.mend.length, encoding === 'iso-8859-1' ? 1 : 2);
      isMended(file, said.mend[0]);
    });
  }

  it('is mended in the library that holds it', () => {
    write('encodedlib.py', '"""x"""\ny = "caf\xe9"\n');
    const file = write('imports.py', 'import encodedlib\nprint("ok")\n');
    isMended(file, refinement(file)?.mend[0]);
  });
});
