// The commands that warnings and failure pages print are run, and the script they are for is asked again.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
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

describe('a script that was given to another program than its #! line names', () => {
  it('is shown again by the command of its page as the server ran it', async (t) => {
    const content = '#!/usr/local/bin/perl -w\r\nprint STDERR "seen $^W\\n"; exit 3;\r\n';
    const { get } = await startSite(t, { 'cgi-bin/x.pl': { content, mode: 0o644 } });
    const page = await (await get('/cgi-bin/x.pl')).text();
    const [, command = ''] = /^ {2}(cd .*)$/m.exec(page) ?? [];
    const { stderr, status } = spawnSync('sh', ['-c', command], { encoding: 'latin1' });
    assert.deepEqual([stderr, status], ['seen 1\n', 3], command);
  });
});

describe('a compiled program', () => {
  it('is not told to print a header in Perl', async (t) => {
    const { get } = await startSite(t, { 'cgi-bin/x': { content: readFileSync('/bin/pwd'), mode: 0o755 } });
    const page = await (await get('/cgi-bin/x')).text();
    assert.match(page, /is no header field/);
    assert.doesNotMatch(page, /print\(|printf/);
    assert.match(page, /^ {2}cd .* \.\/x$/m);
  });
});
