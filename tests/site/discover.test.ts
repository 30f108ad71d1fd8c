// The scripts of a site, found before they are asked for.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { discoverScripts } from '../../server/site/discover.ts';
import { temporarySite } from './temporary-site.ts';

const SH = '#!/bin/sh\n';

describe('discovery of scripts', () => {
  it('finds the one script of an alias', (t) => {
    const scriptAlias = { '/git/': 'bin/backend', '/none/': 'bin/none' };
    const { config } = temporarySite(t, { 'bin/backend': SH, 'bin/other': SH }, { cgi: { scriptAlias } });
    assert.deepEqual(
      discoverScripts(config).map(({ url, place }) => [url, path.basename(place.scriptFile)]),
      [['/git', 'backend']],
    );
  });

  it('finds what runs, sorted, and nothing that is refused', (t) => {
    const site = temporarySite(
      t,
      {
        'cgi-bin/z.pl': SH,
        'cgi-bin/deep/er/a': SH,
        'cgi-bin/data.txt': 'no',
        'cgi-bin/z.pl.bak': SH,
        'cgi-bin/.git/hook.pl': SH,
        'cgi-bin/caf\u00e9 1': SH,
        'public/form.cgi': SH,
        'public/sub/FORM.PL': SH,
        'public/sub/page.html': 'no',
        'public/lib.tcl/x.txt': '',
        'public/members/.htaccess': 'deny from all',
        'public/members/x.pl': SH,
        'public/denied/x.pl': SH,
        'public/cgi-bin/shadowed.pl': SH,
        'admin/tool': SH,
      },
      {
        site: { deny: ['/denied'], listing: false },
        cgi: { scriptAlias: { '/cgi-bin/': 'cgi-bin', '/cgi-bin/admin/': 'admin' } },
      },
    );
    fs.symlinkSync('..', path.join(site.root, 'cgi-bin/deep/up'));
    fs.symlinkSync('.', path.join(site.root, 'public/self'));
    const found = discoverScripts(site.config);
    assert.deepEqual(
      found.map(({ url }) => url),
      [
        '/cgi-bin/admin/tool',
        '/cgi-bin/caf%E9%201',
        '/cgi-bin/deep/er/a',
        '/cgi-bin/z.pl',
        '/form.cgi',
        '/sub/FORM.PL',
      ],
    );
    for (const { url, place } of found) assert.deepEqual(site.resolve(url), { kind: 'script', place }, url);
  });

  it('ends in a site without folders, and in one that is too large', (t) => {
    const empty = temporarySite(t, {});
    fs.rmdirSync(path.join(empty.root, 'public'));
    assert.deepEqual(discoverScripts(empty.config), []);
    const large = temporarySite(t, { 'cgi-bin/x': SH, 'public/a/b/z.pl': SH });
    for (let index = 0; index < 20; index += 1) fs.writeFileSync(path.join(large.root, 'public', `${index}.txt`), '');
    const found = (maxEntries: number) => discoverScripts(large.config, { maxEntries }).map(({ url }) => url);
    assert.deepEqual(found(10), ['/cgi-bin/x']);
    assert.deepEqual(found(100), ['/a/b/z.pl', '/cgi-bin/x']);
  });
});
