// Words after the image: commands of cgibox, and programs in their place, as CI systems start them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { describeImage, IMAGE } from './image-under-test.ts';
import { siteFolder } from './site-folder.ts';

await describeImage('words after the image', (image) => {
  describe('a program', () => {
    it('runs in the place of a command', async () => {
      const { exitCode, stdout } = await image.runOnce([], 'perl', '-v');
      assert.equal(exitCode, 0);
      assert.match(stdout, /This is perl 5, version 40/);
    });

    it('gets its arguments, streams and exit code as they are', async () => {
      const words = ['sh', '-c', 'printf "%s|" "$@"; echo talk >&2; exit 7', 'name', '--help', 'a b', ''];
      assert.deepEqual(await image.runOnce([], ...words), { exitCode: 7, stdout: '--help|a b||', stderr: 'talk\n' });
    });

    it('reads a script from standard input, as GitLab sends it', async () => {
      const child = spawn('docker', ['run', '--rm', '-i', IMAGE, 'sh'], {
        env: { ...process.env, ...image.environment },
      });
      const output = child.stdout.toArray();
      child.stdin.end('set -e\nyes | head -1\npwd\n');
      const [exitCode] = await once(child, 'close');
      assert.equal(Buffer.concat(await output).toString(), 'y\n/\n');
      assert.equal(exitCode, 0);
    });

    it('starts with default signals and blocking streams', async () => {
      const { stdout } = await image.runOnce([], 'grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status');
      assert.equal(stdout, 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
      const flags = 'use Fcntl; print map { fcntl($_, F_GETFL, 0) & O_NONBLOCK ? "n" : "b" } *STDIN, *STDOUT, *STDERR';
      assert.equal((await image.runOnce([], 'perl', '-e', flags)).stdout, 'bbb');
    });

    it('runs in any working directory', async (t) => {
      const folder = siteFolder(t, { 'test.sh': '#!/bin/sh\npwd\n' });
      const { stdout } = await image.runOnce(['-v', `${folder}:/work`, '-w', '/work'], 'sh', './test.sh');
      assert.equal(stdout, '/work\n');
    });

    it('may replace the entrypoint, as a job container does', async () => {
      const { stdout } = await image.runOnce(['--entrypoint', 'tail'], '-n1', '/etc/debian_version');
      assert.match(stdout, /^13|trixie/);
    });
  });

  describe('a command', () => {
    it('is understood without its name', async () => {
      const { exitCode, stdout } = await image.runOnce([], '--version');
      assert.equal(exitCode, 0);
      assert.match(stdout, /^cgibox \d+\.\d+\.\d+$/m);
    });

    it('is understood by its name', async () => {
      const { exitCode, stderr } = await image.runOnce([], 'config', '--check');
      assert.equal(exitCode, 0, stderr);
    });

    it('is suggested for a word that is neither', async () => {
      const { exitCode, stderr } = await image.runOnce([], 'serv');
      assert.equal(exitCode, 2);
      assert.match(stderr, /did you mean cgibox serve\?/);
    });

    it('settles nothing twice: no warning about the variables of the image', async () => {
      assert.equal((await image.runOnce([], 'config')).stderr, '');
    });
  });
});
