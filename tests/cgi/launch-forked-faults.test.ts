import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launch, Launcher } from '../../server/cgi/launcher.ts';
import { outcome, readableScript, run, shell, started, startForkedLauncher } from '../support/forked-launcher.ts';

describe('many launches', () => {
  it('leave no zombie and no descriptor behind', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const server = await parentOf(launcher);
    await inTurns(64, 8, () => run(launcher, shell('cat; echo x >&2'), 'body'));
    const before = [descriptorsOf('self'), descriptorsOf(server)];
    await inTurns(500, 16, (turn) => run(launcher, shell('cat; exit 1'), turn % 2 === 0 ? 'body' : undefined));
    await inTurns(50, 16, () => launcher.launch(shell('', { file: '/nowhere' })));
    await sleep(50);
    assert.deepEqual([descriptorsOf('self'), descriptorsOf(server)], before);
    assert.deepEqual(childrenOf(server), []);
  });

  it('do not wait for one another', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const stuck = await started(launcher, shell('read line; echo done $line', { hasBody: true }));
    await inTurns(100, 50, () => run(launcher, shell(':')));
    stuck.stdin?.end('now\n');
    assert.equal((await outcome(stuck)).stdout, 'done now\n');
  });
});

describe('a fork server that is killed', () => {
  it('breaks the output of its scripts off, whose exit is then unknown', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const script = await started(launcher, shell('echo one; read line; echo two', { hasBody: true }));
    const [first] = await once(script.stdout, 'data');
    script.stderr.on('error', () => undefined);
    process.kill(await parentOf(launcher), 'SIGKILL');
    const [error] = await once(script.stdout, 'error');
    assert.deepEqual([String(first), error.message], ['one\n', 'its fork server ended']);
    script.stdin?.end('go on\n');
    assert.deepEqual(await script.exit, { kind: 'killed', signal: 'unknown' });
  });

  it('leaves what Node reads itself alone', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const script = await started(launcher, shell('head -c 100000 /dev/zero; read line; echo end', { hasBody: true }));
    const output = script.stdout.iterator({ destroyOnReturn: false });
    let bytes = 0;
    while (bytes < 100_000) bytes += (await output.next()).value.length;
    script.stderr.on('error', () => undefined);
    process.kill(await parentOf(launcher), 'SIGKILL');
    script.stdin?.end('go on\n');
    assert.equal(String((await output.next()).value), 'end\n');
  });

  it('amid 64 launches costs those that ran; those not begun are run by the next', async (t) => {
    const warnings: string[] = [];
    const launcher = await startForkedLauncher(t, { helpers: 1, warnings });
    const server = await parentOf(launcher);
    const descriptors = descriptorsOf('self');
    const launches = Array.from({ length: 64 }, () => launcher.launch(shell('sleep 0.1; echo ok')));
    await launches[10];
    process.kill(server, 'SIGKILL');
    const outputs = await Promise.all(launches.map(outputOrReason));
    assert.deepEqual(new Set([...outputs, 'ok\n']), new Set(['ok\n', 'its fork server ended', ...lostOnce(outputs)]));
    assert.equal(outputs.at(-1), 'ok\n');
    assert.deepEqual(warnings, ['a fork server ended; another one is started']);
    assert.notEqual(await parentOf(launcher), server);
    await sleep(50);
    assert.ok(descriptorsOf('self') <= descriptors);
  });

  it('by a script is replaced, and other signals of a script do nothing to it', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const server = await parentOf(launcher);
    await run(launcher, shell('kill $PPID; kill -INT $PPID; kill -HUP $PPID'));
    assert.equal(await parentOf(launcher), server);
    await outputOrReason(launcher.launch(shell('kill -9 $PPID; echo done')));
    assert.notEqual(await parentOf(launcher), server);
  });
});

describe('a fork server that is stopped', () => {
  it('is replaced, and only the launch it was busy with fails', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    process.kill(await parentOf(launcher), 'SIGSTOP');
    const launches = await Promise.all([1, 2, 3].map(() => launcher.launch(shell(':'))));
    assert.deepEqual(
      launches.map((launch) => (launch.kind === 'failed' ? launch.errno : launch.kind)),
      ['RUNNER_LOST', 'started', 'started'],
    );
  });
});

