// The CI snippets of the README run as they stand there: on a host with Docker, and inside the image the way
// GitHub Actions (entrypoint replaced, docker exec) and GitLab (sh on standard input) start a job's container.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { copyBuildContext } from './build-context.ts';
import { run } from './command.ts';
import { describeImage, IMAGE, REPOSITORY } from './image-under-test.ts';
import { shellScript, siteFolder } from './site-folder.ts';

interface Job {
  readonly steps?: readonly { readonly run?: string }[];
  readonly script?: readonly string[];
}

const SITE = { 'index.html': 'a page', 'cgi-bin/hello.sh': shellScript('echo hello') };
const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const snippets = readme
  .slice(readme.indexOf('### In CI'))
  .split('```yaml\n')
  .slice(1)
  .map(
    (part) =>
      parse(part.slice(0, part.indexOf('```'))) as {
        readonly name?: string;
        readonly jobs?: { site: Job };
        readonly site?: Job;
      },
  );

function commandsOf(name: string | undefined): readonly string[] {
  const found = snippets.find((snippet) => snippet.name === name);
  const job = found?.jobs?.site ?? found?.site;
  const commands = job?.script ?? job?.steps?.flatMap((step) => step.run ?? []) ?? [];
  assert.ok(commands.length >= 3, `the README has no snippet "${name}"`);
  return commands;
}

await describeImage('CI snippets of the README', (image) => {
  describe('GitHub Actions', () => {
    it('builds, serves and asks on the host', async (t) => {
      const folder = siteFolder(t, SITE);
      t.after(() => image.docker('rm', '--force', 'site'));
      copyBuildContext(join(folder, '.cgibox'));
      for (const command of commandsOf('site')) {
        // As the runner does: each step in a shell of its own, the first failing line ends it.
        const { exitCode, stdout, stderr } = await run('bash', ['-e', '-c', command], {
          folder,
          environment: image.environment,
        });
        assert.equal(exitCode, 0, `${command}\n${stdout}\n${stderr}`);
      }
    });

    it('runs inside the image, its entrypoint replaced', async (t) => {
      const folder = siteFolder(t, SITE, { uid: 1001, gid: 1001 });
      const options = ['--user', 'root', '--entrypoint', 'tail', '-v', `${folder}:/__w/site`, '-w', '/__w/site'];
      const id = await image.mustDocker('run', '-d', ...options, IMAGE, '-f', '/dev/null');
      t.after(() => image.docker('rm', '--force', id));
      for (const command of commandsOf('inside')) {
        const { exitCode, stdout, stderr } = await image.docker(
          'exec',
          '-w',
          '/__w/site',
          id,
          'sh',
          '-e',
          '-c',
          command,
        );
        assert.equal(exitCode, 0, `${command}\n${stdout}\n${stderr}`);
      }
    });
  });

  describe('GitLab CI', () => {
    it('runs inside the image, its script on standard input', async (t) => {
      const folder = siteFolder(t, SITE, { uid: 0, gid: 0 });
      chmodSync(folder, 0o777); // the runner checks out with umask 0000, so that any user of an image can write
      const shell = 'if [ -x /bin/bash ]; then exec /bin/bash; else exec /bin/sh; fi';
      const words = [
        'run',
        '--rm',
        '-i',
        '-v',
        `${folder}:/builds/site`,
        '-w',
        '/builds/site',
        IMAGE,
        'sh',
        '-c',
        shell,
      ];
      const child = spawn('docker', words, { env: { ...process.env, ...image.environment } });
      const output = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
      child.stdin.end(`set -eo pipefail\n${commandsOf(undefined).join('\n')}\n`);
      const [exitCode] = await once(child, 'close');
      assert.equal(exitCode, 0, Buffer.concat((await output).flat()).toString());
    });
  });
});
