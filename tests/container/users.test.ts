// As whom the image runs, with what rights, and to whom the files belong that scripts write.
import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { describeImage } from './image-under-test.ts';
import { type Owner, type SiteFiles, shellScript, siteFolder } from './site-folder.ts';

const WRITER: SiteFiles = {
  'cgi-bin/write': shellScript('echo kept >> ../kept.txt && echo written', 'id -u; id -g; id -G'),
  'index.html': 'a page',
};
/** What docker-compose.yml gives and takes. */
const COMPOSE = ['--user=0:0', '--cap-drop=ALL', '--cap-add=SETUID', '--cap-add=SETGID', '--cap-add=KILL'];
const LOCKED = ['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges'];

await describeImage('users', (image) => {
  const ownerOf = (file: string): Owner => ({ uid: statSync(file).uid, gid: statSync(file).gid });

  describe('by default', () => {
    it('runs as 1000:1000', async (t) => {
      const folder = siteFolder(t, WRITER);
      const container = await image.start(t, ['-v', `${folder}:/site`]);
      assert.equal(await container.text('/cgi-bin/write'), 'written\n1000\n1000\n1000\n');
      assert.deepEqual(ownerOf(join(folder, 'kept.txt')), { uid: 1000, gid: 1000 });
      assert.doesNotMatch(await container.logs(), /started as root|^warning/m);
    });
  });

  describe('started as root, as compose does', () => {
    for (const owner of [
      { uid: 1000, gid: 1000 },
      { uid: 4711, gid: 815 },
    ]) {
      it(`becomes the owner of the site, ${owner.uid}:${owner.gid}, and says so`, async (t) => {
        const folder = siteFolder(t, WRITER, owner);
        chmodSync(folder, 0o700); // root without CAP_DAC_OVERRIDE may not even look inside
        const container = await image.start(t, [...COMPOSE, '-v', `${folder}:/site`]);
        assert.equal(await container.text('/cgi-bin/write'), `written\n${owner.uid}\n${owner.gid}\n${owner.gid}\n`);
        assert.deepEqual(ownerOf(join(folder, 'kept.txt')), owner);
        const line = `started as root, runs as ${owner.uid}:${owner.gid}: the owner of /site`;
        assert.equal((await container.logs()).split('\n').filter((text) => text === line).length, 1);
        const node = (await container.processes()).filter((text) => / node .*cgibox serve$/.test(text));
        assert.ok(node.length > 0 && node.every((text) => text.split(' ')[3] === String(owner.uid)), node.join('\n'));
      });
    }

    it('becomes 1000:1000 for a site that belongs to root', async (t) => {
      const folder = siteFolder(t, WRITER, { uid: 0, gid: 0 });
      const container = await image.start(t, [...COMPOSE, '-v', `${folder}:/site`]);
      assert.match(await container.logs(), /^started as root, runs as 1000:1000: \/site belongs to root$/m);
      assert.match(
        await container.logs(),
        /^warning: \/site cannot be written by 1000:1000; to mend it: chown -R 1000:1000 on the host /m,
      );
    });

    it('keeps no capability', async (t) => {
      const folder = siteFolder(t, { 'cgi-bin/status': shellScript('grep ^Cap /proc/$PPID/status /proc/self/status') });
      const container = await image.start(t, [...COMPOSE, '-v', `${folder}:/site`]);
      const sets = (await container.text('/cgi-bin/status')).matchAll(/Cap(?:Prm|Eff|Inh|Amb):\s+([0-9a-f]+)/g);
      for (const [line, value] of sets) assert.equal(Number.parseInt(value ?? '', 16), 0, line);
    });

    it('says which capability is missing', async () => {
      const { exitCode, stderr } = await image.runOnce(['--user=0', '--cap-drop=ALL']);
      assert.equal(exitCode, 3);
      assert.match(stderr, /^error RUN_AS_REFUSED: Cannot become 1000:1000 .*\n {2}hint: add --cap-add SETUID/);
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  });

  describe('started as somebody', () => {
    for (const user of ['1000:1000', '4711:4711', '4711']) {
      it(`serves as ${user}, read-only, without capabilities or network`, async (t) => {
        const folder = siteFolder(t, WRITER);
        const options = [...LOCKED, `--user=${user}`, '--network=none', '-v', `${folder}:/site`];
        const container = await image.start(t, options);
        const ask = `fetch('http://127.0.0.1:8000/cgi-bin/write').then(r => r.text()).then(t => process.stdout.write(t))`;
        const { stdout } = await container.exec('node', '-e', ask);
        assert.match(stdout, user.startsWith('1000') ? /^written\n1000\n/ : /^4711\n/);
      });
    }

    it('warns where the site cannot be written, with the command that mends it', async (t) => {
      const folder = siteFolder(t, WRITER);
      const container = await image.start(t, ['--user=4711', '-v', `${folder}:/site`]);
      assert.equal(await container.text('/'), 'a page');
      const mend = 'warning: /site cannot be written by 4711:0; to mend it: docker run --user 1000:1000';
      assert.ok((await container.logs()).includes(`${mend}\n`), await container.logs());
    });

    it('has a home and a temporary folder that can be written', async (t) => {
      const folder = siteFolder(t, { 'cgi-bin/a': shellScript('touch "$HOME/a" "${TMPDIR:-/tmp}/b" && echo written') });
      const container = await image.start(t, [...LOCKED, '--user=4711', '-v', `${folder}:/site`]);
      assert.equal(await container.text('/cgi-bin/a'), 'written\n');
    });
  });

  describe('git in a mounted repository of somebody else', () => {
    it('is not refused for dubious ownership', async (t) => {
      const tag = 'cgibox:with-git';
      t.after(() => image.docker('image', 'rm', '--force', tag));
      await image.mustDocker('build', '-q', '-t', tag, '--build-arg', 'EXTRA_PACKAGES=git', '.');
      const folder = siteFolder(t, { 'cgi-bin/log': shellScript('git rev-parse --is-inside-work-tree 2>&1') });
      const mount = ['-v', `${folder}:/site`];
      await image.mustDocker('run', '--rm', ...mount, tag, 'git', 'init', '--quiet', '/site');
      const { stdout } = await image.docker(
        'run',
        '--rm',
        '--user=4711',
        ...mount,
        '-w',
        '/site/cgi-bin',
        tag,
        'sh',
        'log',
      );
      assert.match(stdout, /^true$/m);
    });
  });
});
