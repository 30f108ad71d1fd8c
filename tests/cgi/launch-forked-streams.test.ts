import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_LIMITS, outcome, run, shell, started, startForkedLauncher } from '../support/forked-launcher.ts';

const GIGABYTE = 1024 ** 3;
const FLAT_BYTES = 120 * 1024 ** 2;

describe('the pipes of a script', () => {
  it('carry 1 GB out with flat memory', async (t) => {
    const launcher = await startForkedLauncher(t);
    const before = process.memoryUsage().rss;
    const script = await started(launcher, shell(`head -c ${GIGABYTE} /dev/zero`));
    let total = 0;
    for await (const chunk of script.stdout) total += chunk.length;
    assert.equal(total, GIGABYTE);
    assert.ok(process.memoryUsage().rss - before < FLAT_BYTES);
  });

  it('carry 1 GB in with flat memory', async (t) => {
    const launcher = await startForkedLauncher(t);
    const before = process.memoryUsage().rss;
    const script = await started(launcher, shell('wc -c', { hasBody: true }));
    assert.ok(script.stdin);
    await pipeline(Readable.from(zeros(GIGABYTE)), script.stdin);
    assert.equal((await outcome(script)).stdout, `${GIGABYTE}\n`);
    assert.ok(process.memoryUsage().rss - before < FLAT_BYTES);
  });

  it('hold a script up that nobody reads', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('yes & wait'));
    script.stdout.once('readable', () => undefined);
    await sleep(200);
    assert.ok(script.stdout.readableLength <= 128 * 1024, `${script.stdout.readableLength}`);
    script.signalGroup('SIGKILL');
  });

  it('hold a writer up that no script reads, and fail it with EPIPE at the exit', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('sleep 0.2', { hasBody: true }));
    assert.equal(script.stdin?.write(Buffer.alloc(GIGABYTE / 64)), false);
    const [error] = await once(script.stdin ?? script.stdout, 'error');
    assert.equal(error.code, 'EPIPE');
    assert.deepEqual(await script.exit, { kind: 'exited', code: 0 });
  });

  it('deliver an empty output also to a late reader', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell(':'));
    await script.exit;
    await sleep(20);
    assert.deepEqual(await outcome(script), { stdout: '', stderr: '', exit: { kind: 'exited', code: 0 } });
  });

  it('deliver each flush at once', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('echo first; read line; echo second', { hasBody: true }));
    const [first] = await once(script.stdout, 'data');
    assert.equal(String(first), 'first\n');
    script.stdin?.end('go\n');
    assert.equal((await outcome(script)).stdout, 'second\n');
  });
});

describe('limits of a script (setrlimit(2))', () => {
  it('end it by SIGXCPU after its processor time', async (t) => {
    const launcher = await startForkedLauncher(t, { limits: { ...NO_LIMITS, cpuSeconds: 1 } });
    const { exit } = await run(launcher, shell('while :; do :; done'));
    assert.deepEqual(exit, { kind: 'killed', signal: 'SIGXCPU' });
  });

  it('hold its memory, files and processes', async (t) => {
    const limits = { cpuSeconds: null, memoryBytes: 64 * 1024 ** 2, processes: 4000, fileSizeBytes: 4096 };
    const launcher = await startForkedLauncher(t, { limits });
    const { stdout } = await run(launcher, shell('ulimit -Hv; ulimit -Hp; cat /proc/self/limits | grep "file size"'));
    assert.match(stdout, /^65536\n4000\nMax file size +4096 +4096 +bytes/);
  });

  it('change nothing else of what it gets, nor why it fails', async (t) => {
    const launcher = await startForkedLauncher(t, { limits: { ...NO_LIMITS, cpuSeconds: 10 } });
    const look = 'ls /proc/self/fd; grep Sig[BI] /proc/self/status; cat; umask; cut -d" " -f6 /proc/$$/stat; echo $$';
    const { stdout } = await run(launcher, shell(look, { workingDirectory: '/tmp' }), 'body\n');
    const [fds, rest] = [stdout.slice(0, 8), stdout.slice(8).split('\n')];
    assert.equal(fds, '0\n1\n2\n3\n');
    assert.deepEqual(rest.slice(0, 4), ['SigBlk:\t0000000000000000', 'SigIgn:\t0000000000000000', 'body', '0022']);
    assert.equal(rest[4], rest[5]);
    assert.deepEqual(await launcher.launch(shell('', { file: '/nowhere' })), { kind: 'failed', errno: 'ENOENT' });
    const badName = shell('', { environment: { 'A=B': 'x' } });
    assert.deepEqual(await launcher.launch(badName), { kind: 'failed', errno: 'EINVAL' });
  });
});

function* zeros(total: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536);
  for (let sent = 0; sent < total; sent += chunk.length) yield chunk;
}
