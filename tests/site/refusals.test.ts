// Point 4 of PRODUCT.md section 5: what is never sent, and every spelling by which servers have sent it (CVE-2011-1015,
// CVE-2014-4650, CVE-2021-41773, and the names that editors, version control and Windows disks leave behind).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Files, type TemporarySite, temporarySite } from './temporary-site.ts';

const SH = '#!/bin/sh\n';

function expectMeanings({ meaning }: TemporarySite, expected: Readonly<Record<string, string>>): void {
  for (const [received, outcome] of Object.entries(expected)) assert.equal(meaning(received), outcome, received);
}

function linked(t: TestContext, followSymlinks: 'inside' | 'anywhere' | 'never'): TemporarySite {
  const files: Files = {
    'public/real/page.html': 'page',
    'public/.secret': 'no',
    'public/closed/.htaccess': 'Deny from all',
    'public/closed/members.txt': 'no',
    'public/denied/x.txt': 'no',
    'cgi-bin/prog': SH,
    'cgi-bin/data': 'no',
    'outside/file.txt': 'out',
    'outside/.env': 'no',
    'outside/tool.pl': SH,
    'outside/copy.txt.bak': 'no',
  };
  const site = temporarySite(t, files, { site: { followSymlinks, deny: ['/denied/**'] } });
  const link = (target: string, name: string) => fs.symlinkSync(target, path.join(site.root, 'public', name));
  link('real/page.html', 'inside.html');
  link('real', 'folder');
  link('.secret', 'dot.txt');
  link('closed', 'open');
  link('closed/members.txt', 'members.txt');
  link('denied/x.txt', 'x.txt');
  link('denied', 'allowed');
  link('../cgi-bin/data', 'data.txt');
  link('../cgi-bin', 'programs');
  link('../outside/file.txt', 'out.txt');
  link('../outside', 'out');
  link('../outside/copy.txt.bak', 'copy.txt');
  link('/etc/passwd', 'passwd');
  link('nowhere', 'broken');
  link('loop', 'loop');
  return site;
}

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

  it('may close the whole site', (t) => {
    const site = temporarySite(t, { 'public/x': '' }, { site: { deny: ['/**'] } });
    expectMeanings(site, { '/': '403 siteDeny', '/x': '403 siteDeny', '/none': '403 siteDeny' });
  });
});

describe('.htaccess', () => {
  it('closes its folder, what lies below, and nothing else', (t) => {
    const site = temporarySite(t, {
      'public/members/.htaccess': 'AuthType Basic\nDeny from all\n',
      'public/members/list.txt': '',
      'public/members/deep/.htaccess': 'Allow from all',
      'public/members/deep/x.html': '',
      'public/members/form.pl': SH,
      'public/open/.htaccess': 'RewriteEngine on\n<Files x>\nDeny from all\n</Files>\n',
      'public/open/x': '',
      'cgi-bin/lib/.htaccess': 'Require all denied',
      'cgi-bin/lib/x.pl': SH,
      'cgi-bin/x.pl': SH,
    });
    const closed = [
      '/members',
      '/members/',
      '/members/list.txt',
      '/members/none',
      '/members/deep/x.html',
      '/members/form.pl/x',
    ];
    for (const url of [...closed, '/cgi-bin/lib/x.pl', '/open/../members/list.txt']) {
      assert.equal(site.meaning(url), '403 htaccessDeny', url);
    }
    expectMeanings(site, {
      '/open/x': 'file public/open/x',
      '/cgi-bin/x.pl': 'script cgi-bin/x.pl as /cgi-bin/x.pl with ""',
    });
    site.meaning('/open/x');
    assert.deepEqual(site.warnings, [
      `${site.root}/public/members/.htaccess: no effect here: authtype`,
      `${site.root}/public/open/.htaccess: no effect here: rewriteengine, <files>`,
    ]);
  });

  it('is read again when it changes, and closes where it cannot be read', (t) => {
    const site = temporarySite(t, {
      'public/a/x': '',
      'public/a/.htaccess': 'Allow from all',
      'public/b/x': '',
      'public/b/.htaccess/': '',
    });
    expectMeanings(site, { '/a/x': 'file public/a/x', '/b/x': '403 htaccessDeny' });
    fs.writeFileSync(path.join(site.root, 'public/a/.htaccess'), 'Deny from all');
    assert.equal(site.meaning('/a/x'), '403 htaccessDeny');
    fs.rmSync(path.join(site.root, 'public/a/.htaccess'));
    assert.equal(site.meaning('/a/x'), 'file public/a/x');
  });
});

