// The command as npm installs it: a shell script that finds the project and its Node, wherever it is called from.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { START_FLAGS } from '../support/start-flags.ts';
import { temporaryFolder } from '../support/start-site.ts';

const COMMAND = resolve('server/cgibox.sh');

/** A `node` that tells its version, or the arguments it was given. */
const nodeOf = (version: string) => `#!/bin/sh\n[ "$1" = --version ] && exec echo ${version}\necho "$0 $*"\n`;

/** A project with nothing in it but the command, and a Node on PATH. */
async function projectWith(t: TestContext, { version, own = false }: { version: string; own?: boolean }) {
  const folder = await temporaryFolder(t);
  const [server, bin, elsewhere] = ['project/server', 'project/node_modules/.bin', 'elsewhere'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  for (const name of [server, bin, elsewhere]) mkdirSync(name, { recursive: true });
  cpSync(COMMAND, join(server, 'cgibox.sh'));
  writeFileSync(join(elsewhere, 'node'), nodeOf(version), { mode: 0o755 });
  if (own) writeFileSync(join(bin, 'node'), nodeOf('v24.1.0'), { mode: 0o755 });
  symlinkSync('../project/server/cgibox.sh', join(elsewhere, 'cgibox'));
  const run = () =>
    spawnSync(join(elsewhere, 'cgibox'), ['serve', './a b'], {
      cwd: elsewhere,
      env: { PATH: `${elsewhere}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
  return { project: join(folder, 'project'), elsewhere, run };
}

describe('the command cgibox', () => {
  it('takes the Node of its project, through links and from another folder', async (t) => {
    const { project, run } = await projectWith(t, { version: 'v20.1.0', own: true });
    const words = [`${project}/node_modules/.bin/node`, ...START_FLAGS, `${project}/server/main.ts`, 'serve', './a b'];
    assert.equal(run().stdout, `${words.join(' ')}\n`);
  });

  it('takes the Node on PATH where the project brings none', async (t) => {
    const { project, elsewhere, run } = await projectWith(t, { version: 'v26.0.1' });
    assert.equal(run().stdout.split(' ')[0], `${elsewhere}/node`);
    assert.match(run().stdout, new RegExp(` ${project}/server/main\\.ts serve \\./a b\\n$`));
  });

  it('says what to do where that one is too old', async (t) => {
    const { project, run } = await projectWith(t, { version: 'v20.1.0' });
    const { status, stdout, stderr } = run();
    assert.deepEqual([status, stdout], [3, '']);
    assert.match(stderr, /^error: cgibox needs Node 24, and this is v20\.1\.0\n {2}hint: \(cd \S+ && npm ci\)/);
    assert.ok(stderr.includes(project));
  });

  it('serves a folder that is named from where it is called', async (t) => {
    const folder = await temporaryFolder(t);
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site/index.html'), 'home');
    const { status, stdout } = spawnSync(COMMAND, ['config', './site', '--json'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0);
    assert.ok(stdout.includes(join(folder, 'site')), stdout);
  });

  it('is what package.json names', () => {
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
    assert.equal(resolve(bin.cgibox), COMMAND);
    assert.equal(dirname(bin.cgibox), 'server');
  });
});
