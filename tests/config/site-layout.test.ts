import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { missingFolders } from '../../server/config/site-layout.ts';
import { errorOf, loadIn } from './loading.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('a site without configuration (PRODUCT.md section 3)', () => {
  it('serves SITE itself where it holds a directory index', (t) => {
    for (const index of ['index.html', 'index.htm', 'index.cgi', 'index.pl', 'index.py', 'index.sh']) {
      const site = temporaryFolder(t, { [index]: '', 'public/index.html': '' });
      assert.equal(loadIn('/', { site }).config.site.documentRoot, site, index);
    }
  });

  it('serves the first of the usual folders, else SITE itself', (t) => {
    const names = ['public', 'public_html', 'htdocs', 'www', 'html', 'docs'];
    for (const [index, name] of names.entries()) {
      const files = Object.fromEntries(names.slice(index).map((folder) => [`${folder}/a.txt`, '']));
      const site = temporaryFolder(t, files);
      assert.equal(loadIn('/', { site }).config.site.documentRoot, join(site, name));
    }
    const site = temporaryFolder(t, { 'a.txt': '', www: 'a file' });
    assert.equal(loadIn('/', { site }).config.site.documentRoot, site);
  });

  it('finds script folders in SITE and in the document root', (t) => {
    const site = temporaryFolder(t, { 'cgi-bin/': '', 'htdocs/cgi/': '', 'htdocs/htbin/': '', 'cgi-local': 'a file' });
    const { config, origins, file } = loadIn('/', { site });
    assert.equal(file, undefined);
    assert.deepEqual(config.cgi.scriptAlias, {
      '/cgi-bin/': join(site, 'cgi-bin'),
      '/cgi/': join(site, 'htdocs/cgi'),
      '/htbin/': join(site, 'htdocs/htbin'),
    });
    assert.equal(origins['cgi.scriptAlias'], 'found in SITE');
  });

  it('has no script folder where there is none', (t) => {
    assert.deepEqual(loadIn('/', { site: temporaryFolder(t, { 'a.py': '' }) }).config.cgi.scriptAlias, {});
  });

  it('takes the folder of SITE where both hold one, and says so', (t) => {
    const site = temporaryFolder(t, { 'cgi-bin/': '', 'public/cgi-bin/': '' });
    const { config, warnings } = loadIn('/', { site });
    assert.equal(config.cgi.scriptAlias['/cgi-bin/'], join(site, 'cgi-bin'));
    assert.match(warnings.join(), /public\/cgi-bin is not reached/);
  });

  it('does not read the configuration of the working directory', (t) => {
    const folder = temporaryFolder(t, { 'cgibox.yaml': 'server: {port: 1}', 'site/index.html': '' });
    assert.equal(loadIn(folder, { site: 'site' }).config.server.port, 8000);
  });
});

describe('a site with cgibox.yaml', () => {
  it('is read from it, its root being SITE', (t) => {
    const site = temporaryFolder(t, {
      'cgibox.yaml': 'server: {port: 1}\nsite: {documentRoot: pages}\n',
      'public/': '',
    });
    const { config, file } = loadIn('/', { site });
    assert.equal(file, join(site, 'cgibox.yaml'));
    assert.deepEqual([config.site.root, config.site.documentRoot], [site, join(site, 'pages')]);
    assert.equal(config.server.port, 1);
  });

  it('finds what the file leaves out as without a file', (t) => {
    const site = temporaryFolder(t, { 'cgibox.yaml': 'limits: {running: 2}', 'www/': '', 'htbin/': '' });
    const { config } = loadIn('/', { site });
    assert.equal(config.site.documentRoot, join(site, 'www'));
    assert.deepEqual(config.cgi.scriptAlias, { '/htbin/': join(site, 'htbin') });
  });

  it('warns of a file that is nearly named so', (t) => {
    const { warnings, watched } = loadIn('/', { site: temporaryFolder(t, { 'cgibox.yml': '' }) });
    assert.match(warnings.join(), /cgibox\.yml is not read: name it cgibox\.yaml/);
    assert.match(watched, /cgibox\.yaml$/);
  });

  it('gives way to a named file, which is then about SITE', (t) => {
    const folder = temporaryFolder(t, {
      'a.yaml': 'site: {root: /elsewhere}',
      'site/cgibox.yaml': 'server: {port: 1}',
    });
    const { config } = loadIn(folder, { site: 'site', file: 'a.yaml' });
    assert.deepEqual([config.site.root, config.server.port], [join(folder, 'site'), 8000]);
  });
});

describe('a SITE that cannot be served', () => {
  it('is an error that says why, exit code 3', (t) => {
    const folder = temporaryFolder(t, { file: '' });
    symlinkSync('loop', join(folder, 'loop'));
    const reasons = {
      absent: 'there is no such folder',
      file: 'it is not a folder',
      'file/below': 'a part of its path is a file, not a folder',
      loop: 'its symbolic links go in a circle',
    };
    for (const [site, reason] of Object.entries(reasons)) {
      const error = errorOf(() => loadIn(folder, { site }));
      assert.equal(error.code, 'SITE_UNUSABLE');
      assert.equal(error.message, `Cannot serve "${site}": ${reason}`);
    }
  });

  it('is told with its reason, too, where the configuration names it', (t) => {
    const folder = temporaryFolder(t, { 'a.yaml': 'site: {documentRoot: pages}', file: '' });
    symlinkSync('loop', join(folder, 'loop'));
    const reasons = {
      absent: 'there is no such folder',
      file: 'it is not a folder',
      loop: 'its symbolic links go in a circle',
    };
    for (const [documentRoot, reason] of Object.entries(reasons)) {
      writeFileSync(join(folder, 'a.yaml'), `site: {root: ., documentRoot: ${documentRoot}}`);
      const { config } = loadIn(folder, { file: 'a.yaml' });
      const error = errorOf(() => missingFolders(config));
      assert.equal(error.code, 'SITE_UNUSABLE');
      assert.ok(error.message.endsWith(`${documentRoot}": ${reason}, and no script folder either`), error.message);
    }
  });
});
