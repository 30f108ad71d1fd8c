// gitweb, the Perl program of 8000 lines that Debian ships for Apache, unmodified behind cgibox (gitweb(1)).
// Served as Apache serves it: a folder of the document root whose index is the script.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { whyPackageIsMissing } from '../support/debian-package.ts';
import { createGitClient } from '../support/git-client.ts';
import { startSite } from '../support/start-site.ts';

const GITWEB = '/usr/share/gitweb';
const PACKAGES = ['gitweb', 'libcgi-pm-perl', 'git'];
const PAGE = 'für alle\n';
const skip = whyPackageIsMissing(join(GITWEB, 'gitweb.cgi'), PACKAGES) ?? false;

describe('gitweb (gitweb(1))', { skip }, () => {
  it('lists the projects at the address of its folder', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^(text\/html|application\/xhtml\+xml)/);
    const page = await response.text();
    assert.match(page, />old\.git</);
    assert.match(page, /<\/html>\s*$/);
  });

  it('shows the summary of a project', async (t) => {
    const { get } = await startGitweb(t);
    const page = await (await get('/gitweb/?p=old.git;a=summary')).text();
    assert.match(page, /erste Seite/);
    assert.match(page, /A page of old, mended/);
  });

  it('shows a file as a page', async (t) => {
    const { get } = await startGitweb(t);
    const page = await (await get('/gitweb/?p=old.git;a=blob;f=page.txt;hb=HEAD')).text();
    assert.match(page, /für(&nbsp;| )alle/);
  });

  it('gives a file byte for byte', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/?p=old.git;a=blob_plain;f=page.txt;hb=HEAD');
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(response.headers.get('content-disposition') ?? '', /filename="page\.txt"/);
    assert.equal(await response.text(), PAGE);
  });

  it('takes project and file from PATH_INFO', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/index.cgi/old.git/blob_plain/HEAD:/page.txt');
    assert.equal(await response.text(), PAGE);
  });

  it('gives a snapshot that tar can read', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/?p=old.git;a=snapshot;h=HEAD;sf=tgz');
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-gzip/);
    const input = Buffer.from(await response.arrayBuffer());
    const { stdout, status } = spawnSync('tar', ['-xzO', '--wildcards', '*/page.txt'], { input, encoding: 'utf8' });
    assert.equal(status, 0);
    assert.equal(stdout, PAGE);
  });

  it('gives the log as RSS', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/?p=old.git;a=rss');
    assert.match(response.headers.get('content-type') ?? '', /xml/);
    assert.match(await response.text(), /^<\?xml .*<title>[^<]*erste Seite.*<\/rss>\s*$/s);
  });

  it('says 404 for a project that is not there', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/?p=gone.git;a=summary');
    assert.equal(response.status, 404);
    assert.match(await response.text(), /404 - No such project/);
  });

  it('has its style sheet sent as a static file', async (t) => {
    const { get } = await startGitweb(t);
    const response = await get('/gitweb/static/gitweb.css');
    assert.match(response.headers.get('content-type') ?? '', /^text\/css/);
    assert.equal(await response.text(), readFileSync(join(GITWEB, 'static/gitweb.css'), 'utf8'));
  });
});

async function startGitweb(t: TestContext) {
  const site = await startSite(
    t,
    { 'public/index.html': 'home' },
    { cgi: { environment: { GITWEB_CONFIG: '${SITE}/gitweb.conf' } } },
  );
  mkdirSync(join(site.folder, 'repositories'));
  cpSync(GITWEB, join(site.folder, 'public/gitweb'), { recursive: true, verbatimSymlinks: true });
  const settings = `$projectroot = "${site.folder}/repositories";
$feature{'pathinfo'}{'default'} = [1];
$feature{'snapshot'}{'default'} = ['tgz'];
1;
`;
  writeFileSync(join(site.folder, 'gitweb.conf'), settings);
  const client = createGitClient(t);
  const bare = join(site.folder, 'repositories/old.git');
  await client.git('.', 'init', '-q', '--bare', bare);
  writeFileSync(join(bare, 'description'), 'A page of old, mended\n');
  await client.git('.', 'init', '-q', 'origin');
  writeFileSync(join(client.folder, 'origin/page.txt'), PAGE);
  await client.git('origin', 'add', 'page.txt');
  await client.git('origin', 'commit', '-q', '-m', 'erste Seite');
  await client.git('origin', 'push', '-q', bare, 'main');
  return site;
}
