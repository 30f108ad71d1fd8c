// The page of a folder: what it lists, and that names can do no harm in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { listingPage } from '../../server/static/listing.ts';
import { type Files, temporarySite } from '../site/temporary-site.ts';

async function listed(t: TestContext, files: Files, charset?: string) {
  const site = temporarySite(t, files, { site: { deny: ['/denied/**'] } });
  fs.symlinkSync('/etc/passwd', path.join(site.root, 'public/passwd'));
  const resource = site.resolve('/');
  if (resource.kind !== 'directory') return assert.fail(resource.kind);
  const page = await listingPage(resource.folder, site.site, charset);
  const html = page.body.toString('latin1');
  const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);
  return { ...page, html, hrefs, site };
}

describe('directory listing', () => {
  it('links to what is served, sorted, and to nothing else', async (t) => {
    const { hrefs, html, site } = await listed(t, {
      'public/b.txt': 'x'.repeat(1536),
      'public/A.txt': '',
      'public/form.pl': '#!/usr/bin/perl',
      'public/sub/x': '',
      'public/.env': '',
      'public/a.txt~': '',
      'public/lib.tcl.bak': '',
      'public/denied/x': '',
      'public/closed/.htaccess': 'Deny from all',
      'public/source.txt': '#!/bin/sh',
      'public/cgi-bin/x': '',
      'public/back\\slash': '',
    });
    assert.deepEqual(hrefs, ['./A.txt', './b.txt', './form.pl', './sub/']);
    for (const href of hrefs)
      assert.ok(['file', 'script', 'directory'].includes(site.resolve(`/${href.slice(2)}`).kind), href);
    assert.match(html, />b\.txt<\/a><\/td><td class="n">1\.5 KiB<\/td><td class="n">\d{4}-\d\d-\d\d \d\d:\d\d<\/td>/);
    assert.match(html, />sub\/<\/a><\/td><td class="n"><\/td>/);
  });

  it('escapes names as HTML and as URLs', async (t) => {
    const names = [
      '<script>alert(1)<',
      '"onmouseover=x',
      "'q'",
      'a&amp;b',
      'javascript:alert(1)',
      '?x#y',
      'a%41',
      '\u001b$B',
      'a\nb',
    ];
    const { hrefs, html, site } = await listed(t, Object.fromEntries(names.map((name) => [`public/${name}`, ''])));
    assert.equal(hrefs.length, names.length);
    const opened = hrefs.map((href) => site.meaning(`/${href.slice(2)}`)).sort();
    assert.deepEqual(opened, names.map((name) => `file public/${name}`).sort());
    for (const harm of ['<script', '"onmouseover', '\u001b', "'q'", 'a&amp;b', 'a\nb'])
      assert.ok(!html.includes(harm), harm);
    assert.ok(hrefs.every((href) => /^\.\/[\w%.:()$!*+,;=@~-]+$/.test(href)));
  });

  it('keeps bytes, and names only an encoding that is certain', async (t) => {
    const latin1 = await listed(t, { 'public/\u00e9t\u00e9.txt': '' });
    assert.deepEqual([latin1.contentType, latin1.hrefs], ['text/html', ['./%E9t%E9.txt']]);
    assert.ok(latin1.html.includes('>\u00e9t\u00e9.txt<'));
    assert.equal((await listed(t, { 'public/\u00c3\u00a9.txt': '' })).contentType, 'text/html; charset=utf-8');
    assert.equal((await listed(t, { 'public/e.txt': '' })).contentType, 'text/html; charset=utf-8');
    assert.equal(
      (await listed(t, { 'public/\u0095\u005d.txt': '' }, 'Shift_JIS')).contentType,
      'text/html; charset=Shift_JIS',
    );
  });

  it('escapes its own path, and links to the folder above but from the top', async () => {
    const entries = [{ name: 'x', kind: 'file', size: 3 * 1024 ** 3, modifiedAt: Number.NaN }] as const;
    const page = (await listingPage({ folder: '/f', urlPath: '/<b>&/' }, { list: async () => entries })).body.toString(
      'latin1',
    );
    assert.ok(
      page.includes('<title>Index of /&#60;b&#62;&#38;/</title>') &&
        page.includes('href="../"') &&
        page.includes('3.0 GiB'),
    );
    assert.ok(!(await listingPage({ folder: '/f', urlPath: '/' }, { list: async () => [] })).body.includes('../'));
  });

  it('of thousands lets others be answered meanwhile', async (t) => {
    const { site, root } = temporarySite(t, {});
    const folder = path.join(root, 'public');
    for (let index = 0; index < 1000; index += 1) fs.writeFileSync(path.join(folder, `${index}.txt`), '');
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 0);
    const entries = await site.list({ folder, urlPath: '/' });
    clearInterval(counting);
    assert.equal(entries.length, 1000);
    assert.ok(turns >= 3, `${turns} turns`);
  });
});
