// An old site as it is found: fetched from a host by FTP, through a Windows machine, and never tended since.
// It runs without configuration and without a change; each defect is worked around or named.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { startFolder } from '../support/start-site.ts';

async function start(t: TestContext) {
  return startFolder(t, await copiedFolder(t, 'tests/fixtures/messy-site'));
}

describe('the fixture itself', () => {
  it('is kept byte for byte by git', async (t) => {
    const folder = await copiedFolder(t, 'tests/fixtures/messy-site');
    const head = async (file: string) => (await readFile(path.join(folder, file))).subarray(0, 40).toString('latin1');
    assert.match(await head('cgi-bin/GUEST.CGI'), /^#!\/usr\/local\/bin\/perl\r\n/);
    assert.match(await head('cgi-bin/notepad.pl'), /^\xef\xbb\xbf#!\/usr\/bin\/perl\r\n/);
  });
});

describe('scripts of an old site', () => {
  for (const [script, expected, defect] of [
    ['today.sh', /^Heute: \d{4}\s*$/, 'a shell script in CR LF, with a condition'],
    ['today.py', /^Heute: \d{4}\n$/, 'a Python script in CR LF, by env python'],
    ['notepad.pl', /^saved with Notepad\n$/, 'a byte order mark before #!'],
    ['news.pl', /^News\n$/, '#!/usr/local/bin/perl and require "./lib.pl"'],
    ['links.pl', /^Links\n$/, 'require "lib.pl" from its own folder'],
    ['search.pl?cafe+bar', /^no first line, words: /, 'no #! line at all'],
    ['counter.pl', /^Besucher Nr\. 1999\n$/, '#!C:/Perl/bin/perl.exe'],
  ] as const) {
    it(`runs ${script}: ${defect}`, async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/${script}`);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      assert.match(text, expected);
    });
  }

  it('is told once what was worked around, with the file and the mend', async (t) => {
    const site = await start(t);
    for (let visit = 0; visit < 2; visit += 1) await site.get('/cgi-bin/counter.pl');
    const file = path.join(site.folder, 'cgi-bin/counter.pl');
    const told = site.warnings.filter((warning) => warning.startsWith(`${file}: `));
    const mends = [/execute bit.* chmod \+x /, /CR LF.* sed -i /, /#! line is not here.* sed -i /];
    assert.equal(told.length, mends.length, told.join('\n'));
    for (const mend of mends)
      assert.ok(
        told.some((warning) => mend.test(warning)),
        `${mend}`,
      );
  });

  it('keeps the count of its counter', async (t) => {
    const site = await start(t);
    await site.get('/cgi-bin/counter.pl');
    assert.equal(await (await site.get('/cgi-bin/counter.pl')).text(), 'Besucher Nr. 2000\n');
  });

  it('signs the guest book of 1998, in its bytes', async (t) => {
    const site = await start(t);
    const body = 'name=J%FCrg&text=Hallo+%3Cb%3E';
    await site.get('/cgi-bin/GUEST.CGI', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const response = await site.get('/cgi-bin/GUEST.CGI');
    const page = Buffer.from(await response.arrayBuffer()).toString('latin1');
    assert.equal(response.headers.get('content-type'), 'text/html');
    assert.ok(page.includes('<P><B>J\xfcrg</B>: Hallo &lt;b>'), page);
  });

  it('lets the form mailer say that it has no sendmail', async (t) => {
    const site = await start(t);
    const response = await site.get('/cgi-bin/formmail.pl', { method: 'POST', body: 'subject=x' });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /Could not start \/usr\/local\/lib\/sendmail: No such file/);
  });

  for (const [script, said] of [
    ['debug.pl', /about to start/],
    ['short.pl', /Content-type: text\/plain/],
    ['shop.pl', /Shop(::|\/)Basket(::|\/)Gone/],
  ] as const) {
    it(`says what is wrong with ${script}`, async (t) => {
      const site = await start(t);
      const response = await site.get(`/cgi-bin/${script}`);
      assert.equal(response.status, 500);
      assert.match(await response.text(), said);
    });
  }
});

describe('what an old site keeps to itself', () => {
  for (const url of [
    '/members/',
    '/members/index.html',
    '/members/passwords.txt',
    '/members/minutes/1999.html',
    '/members/.htaccess',
    '/MEMBERS/../members//passwords.txt',
    '/index.htm.bak',
    '/guest.htm~',
    '/cgi-bin/GUEST.CGI.bak',
    '/cgi-bin/counter.pl~',
    '/cgi-bin/passwords.txt',
    '/cgi-bin/counter.dat',
    '/hostname.txt',
  ]) {
    it(`refuses ${url}`, async (t) => {
      const site = await start(t);
      for (const method of ['GET', 'HEAD', 'POST']) {
        const response = await site.raw(
          `${method} ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        );
        assert.match(response.toString('latin1'), /^HTTP\/1\.1 403 /, method);
        assert.doesNotMatch(response.toString('latin1'), /kq1XrZ3b0tQ2c|Minutes of|Members only|print "old/);
      }
    });
  }
});

describe('pages of an old site', () => {
  it('are sent in their own bytes, without a charset', async (t) => {
    const site = await start(t);
    const response = await site.get('/');
    assert.equal(response.headers.get('content-type'), 'text/html');
    const file = path.join(site.folder, 'public_html/index.htm');
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), await readFile(file));
  });

  it('are found under a name in ISO-8859-1', async (t) => {
    const site = await start(t);
    // Written here and not kept in git: some file systems refuse such a name.
    const file = Buffer.concat([
      Buffer.from(`${site.folder}/public_html/caf`),
      Buffer.from([0xe9]),
      Buffer.from('.htm'),
    ]);
    await writeFile(file, 'a page');
    assert.equal(await (await site.get('/caf%E9.htm')).text(), 'a page');
  });
});
