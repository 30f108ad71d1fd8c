// What a URL means: the numbered points of PRODUCT.md section 5, on real folders.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { temporarySite } from './temporary-site.ts';

const SH = '#!/bin/sh\n';

describe('a script alias of one script', () => {
  const files = { 'bin/backend': SH, 'bin/data.txt': 'x', 'cgi-bin/x': SH, 'public/git/page.html': 'p' };
  const scriptAlias = { '/git/': 'bin/backend', '/cgi-bin/': 'cgi-bin', '/data/': 'bin/data.txt' };
  const meanings: readonly [received: string, meaning: string][] = [
    ['/git', 'script bin/backend as /git with ""'],
    ['/git/', 'script bin/backend as /git with "/"'],
    ['/git/old.git//info/../refs', 'script bin/backend as /git with "/old.git//info/../refs"'],
    ['/x/../git/page.html', 'script bin/backend as /git with "/page.html"'],
    ['/gitx', 'absent'],
    ['/cgi-bin/x/y', 'script cgi-bin/x as /cgi-bin/x with "/y"'],
    ['/data/', '403 notAScript'],
  ];
  for (const [received, meaning] of meanings) {
    it(`takes what follows the prefix for PATH_INFO: ${received}`, (t) => {
      assert.equal(temporarySite(t, files, { cgi: { scriptAlias } }).meaning(received), meaning);
    });
  }

  it('is refused where site.deny says so', (t) => {
    const denied = temporarySite(t, files, { cgi: { scriptAlias }, site: { deny: ['/git/private/**'] } });
    assert.equal(denied.meaning('/git/private/x'), '403 siteDeny');
    assert.equal(denied.meaning('/git/public/x'), 'script bin/backend as /git with "/public/x"');
  });

  it('is never sent through the document root', (t) => {
    const shared = { 'public/backend.txt': SH };
    const site = temporarySite(t, shared, { cgi: { scriptAlias: { '/git/': 'public/backend.txt' } } });
    assert.equal(site.meaning('/backend.txt'), '403 scriptSource');
  });
});

describe('walk of a URL path', () => {
  const files = {
    'public/index.html': 'home',
    'public/a.html': 'a',
    'public/form.pl': SH,
    'public/sub/x.txt': 'x',
    'public/sub/UPPER.CGI': SH,
    'public/with index/index.cgi': SH,
    'public/%2F': 'a name',
    'public/a+b': 'plus',
    'public/empty/': '',
    'cgi-bin/env': SH,
    'cgi-bin/deep/er/tool': SH,
  };
  const meanings: readonly [received: string, meaning: string][] = [
    ['/', 'file public/index.html'],
    ['/a.html', 'file public/a.html'],
    ['//a.html', 'file public/a.html'],
    ['/./sub/../a.html', 'file public/a.html'],
    ['/nowhere/../a.html', 'file public/a.html'],
    ['/../../../a.html', 'file public/a.html'],
    ['/%2e%2e/%2E%2e/a.html', 'file public/a.html'],
    ['/cgi-bin/../a.html', 'file public/a.html'],
    ['/%252F', 'file public/%2F'],
    ['/a+b', 'file public/a+b'],
    ['/a%20b', 'absent'],
    ['/a.html/', 'absent'],
    ['/a.html/.', 'absent'],
    ['/a.html/x', 'absent'],
    ['/a.html%20', 'absent'],
    ['/nowhere', 'absent'],
    ['/form.pl', 'script public/form.pl as /form.pl with ""'],
    ['/form.pl/', 'script public/form.pl as /form.pl with "/"'],
    ['//.//form.pl//a/../b;c:~+//', 'script public/form.pl as /form.pl with "//a/../b;c:~+//"'],
    ['/form.pl/%E9%3F', 'script public/form.pl as /form.pl with "/\u00e9?"'],
    ['/form.pl/../../etc/passwd', 'script public/form.pl as /form.pl with "/../../etc/passwd"'],
    ['/form.pl/.git/x.bak', 'script public/form.pl as /form.pl with "/.git/x.bak"'],
    ['/sub/UPPER.CGI', 'script public/sub/UPPER.CGI as /sub/UPPER.CGI with ""'],
    ['/cgi-bin/env', 'script cgi-bin/env as /cgi-bin/env with ""'],
    ['/cgi-bin//env/x', 'script cgi-bin/env as /cgi-bin/env with "/x"'],
    ['/cgi-bin/deep/er/tool/x', 'script cgi-bin/deep/er/tool as /cgi-bin/deep/er/tool with "/x"'],
    ['/cgi-bin/deep/../env', 'script cgi-bin/env as /cgi-bin/env with ""'],
    ['/cgi-bin', 'moved to /cgi-bin/'],
    ['/cgi-bin?a=b', 'moved to /cgi-bin/?a=b'],
    ['/cgi-bin/', '403 scriptFolder'],
    ['/cgi-bin/deep/', '403 scriptFolder'],
    ['/cgi-bin/deep', '403 scriptFolder'],
    ['/cgi-bin/nothing', 'absent'],
    ['/sub?x=//evil.example', 'moved to /sub/?x=//evil.example'],
    ['//sub', 'moved to /sub/'],
    ['/%5Cevil', '404 encodedSlash'],
    ['/with%20index', 'moved to /with%20index/'],
    ['/with%20index/', 'script public/with index/index.cgi as /with index/index.cgi with ""'],
    ['/sub/', 'directory public/sub as /sub/'],
    ['/sub/.', 'directory public/sub as /sub/'],
    ['/sub/x/..', 'directory public/sub as /sub/'],
    ['/empty/', 'directory public/empty as /empty/'],
    ['http://other.example/a.html', 'file public/a.html'],
  ];
  it('means what section 5 says', (t) => {
    const site = temporarySite(t, files);
    for (const [received, meaning] of meanings) assert.equal(site.meaning(received), meaning, received);
  });
});

