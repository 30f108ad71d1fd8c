// What is mounted at /site, good and bad: each mistake is one clear message and an exit code, and never a restart loop.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { describeImage, REPOSITORY } from './image-under-test.ts';
import { copiedSite, emptyFolder, shellScript, siteFolder } from './site-folder.ts';

await describeImage('mounts', (image) => {
  const refused = async (options: readonly string[], ...words: readonly string[]) => {
    const { exitCode, stdout, stderr } = await image.runOnce(options, ...words);
    assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /^\s+at /m, 'a stack trace');
    return { exitCode, stderr };
  };

  describe('nothing at /site', () => {
    it('serves the sample, whose guestbook can be signed', async (t) => {
      const container = await image.start(t);
      assert.match(await container.text('/'), /<html/);
      assert.match(await container.text('/cgi-bin/hello.pl'), /Perl/i);
      const form = new URLSearchParams({ name: 'Ada', text: 'was here' });
      assert.equal((await container.get('/cgi-bin/guestbook.pl', { method: 'POST', body: form })).status, 303);
      assert.match(await container.text('/cgi-bin/guestbook.pl'), /was here/);
      assert.doesNotMatch(await container.logs(), /^warning/m);
    });
  });

  describe('a site at /site', () => {
    it('runs a messy old site as it is', async (t) => {
      const folder = copiedSite(t, join(REPOSITORY, 'tests/fixtures/messy-site'));
      const container = await image.start(t, ['-v', `${folder}:/site`]);
      assert.match(await container.text('/'), /<html|<HTML/);
      assert.equal((await container.get('/cgi-bin/counter.pl')).status, 200);
      assert.equal((await container.get('/cgi-bin/passwords.txt')).status, 403);
      assert.equal((await container.get('/members/passwords.txt')).status, 403);
    });

    it('shows an edited script at the next request', async (t) => {
      const folder = siteFolder(t, { 'cgi-bin/a': shellScript('echo before') });
      const container = await image.start(t, ['-v', `${folder}:/site`]);
      assert.equal(await container.text('/cgi-bin/a'), 'before\n');
      writeFileSync(join(folder, 'cgi-bin/a'), shellScript('echo after'));
      assert.equal(await container.text('/cgi-bin/a'), 'after\n');
    });

    it('is served at the place where it once was', async (t) => {
      const home = '/home/joe/public_html';
      const folder = siteFolder(t, {
        'cgi-bin/a': shellScript(`cat ${home}/data.txt`),
        'data.txt': 'from an absolute path\n',
      });
      const container = await image.start(t, ['-v', `${folder}:${home}`], 'serve', home);
      assert.equal(await container.text('/cgi-bin/a'), 'from an absolute path\n');
    });

    it('reads the configuration in it', async (t) => {
      const folder = siteFolder(t, {
        'cgibox.yaml': 'site: { root: ., documentRoot: pages }\ncgi: { scriptAlias: { /run/: programs } }\n',
        'pages/index.html': 'the page',
        'programs/a.sh': shellScript('echo run'),
      });
      const container = await image.start(t, ['-v', `${folder}:/site`]);
      assert.equal(await container.text('/'), 'the page');
      assert.equal(await container.text('/run/a.sh'), 'run\n');
    });

    it('is served read-only with a warning that says how to change it', async (t) => {
      const folder = siteFolder(t, { 'cgi-bin/a': shellScript('echo works') });
      const container = await image.start(t, ['-v', `${folder}:/site:ro`]);
      assert.equal(await container.text('/cgi-bin/a'), 'works\n');
      assert.match(await container.logs(), /^warning: \/site is mounted read-only: .* leave ":ro" out of -v$/m);
    });
  });

  describe('a mistake', () => {
    it('is an empty folder', async (t) => {
      const { exitCode, stderr } = await refused(['-v', `${emptyFolder(t)}:/site`]);
      assert.equal(exitCode, 3);
      assert.match(stderr, /^error SITE_UNUSABLE: Cannot serve "\/site": the folder is empty\n {2}hint: /);
    });

    it('is a path that docker had to make', async (t) => {
      const { exitCode } = await refused(['-v', `${join(emptyFolder(t), 'mistyped')}:/site`]);
      assert.equal(exitCode, 3);
    });

    it('is a file', async (t) => {
      const folder = siteFolder(t, { 'index.html': '' });
      const { exitCode, stderr } = await refused(['-v', `${join(folder, 'index.html')}:/site`]);
      assert.equal(exitCode, 3);
      assert.match(stderr, /^error SITE_UNUSABLE: Cannot serve "\/site": it is a file, not a folder\n {2}hint: /);
    });

    it('is a folder that this user may not read', async (t) => {
      const folder = emptyFolder(t, { uid: 1234, gid: 1234 });
      mkdirSync(join(folder, 'cgi-bin'));
      await image.mustDocker('run', '--rm', '--user=0', '-v', `${folder}:/x`, 'cgibox', 'chmod', '700', '/x');
      const { exitCode, stderr } = await refused(['-v', `${folder}:/site`]);
      assert.equal(exitCode, 3);
      assert.match(stderr, /Cannot serve "\/site": the user 1000:1000 may not read it\n {2}hint: .*--user 1234:1234/);
    });

    it('is a configuration with an error, shown at its line', async (t) => {
      const folder = siteFolder(t, { 'cgibox.yaml': 'limits:\n  timeoutSeconds: soon\n', 'index.html': '' });
      const { exitCode, stderr } = await refused(['-v', `${folder}:/site`]);
      assert.equal(exitCode, 2);
      assert.match(stderr, /cgibox\.yaml:2:\d+/);
      assert.match(stderr, /limits\.timeoutSeconds/);
    });

    it('is a port that is taken', async (t) => {
      const first = await image.start(t);
      const { exitCode, stderr } = await image.docker('run', '--rm', `--network=container:${first.id}`, 'cgibox');
      assert.equal(exitCode, 3);
      assert.match(stderr, /^error PORT_TAKEN: /m);
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  });
});
