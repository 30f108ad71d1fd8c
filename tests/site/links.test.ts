// Links, special files, permissions and very long URLs: what the disk can hold beside pages and scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { expectMeanings, type Files, type TemporarySite, temporarySite } from './temporary-site.ts';

const SH = '#!/bin/sh\n';

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
    '/programs': '403 scriptFolder',
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
    assert.deepEqual(await site.site.list({ folder: `${site.root}/public`, urlPath: '/' }), []);
  });
});

describe('what this user may not read', () => {
  it('is refused, but for a script that may be executed', (t) => {
    const site = temporarySite(t, {
      'public/x.txt': '',
      'public/dir/y.txt': '',
      'public/home/index.html': '',
      'cgi-bin/prog': SH,
      'cgi-bin/lost.pl': '',
    });
    const mode = (name: string, bits: number) => fs.chmodSync(path.join(site.root, name), bits);
    for (const folder of ['.', 'public', 'cgi-bin']) mode(folder, 0o755);
    mode('public/x.txt', 0);
    mode('public/home/index.html', 0);
    mode('public/dir', 0);
    mode('cgi-bin/prog', 0o711);
    mode('cgi-bin/lost.pl', 0);
    asNobody(() => {
      expectMeanings(site, {
        '/x.txt': '403 unreadable',
        '/dir/y.txt': '403 unreadable',
        '/home/': '403 unreadable',
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
