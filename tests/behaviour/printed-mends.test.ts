// The commands that warnings and failure pages print are run, and the script they are for is asked again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startSite } from '../support/start-site.ts';

describe('the command of the warning about a foreign #! line', () => {
  const lines = {
    '#!/usr/local/bin/perl -wT': '#!PERL -wT',
    '#!C:/Perl/bin/perl.exe': '#!PERL',
    '#! /usr/bin/env perl5.003': '#!PERL',
  };
  for (const [line, mended] of Object.entries(lines))
    it(`mends ${line}, and keeps its switches`, async (t) => {
      const files = { 'cgi-bin/x.pl': `${line}\nprint "Content-Type: text/plain\\n\\n$^W\${^TAINT}";\n` };
      const { get, warnings, folder } = await startSite(t, files);
      const before = await (await get('/cgi-bin/x.pl')).text();
      const [, command = ''] = /Mend: (sed .*)$/.exec(warnings.join('\n')) ?? [];
      execFileSync('sh', ['-c', command]);
      const [first = ''] = readFileSync(`${folder}/cgi-bin/x.pl`, 'utf8').split('\n');
      assert.equal(first.replace(/^#!\S*\/perl\b/, '#!PERL'), mended);
      assert.equal(await (await get('/cgi-bin/x.pl')).text(), before);
      assert.equal(warnings.length, 1);
    });
});

describe('a script with the line ends of an old Macintosh', () => {
  it('is mended by the command of its page, not emptied by it', async (t) => {
    const files = { 'cgi-bin/mac.pl': '#!/usr/bin/perl\rprint "Content-Type: text/plain\\n\\nmac";\r' };
    const { get } = await startSite(t, files);
    const page = await (await get('/cgi-bin/mac.pl')).text();
    assert.match(page, /The lines end in CR, as on an old Macintosh/);
    const [, command = ''] = /^ {2}(sed .*)$/m.exec(page) ?? [];
    execFileSync('sh', ['-c', command]);
    assert.equal(await (await get('/cgi-bin/mac.pl')).text(), 'mac');
  });
});

describe('a script whose #! line gives env a switch', () => {
  it('is mended by the command of its page', async (t) => {
    const files = { 'cgi-bin/x.pl': '#!/usr/bin/env perl -w\nprint "Content-Type: text/plain\\n\\n$^W";\n' };
    const { get } = await startSite(t, files);
    const page = await (await get('/cgi-bin/x.pl')).text();
    assert.match(page, /env is asked for the program "perl -w"/);
    const [, command = ''] = /^ {2}(sed .*)$/m.exec(page) ?? [];
    execFileSync('sh', ['-c', command]);
    assert.equal(await (await get('/cgi-bin/x.pl')).text(), '1');
  });
});