describe('script alias', () => {
  it('wins by its longest prefix', (t) => {
    const files = { 'cgi-bin/x': SH, 'cgi-bin/admin': SH, 'admin/y': SH };
    const site = temporarySite(t, files, {
      cgi: { scriptAlias: { '/cgi-bin/': 'cgi-bin', '/cgi-bin/admin/': 'admin' } },
    });
    assert.equal(site.meaning('/cgi-bin/x'), 'script cgi-bin/x as /cgi-bin/x with ""');
    assert.equal(site.meaning('/cgi-bin/admin/y/z'), 'script admin/y as /cgi-bin/admin/y with "/z"');
    assert.equal(site.meaning('/cgi-bin/admin'), 'moved to /cgi-bin/admin/');
  });

  it('may be the whole site', (t) => {
    const site = temporarySite(t, { 'all/x': SH, 'public/index.html': '' }, { cgi: { scriptAlias: { '/': 'all' } } });
    assert.equal(site.meaning('/x/y'), 'script all/x as /x with "/y"');
    assert.equal(site.meaning('/'), '403 scriptFolder');
    assert.equal(site.meaning('/index.html'), 'absent');
  });

  it('runs what has an execute bit, a #! line or a known extension, and shows nothing', (t) => {
    const site = temporarySite(t, {
      'cgi-bin/binary': '\u007fELF',
      'cgi-bin/data.txt': 'secret',
      'cgi-bin/lib.pl': 'require;',
      'cgi-bin/bom': '\u00ef\u00bb\u00bf#!/usr/bin/perl\n',
      'cgi-bin/zip.cgi': 'no first line',
    });
    fs.chmodSync(path.join(site.root, 'cgi-bin/binary'), 0o755);
    fs.writeFileSync(path.join(site.root, 'cgi-bin/unzipped'), SH);
    assert.equal(site.meaning('/cgi-bin/binary'), 'script cgi-bin/binary as /cgi-bin/binary with ""');
    assert.equal(site.meaning('/cgi-bin/lib.pl'), 'script cgi-bin/lib.pl as /cgi-bin/lib.pl with ""');
    assert.equal(site.meaning('/cgi-bin/unzipped'), 'script cgi-bin/unzipped as /cgi-bin/unzipped with ""');
    for (const name of ['data.txt', 'data.txt/', 'data.txt/x', 'zip.cgi']) {
      assert.equal(site.meaning(`/cgi-bin/${name}`), '403 notAScript', name);
    }
  });

  it('is not shown through another URL', (t) => {
    const files = { 'public/tools/data.txt': 'secret', 'public/tools/prog': 'secret', 'public/index.html': '' };
    const site = temporarySite(t, files, { cgi: { scriptAlias: { '/run/': 'public/tools' } } });
    fs.symlinkSync('tools/data.txt', path.join(site.root, 'public/copy.txt'));
    fs.symlinkSync('tools', path.join(site.root, 'public/alias'));
    for (const url of ['/tools/data.txt', '/tools/prog', '/copy.txt', '/alias/data.txt', '/alias/prog']) {
      assert.equal(site.meaning(url), '403 scriptSource', url);
    }
    assert.equal(site.meaning('/tools/'), '403 scriptFolder');
    assert.equal(site.meaning('/alias/'), '403 scriptFolder');
  });
});

