// What the failure page makes of Perl that the perl of today refuses: its first command is carried out, and perl is asked.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';
import { OLD_PERL } from './old-perl.ts';

const SHEBANG = '#!/usr/bin/perl\n';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgibox-perl-mend-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function perl(file: string, ...switches: readonly string[]) {
  return spawnSync('perl', [...switches, file], { cwd: folder, encoding: 'latin1', input: '' });
}

describe('the failure page of old Perl', () => {
  for (const [index, { id, before: code, after: mended }] of OLD_PERL.entries()) {
    it(`${code === mended ? 'shows' : 'mends'} ${id} in: ${code}`, (t) => {
      if (code.includes('CGI') && perl('-e1', '-MCGI').status !== 0) return t.skip('CGI.pm is not here');
      const file = join(folder, `it's ${index}.pl`);
      const source = `${SHEBANG}${code}\n`;
      writeFileSync(file, source, 'latin1');
      const refinement = refinementOf({
        scriptFile: file,
        scriptName: '/cgi-bin/x.pl',
        stderr: perl(file).stderr,
        output: '',
        source,
      });
      assert.equal(
        refinement?.id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
        // Of a list over several lines perl says only that a string may run away.
        id === 'perl-bare-list' && code.includes('\n') ? 'perl-syntax' : id,
      );
      const shown = execFileSync('sh', ['-c', refinement?.mend[0] ?? 'false'], { encoding: 'latin1' });
      assert.equal(readFileSync(file, 'latin1'), `${SHEBANG}${mended}\n`);
      if (code === mended) assert.notEqual(shown, '');
      else assert.equal(perl(file, '-c').status, 0, perl(file, '-c').stderr);
    });
  }

  it('names the library that is refused', () => {
    const scriptFile = join(folder, 'x.pl');
    writeFileSync(scriptFile, 'require "./lib.pl";\n');
    writeFileSync(join(folder, 'lib.pl'), '@a = (1);\nprint "ok" if defined(@a);\n1;\n');
    const { stderr } = perl(scriptFile);
    const refinement = refinementOf({ scriptFile, scriptName: '/x.pl', stderr, output: '', source: '' });
    execFileSync('sh', ['-c', refinement?.mend[0] ?? 'false']);
    assert.equal(perl(scriptFile).stdout, 'ok');
  });

  it('does not advise a "use" that the script has', () => {
    const told = (code: string) => {
      const scriptFile = join(folder, 'method.pl');
      writeFileSync(scriptFile, code);
      return refinementOf({ scriptFile, scriptName: '/x.pl', stderr: perl(scriptFile).stderr, output: '' });
    };
    assert.deepEqual(told('use Getopt::Std; Getopt::Std->no_such;')?.mend, []);
    assert.deepEqual(told('Getopt::Std->no_such;')?.mend, ['use Getopt::Std;']);
  });
});