describe('symbolic link', () => {
  const always = {
    '/dot.txt': '403 dotFile',
    '/open/members.txt': '403 htaccessDeny',
    '/members.txt': '403 htaccessDeny',
    '/x.txt': '403 siteDeny',
    '/allowed/x.txt': '403 siteDeny',
    '/data.txt': '403 scriptSource',
    '/programs/data': '403 scriptSource',
    '/programs/prog': '403 scriptSource',
    '/programs/': '403 scriptFolder',
    '/out/.env': '403 dotFile',
    '/broken': 'absent',
    '/loop': '403 unreadable',
  };

  it('is followed inside the document root and script folders', (t) => {
    expectMeanings(linked(t, 'inside'), {
      ...always,
      '/inside.html': 'file public/real/page.html',
      '/folder': 'moved to /folder/',
      '/folder/page.html': 'file public/real/page.html',
      '/out.txt': '403 linkOutside',
      '/out/file.txt': '403 linkOutside',
      '/out/tool.pl': '403 linkOutside',
      '/out': '403 linkOutside',
      '/out/': '403 linkOutside',
      '/passwd': '403 linkOutside',
    });
  });

  it('is followed anywhere, and still shows nothing that is never served', (t) => {
    expectMeanings(linked(t, 'anywhere'), {
      ...always,
      '/out.txt': 'file outside/file.txt',
      '/out/': 'directory outside as /out/',
      '/out/tool.pl': 'script public/out/tool.pl as /out/tool.pl with ""',
      '/copy.txt': '403 editorLeftover',
      '/passwd': 'file /etc/passwd',
    });
  });

  it('is never followed', (t) => {
    const site = linked(t, 'never');
    expectMeanings(site, { '/real/page.html': 'file public/real/page.html', '/broken': 'absent' });
    for (const url of [
      '/inside.html',
      '/folder',
      '/folder/',
      '/folder/page.html',
      '/dot.txt',
      '/out.txt',
      '/programs/prog',
    ]) {
      assert.equal(site.meaning(url), '403 linkOutside', url);
    }
  });

  it('may be a root itself, and be pointed elsewhere', (t) => {
    const site = temporarySite(
      t,
      { 'releases/1/x.txt': '', 'releases/2/x.txt': '' },
      { site: { documentRoot: 'current', followSymlinks: 'never' } },
    );
    const current = path.join(site.root, 'current');
    fs.symlinkSync('releases/1', current);
    assert.equal(site.meaning('/x.txt'), 'file releases/1/x.txt');
    fs.rmSync(current);
    fs.symlinkSync('releases/2', current);
    assert.equal(site.meaning('/x.txt'), 'file releases/2/x.txt');
  });
});

describe('what is no regular file', () => {
  it('is refused at once, and never opened', async (t) => {
    const site = temporarySite(t, { 'cgi-bin/x': SH });
    execFileSync('mkfifo', ['public/pipe', 'public/pipe.pl', 'cgi-bin/pipe'], { cwd: site.root });
    const server = net.createServer().listen(path.join(site.root, 'public/socket'));
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    fs.symlinkSync('/dev/zero', path.join(site.root, 'public/zero'));
    for (const url of ['/pipe', '/pipe.pl', '/cgi-bin/pipe', '/socket', '/zero']) {
      assert.equal(site.meaning(url), '403 notARegularFile', url);
    }
    assert.deepEqual(site.site.list({ folder: `${site.root}/public`, urlPath: '/' }), []);
  });
});

describe('what this user may not read', () => {
  it('is refused, but for a script that may be executed', (t) => {
    const site = temporarySite(t, {
      'public/x.txt': '',
      'public/dir/y.txt': '',
      'cgi-bin/prog': SH,
      'cgi-bin/lost.pl': '',
    });
    const mode = (name: string, bits: number) => fs.chmodSync(path.join(site.root, name), bits);
    for (const folder of ['.', 'public', 'cgi-bin']) mode(folder, 0o755);
    mode('public/x.txt', 0);
    mode('public/dir', 0);
    mode('cgi-bin/prog', 0o711);
    mode('cgi-bin/lost.pl', 0);
    asNobody(() => {
      expectMeanings(site, {
        '/x.txt': '403 unreadable',
        '/dir/y.txt': '403 unreadable',
        '/cgi-bin/lost.pl': '403 unreadable',
      });
      const resource = site.resolve('/cgi-bin/prog');
      assert.equal(resource.kind === 'script' && resource.place.head, undefined);
    });
    mode('public/dir', 0o755);
  });
});

/** Root may read everything: the test then puts on another user. */
function asNobody(run: () => void): void {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return run();
  process.seteuid(65534);
  try {
    run();
  } finally {
    process.seteuid(0);
  }
}

describe('very long URL', () => {
  it('is absent, and costs little', (t) => {
    const site = temporarySite(t, { 'cgi-bin/x': SH, 'public/index.html': '' });
    assert.equal(site.meaning(`/${'a/'.repeat(30_000)}`), 'absent');
    assert.equal(site.meaning(`/cgi-bin/${'a/'.repeat(30_000)}`), 'absent');
    assert.equal(site.meaning(`/cgi-bin/${'a/../'.repeat(12_000)}x`), '403 scriptSource');
    assert.equal(site.meaning(`/cgi-bin/${'a'.repeat(300)}`), 'absent');
    assert.equal(site.resolve(`/cgi-bin/x/${'a/'.repeat(30_000)}`).kind, 'script');
  });
});