describe('place of a script', () => {
  it('carries what the runner needs', (t) => {
    const site = temporarySite(t, { 'cgi-bin/x.sh': `${SH}exit 0\n` });
    const resource = site.resolve('/cgi-bin/x.sh/a%20b//c');
    assert.equal(resource.kind, 'script');
    assert.deepEqual(resource.kind === 'script' && resource.place, {
      scriptFile: `${site.root}/cgi-bin/x.sh`,
      scriptName: '/cgi-bin/x.sh',
      pathInfo: '/a b//c',
      pathTranslated: `${site.root}/public/a b/c`,
      documentRoot: `${site.root}/public`,
      isExecutable: true,
      head: `${SH}exit 0\n`,
    });
  });

  const translated: readonly [pathInfo: string, expected: string | undefined][] = [
    ['', undefined],
    ['/', '/public/'],
    ['/a/', '/public/a/'],
    ['/a/..', '/public/'],
    ['/a/../b', '/public/b'],
    ['/..', undefined],
    ['/a/../../b', undefined],
    ['/../public/a', undefined],
  ];
  it('has a PATH_TRANSLATED only inside the document root (RFC 3875 §4.1.6)', (t) => {
    const site = temporarySite(t, { 'cgi-bin/x': SH });
    for (const [pathInfo, expected] of translated) {
      const resource = site.resolve(`/cgi-bin/x${pathInfo}`);
      const actual = resource.kind === 'script' ? resource.place.pathTranslated?.replace(site.root, '') : assert.fail();
      assert.equal(actual, expected, pathInfo);
    }
  });

  it('is found fresh: what was just written is served', (t) => {
    const site = temporarySite(t, {});
    assert.equal(site.meaning('/new.html'), 'absent');
    fs.writeFileSync(path.join(site.root, 'public/new.html'), '');
    assert.equal(site.meaning('/new.html'), 'file public/new.html');
    fs.mkdirSync(path.join(site.root, 'cgi-bin'));
    fs.writeFileSync(path.join(site.root, 'cgi-bin/x'), SH, { mode: 0o755 });
    assert.equal(site.meaning('/cgi-bin/x'), 'script cgi-bin/x as /cgi-bin/x with ""');
  });
});

describe('bytes of a URL', () => {
  it('reach the file and come back in redirects unchanged', (t) => {
    const site = temporarySite(t, { 'public/\u00e9t\u00e9/x': 'x', 'public/\u0093\u00fa.cgi': SH });
    assert.equal(site.meaning('/%E9t%E9'), 'moved to /%E9t%E9/');
    assert.equal(site.meaning('/\u00e9t\u00e9/x'), 'file public/\u00e9t\u00e9/x');
    assert.equal(site.meaning('/%93%FA.cgi'), 'script public/\u0093\u00fa.cgi as /\u0093\u00fa.cgi with ""');
  });
});

describe('directory index', () => {
  it('is the first that may be served', (t) => {
    const site = temporarySite(
      t,
      {
        'public/a/index.html~': 'old',
        'public/a/index.php': 'code',
        'public/a/index.htm': 'page',
        'public/b/index.html/': '',
      },
      { site: { directoryIndex: ['index.html~', 'index.html', 'index.htm'] } },
    );
    assert.equal(site.meaning('/a/'), 'file public/a/index.htm');
    assert.equal(site.meaning('/b/'), 'directory public/b as /b/');
  });

  it('is needed where listing is off', (t) => {
    const site = temporarySite(t, { 'public/a/x': '' }, { site: { listing: false } });
    assert.equal(site.meaning('/a/'), '403 listingOff');
    assert.equal(site.meaning('/a'), 'moved to /a/');
  });
});
