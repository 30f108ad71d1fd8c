// Folders that a .htaccess closes (PRODUCT.md section 5, point 4): which URLs that refuses, and how soon a change is seen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { expectMeanings, temporarySite } from './temporary-site.ts';

const SH = '#!/bin/sh\n';

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

  it('closes a script folder that lies below it, whatever its URL is', (t) => {
    const scriptAlias = { '/cgi-bin/': 'public/cgi-bin', '/s/': 'public/closed/scripts', '/one/': 'public/closed/one' };
    const files = {
      'public/closed/.htaccess': 'Require all denied',
      'public/closed/scripts/x.pl': SH,
      'public/closed/one': SH,
      'public/cgi-bin/x.pl': SH,
    };
    const site = temporarySite(t, files, { cgi: { scriptAlias } });
    for (const url of ['/s/x.pl', '/closed/scripts/x.pl', '/one'])
      assert.equal(site.meaning(url), '403 htaccessDeny', url);
    assert.equal(site.meaning('/cgi-bin/x.pl'), 'script public/cgi-bin/x.pl as /cgi-bin/x.pl with ""');
    fs.writeFileSync(path.join(site.root, 'public/.htaccess'), 'Deny from all');
    assert.equal(site.meaning('/cgi-bin/x.pl'), '403 htaccessDeny');
  });

  it('is read again when its inode changes and its time does not, as with chmod', (t) => {
    const site = temporarySite(t, { 'public/a/x': '', 'public/a/.htaccess': 'Deny from all ' });
    const file = path.join(site.root, 'public/a/.htaccess');
    fs.utimesSync(file, 1e9, 1e9);
    assert.equal(site.meaning('/a/x'), '403 htaccessDeny');
    fs.writeFileSync(file, 'Allow from all');
    fs.utimesSync(file, 1e9, 1e9);
    assert.equal(site.meaning('/a/x'), 'file public/a/x');
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