describe('a fork server whose Node is gone', () => {
  const SCRIPTS = { its: 'echo $PPID; exec sleep 60', 'its deaf': "trap '' TERM; echo $PPID; exec sleep 60" };
  for (const [whose, line] of Object.entries(SCRIPTS))
    it(`ends, and ${whose} scripts with it, when Node is killed`, async () => {
      const program = `
      import { shell, started } from './tests/support/forked-launcher.ts';
      import { createForkedLauncher } from './server/cgi/launch-forked.ts';
      const limits = { cpuSeconds: null, memoryBytes: null, processes: null, fileSizeBytes: null };
      const launcher = await createForkedLauncher({ environment: process.env, limits, warn: console.error });
      const script = await started(launcher, shell(${JSON.stringify(line)}));
      script.stdout.once('data', (pid) => console.log(script.pid, Number(pid)));
    `;
      const node = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [pids] = await once(node.stdout, 'data');
      node.kill('SIGKILL');
      for (const pid of String(pids).trim().split(' ')) await until(() => !existsSync(`/proc/${pid}`));
    });

  it('ends at close and leaves scripts alone', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const server = await parentOf(launcher);
    const script = await started(launcher, shell('read line; echo $line', { hasBody: true }));
    await launcher.close();
    assert.ok(!existsSync(`/proc/${server}`));
    script.stdin?.end('alive\n');
    assert.equal((await outcome(script)).stdout, 'alive\n');
  });
});

describe('a system without resources', () => {
  it('fails launches with a body with EMFILE when Node has no descriptor left', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const limit = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]);
    execFileSync('prlimit', [`--pid=${process.pid}`, '--nofile=200:']);
    const taken: number[] = [];
    try {
      while (taken.length < 300) taken.push(openSync('/dev/null', 'r'));
    } catch {}
    const launch = await launcher.launch(shell('cat; sleep 60', { hasBody: true }));
    const without = await run(launcher, shell('echo none needed'));
    for (const descriptor of taken) closeSync(descriptor);
    execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${limit}:`]);
    assert.deepEqual(launch, { kind: 'failed', errno: 'EMFILE' });
    assert.equal(without.stdout, 'none needed\n');
    assert.equal((await run(launcher, shell('cat'), 'again')).stdout, 'again');
  });

  it('fails launches when a fork server has no descriptor left, and goes on after', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const server = await parentOf(launcher);
    execFileSync('prlimit', [`--pid=${server}`, '--nofile=8:']);
    const failures = await inTurns(20, 20, () => launcher.launch(shell(':')));
    assert.ok(failures.some((launch) => launch.kind === 'failed' && launch.errno === 'EMFILE'));
    execFileSync('prlimit', [`--pid=${server}`, '--nofile=1024:']);
    await sleep(300);
    await inTurns(20, 20, () => run(launcher, shell(':')));
    assert.equal(await parentOf(launcher), server);
  });
});

describe('a system without memory', () => {
  it('fails launches with ENOMEM when no process can be made, and goes on after', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const server = await parentOf(launcher);
    execFileSync('prlimit', [`--pid=${server}`, '--as=4096:']);
    assert.deepEqual(await launcher.launch(shell(':')), { kind: 'failed', errno: 'ENOMEM' });
    execFileSync('prlimit', [`--pid=${server}`, '--as=unlimited:']);
    assert.equal(await parentOf(launcher), server);
  });
});

async function parentOf(launcher: Launcher): Promise<number> {
  return Number((await run(launcher, shell('echo $PPID'))).stdout);
}

/** What a script wrote, the errno of its launch, or why its output broke off. */
async function outputOrReason(launching: Promise<Launch>): Promise<string> {
  const launch = await launching;
  if (launch.kind === 'failed') return launch.errno;
  const { stdout, stderr } = readableScript(launch.process);
  stderr.on('error', () => undefined);
  return text(stdout).catch((error: Error) => error.message);
}

/** The launch that was in hand: whether its script had begun is not known. */
function lostOnce(outputs: readonly string[]): readonly string[] {
  const lost = outputs.filter((output) => output === 'RUNNER_LOST');
  assert.ok(lost.length <= 1, `${outputs}`);
  return lost;
}

/** All results, with so many under way at once. */
async function inTurns<Result>(
  count: number,
  atOnce: number,
  work: (turn: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      results.push(await work(next));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

function descriptorsOf(pid: number | 'self'): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .split(' ')
    .filter((child) => child !== '');
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !isTrue(); turn += 1) await sleep(50);
  assert.ok(isTrue());
}
