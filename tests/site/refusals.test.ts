// Point 4 of PRODUCT.md section 5: what is never sent, and every spelling by which servers have sent it (CVE-2011-1015,
// CVE-2014-4650, CVE-2021-41773, and the names that editors, version control and Windows disks leave behind).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectMeanings, temporarySite } from './temporary-site.ts';

const SH = '#!/bin/sh\n';

describe('source of a script', () => {
  it('is not sent however its URL is spelt', (t) => {
    const site = temporarySite(t, { 'cgi-bin/x.pl': SH, 'public/y.pl': SH, 'public/index.html': '' });
    const spellings = [
      'x.pl',
      'x.pl/',
      'x.pl/.',
      'x.pl//',
      'x.pl/..',
      'x.pl;a',
      'x.pl%20',
      'x.pl.',
      'x.pl%2e',
      'x.pl::$DATA',
      'X.PL',
    ];
    for (const spelling of [
      ...spellings,
      'x.pl%3F',
      'x.pl%23',
      'x.pl~',
      'x.pl.txt',
      '%78.pl',
      './x.pl',
      'a/../x.pl',
      'x%2Epl',
    ]) {
      for (const url of [
        `/cgi-bin/${spelling}`,
        `//cgi-bin//${spelling}`,
        `/./cgi-bin/${spelling}`,
        `/${spelling.replace('x', 'y')}`,
      ]) {
        assert.notEqual(site.resolve(url).kind, 'file', url);
      }
    }
    expectMeanings(site, {
      '/cgi-bin%2Fx.pl': '404 encodedSlash',
      '/cgi-bin/..%2F..%2Fetc/passwd': '404 encodedSlash',
      '/cgi-bin%5cx.pl': '404 encodedSlash',
      '/cgi-bin/.%2e/.%2e/.%2e/etc/passwd': 'absent',
      '/cgi-bin/%252e%252e/public/y.pl': 'absent',
      '/cgi-bin/x.pl%00.html': '400 nulInPath',
    });
  });

  it('is known by extension and by content', (t) => {
    expectMeanings(
      temporarySite(
        t,
        {
          'public/UPPER.PL': SH,
          'public/x.tcl': '',
          'public/x.py.': '',
          'public/x.py ': '',
          'public/x.py::$DATA': '',
          'public/x.PY . .': '',
          'public/plain.txt': SH,
          'public/bom.txt': Buffer.from('\u00ef\u00bb\u00bf#!/usr/bin/perl', 'latin1'),
          'public/cr.txt': '\r\n#!/usr/bin/perl',
          'public/utf16.txt': Buffer.from('\u00ff\u00fe#\0!\0', 'latin1'),
          'public/hash.txt': '# !',
        },
        { cgi: { addHandler: ['.pl'] } },
      ),
      {
        '/UPPER.PL': 'script public/UPPER.PL as /UPPER.PL with ""',
        '/x.tcl': '403 scriptSource',
        '/x.py.': '403 scriptSource',
        '/x.py%20': '403 scriptSource',
        '/x.py::$DATA': '403 scriptSource',
        '/x.PY%20.%20.': '403 scriptSource',
        '/plain.txt': '403 scriptSource',
        '/bom.txt': '403 scriptSource',
        '/cr.txt': '403 scriptSource',
        '/utf16.txt': '403 scriptSource',
        '/hash.txt': 'file public/hash.txt',
      },
    );
  });
});

describe('name that is never served', () => {
  it('is refused as file, folder, script and nothing at all', (t) => {
    const site = temporarySite(t, {
      'public/.git/config': '',
      'public/.well-known/x/y.txt': '',
      'public/.well-known/.hidden': '',
      'public/a.html~': '',
      'public/#a.html#': '',
      'public/old.bak/x.html': '',
      'cgi-bin/x.pl.bak': SH,
      'cgi-bin/x.pl~': SH,
      'cgi-bin/.x.pl.swp': SH,
      'cgi-bin/.private/x.pl': SH,
      'public/x.old.': '',
    });
    expectMeanings(site, {
      '/.git/config': '403 dotFile',
      '/.git/': '403 dotFile',
      '/.git': '403 dotFile',
      '/.env': '403 dotFile',
      '/.htpasswd': '403 dotFile',
      '/%2ehtaccess': '403 dotFile',
      '/.../x': '403 dotFile',
      '/.well-known/x/y.txt': 'file public/.well-known/x/y.txt',
      '/.well-known/.hidden': '403 dotFile',
      '/a.html~': '403 editorLeftover',
      '/%23a.html%23': '403 editorLeftover',
      '/none.ORIG': '403 editorLeftover',
      '/none.swp': '403 editorLeftover',
      '/x.old.': '403 editorLeftover',
      '/old.bak/x.html': '403 editorLeftover',
      '/cgi-bin/x.pl.bak': '403 editorLeftover',
      '/cgi-bin/x.pl~/info': '403 editorLeftover',
      '/cgi-bin/.x.pl.swp': '403 dotFile',
      '/cgi-bin/.private/x.pl': '403 dotFile',
    });
  });

  it('is the configuration, under any name, and the smoke plans', (t) => {
    const files = {
      'cgibox.yaml': '',
      'sub/CgiBox.YML': '',
      'my.yaml': '',
      'tests/smoke/a.yaml': '',
      'tests/x.txt': '',
      'cgi-bin/x': SH,
    };
    const site = temporarySite(t, files, { site: { documentRoot: '.' } });
    expectMeanings(site, {
      '/my.yaml': 'file my.yaml',
      '/tests/x.txt': 'file tests/x.txt',
      '/tests/smoke': '403 smokePlan',
    });
    expectMeanings(site, {
      '/cgibox.yaml': '403 configurationFile',
      '/sub/CgiBox.YML': '403 configurationFile',
      '/cgibox.yaml.': '403 configurationFile',
      '/tests/smoke/a.yaml': '403 smokePlan',
      '/tests/smoke/': '403 smokePlan',
      '/tests/smoke/nothing': '403 smokePlan',
      '/a/../tests//smoke/./a.yaml': '403 smokePlan',
    });
    const named = temporarySite(
      t,
      {},
      { options: { configFile: `${site.root}/my.yaml` }, site: { followSymlinks: 'anywhere' } },
    );
    fs.symlinkSync(`${site.root}/my.yaml`, path.join(named.root, 'public/link.txt'));
    assert.equal(named.meaning('/link.txt'), '403 configurationFile');
  });

  it('hold for smoke plans that a link leads to', (t) => {
    const files = { 'tests/smoke/a.yaml': '', 'tests/x.txt': '' };
    const site = temporarySite(t, files, { site: { followSymlinks: 'anywhere' } });
    fs.symlinkSync('../tests', path.join(site.root, 'public/t'));
    fs.symlinkSync('../tests/smoke/a.yaml', path.join(site.root, 'public/plan.txt'));
    expectMeanings(site, {
      '/t/x.txt': 'file tests/x.txt',
      '/t/smoke/a.yaml': '403 smokePlan',
      '/plan.txt': '403 smokePlan',
    });
  });

  it('hold for the configuration file that a link leads to by now', async (t) => {
    const configFile = path.join(temporarySite(t, {}).root, 'current.yaml');
    const files = { 'public/old.yaml': '', 'public/new.yaml': '' };
    const site = temporarySite(t, files, { options: { configFile } });
    fs.symlinkSync(`${site.root}/public/old.yaml`, configFile);
    expectMeanings(site, { '/old.yaml': '403 configurationFile', '/new.yaml': 'file public/new.yaml' });
    fs.rmSync(configFile);
    fs.symlinkSync(`${site.root}/public/new.yaml`, configFile);
    await sleep(300); // time for a person to ask for it
    assert.equal(site.meaning('/new.yaml'), '403 configurationFile');
  });
});

describe('site.deny', () => {
  it('holds for files, folders, scripts, redirects and whatever is below', (t) => {
    const files = {
      'public/data/deep/x.txt': '',
      'public/data/form.pl': SH,
      'public/a.dat': '',
      'public/ok.txt': '',
      'public/\u00e9/x': '',
      'public/caf\u00c3\u00a9/x': '',
      'cgi-bin/admin.pl': SH,
      'cgi-bin/git': SH,
    };
    const deny = ['/data/**', '/**/*.dat', '/cgi-bin/admin*', '/cgi-bin/git/private/**', '/caf\u00e9'];
    const site = temporarySite(t, files, { site: { deny } });
    const denied = [
      '/data',
      '/data/',
      '/data/deep',
      '/data/deep/x.txt',
      '/data/none',
      '/data/form.pl',
      '/data/form.pl/x',
      '/data/.x',
    ];
    const spelt = [
      '//data//deep/x.txt',
      '/x/../data/deep/x.txt',
      '/%64ata/',
      '/DATA/deep/x.txt',
      '/a.dat',
      '/a.DAT',
      '/x%0Ay/z%0A.dat',
    ];
    const scripts = [
      '/cgi-bin/admin.pl',
      '/cgi-bin//admin.pl/x',
      '/cgi-bin/git/private/repo',
      '/cgi-bin/git//private/x',
    ];
    for (const url of [
      ...denied.filter((url) => url !== '/data/.x'),
      ...spelt,
      ...scripts,
      '/caf%C3%A9/x',
      '/caf%C3%A9',
    ]) {
      assert.equal(site.meaning(url), '403 siteDeny', url);
    }
    expectMeanings(site, { '/ok.txt': 'file public/ok.txt', '/%E9/x': 'file public/\u00e9/x', '/datax': 'absent' });
    assert.equal(site.resolve('/cgi-bin/git/public/x').kind, 'script');
  });

  it('does not read a URL that would take too long', (t) => {
    const files = { 'cgi-bin/x': SH, 'public/index.html': '' };
    const site = temporarySite(t, files, { site: { deny: ['/**/a/**/*.b'] } });
    for (const url of ['/a'.repeat(1500), `/cgi-bin/x${'/a'.repeat(30_000)}`, `/cgi-bin/x/${'a'.repeat(5000)}`]) {
      assert.equal(site.meaning(url), '403 siteDeny', url.slice(0, 20));
    }
    assert.equal(site.resolve(`/cgi-bin/x${'/a'.repeat(100)}`).kind, 'script');
  });

  it('may close the whole site', (t) => {
    const site = temporarySite(t, { 'public/x': '' }, { site: { deny: ['/**'] } });
    expectMeanings(site, { '/': '403 siteDeny', '/x': '403 siteDeny', '/none': '403 siteDeny' });
  });
});
