import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createForkedLauncher } from '../../server/cgi/launch-forked.ts';
import { NO_LIMITS, run, shell, started, startForkedLauncher } from '../support/forked-launcher.ts';

// 32 and 33 are the C library's own; its posix_spawn leaves them ignored, and no program can set them.
const OF_THE_C_LIBRARY = 0x1_8000_0000n;

/** sched(7). */
const SCHED_BATCH = 3;

describe('a script of the fork server', () => {
  it('gets its environment as bytes and nothing else', async (t) => {
    const launcher = await startForkedLauncher(t);
    const environment = { A: '\xe9\xff = \n', EMPTY: '', PATH: '/usr/bin:/bin' };
    const { stdout } = await run(launcher, shell('', { file: '/usr/bin/env', args: ['-0'], environment }));
    assert.deepEqual(stdout.split('\0').sort(), ['', 'A=\xe9\xff = \n', 'EMPTY=', 'PATH=/usr/bin:/bin']);
  });

  it('gets its arguments as bytes, empty ones too', async (t) => {
    const launcher = await startForkedLauncher(t);
    const { stdout } = await run(launcher, shell('', { file: '/usr/bin/printf', args: ['%s|', '\xe4', '', 'a b'] }));
    assert.equal(stdout, '\xe4||a b|');
  });

  it('has the descriptors 0 to 2 and no other', async (t) => {
    const launcher = await startForkedLauncher(t);
    const list = { file: '/bin/ls', args: ['-l', '/proc/self/fd'] };
    const { stdout } = await run(launcher, shell('', list), '');
    const targets = [...stdout.matchAll(/ (\d+) -> ([a-z/]+)/g)].map(([, number, target]) => `${number} ${target}`);
    assert.deepEqual(targets.slice(0, 3), ['0 pipe', '1 pipe', '2 pipe']);
    assert.match(targets.slice(3).join(), /^3 \/proc\/$/, 'only the listing itself');
  });

  it('has an empty stdin without a body', async (t) => {
    const launcher = await startForkedLauncher(t);
    const { stdout } = await run(launcher, shell('readlink /proc/self/fd/0; cat'));
    assert.equal(stdout, '/dev/null\n');
  });

  it('may open /dev/stdin and /dev/stderr by name', async (t) => {
    const launcher = await startForkedLauncher(t);
    const ran = await run(launcher, shell('cat /dev/stdin; echo oops > /dev/stderr'), 'body \xfc');
    assert.deepEqual(ran, { stdout: 'body \xfc', stderr: 'oops\n', exit: { kind: 'exited', code: 0 } });
  });

  it('leads its own session and process group', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('cut -d" " -f4-6 /proc/$$/stat; cut -d" " -f1 /proc/$$/stat'));
    const stdout = (await script.stdout.toArray()).join('');
    const [parent, group, session, own] = stdout.trim().split(/\s/);
    assert.deepEqual([group, session, own], [`${script.pid}`, `${script.pid}`, `${script.pid}`]);
    assert.notEqual(parent, `${process.pid}`);
  });

  it('has umask 022, whatever the server has, and its own working directory', async (t) => {
    const before = process.umask(0o077);
    t.after(() => process.umask(before));
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const { stdout } = await run(launcher, shell('umask; pwd', { workingDirectory: '/usr/bin' }));
    assert.equal(stdout, '0022\n/usr/bin\n');
  });

  it('ignores and blocks no signal', async (t) => {
    const launcher = await startForkedLauncher(t);
    const { stdout } = await run(launcher, shell('', { file: '/bin/grep', args: ['Sig', '/proc/self/status'] }));
    const sets = new Map(
      [...stdout.matchAll(/^(\w+):\t([0-9a-f]+)$/gm)].map(([, name, hex]) => [name, BigInt(`0x${hex}`)]),
    );
    assert.equal(sets.get('SigBlk'), 0n);
    assert.equal((sets.get('SigIgn') ?? 1n) & ~OF_THE_C_LIBRARY, 0n);
  });

  it('is batch work for the scheduler of the kernel (field 41 of proc_pid_stat(5))', async (t) => {
    const launcher = await startForkedLauncher(t);
    const { stdout } = await run(launcher, shell('cut -d" " -f41 /proc/$$/stat'));
    assert.equal(stdout, `${SCHED_BATCH}\n`);
  });

  it('runs for ten milliseconds at a turn, where the kernel lets it choose', async (t) => {
    const [major = 0, minor = 0] = release().split('.').map(Number);
    if (major * 100 + minor < 612) return t.skip('sched_setattr(2) takes a turn for such processes since Linux 6.12');
    const launcher = await startForkedLauncher(t);
    const look = `import ctypes, os, struct
bytes = ctypes.create_string_buffer(56)
ctypes.CDLL(None).syscall({'x86_64': 315, 'aarch64': 275}[os.uname().machine], 0, bytes, 56, 0)
print(struct.unpack_from('=IIQiIQ', bytes))`;
    const { stdout } = await run(launcher, shell('', { file: '/usr/bin/python3', args: ['-c', look] }));
    assert.match(stdout, new RegExp(`^\\(\\d+, ${SCHED_BATCH}, 0, 0, 0, 10000000\\)\n$`));
  });

  it('ends by SIGPIPE when its reader goes', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('', { file: '/usr/bin/yes', args: [] }));
    script.stdout.destroy();
    script.stderr.resume();
    assert.deepEqual(await script.exit, { kind: 'killed', signal: 'SIGPIPE' });
  });

  it('tells its exit code or signal', async (t) => {
    const launcher = await startForkedLauncher(t);
    assert.deepEqual((await run(launcher, shell('exit 7'))).exit, { kind: 'exited', code: 7 });
    for (const signal of ['SEGV', 'ABRT'])
      assert.deepEqual((await run(launcher, shell(`kill -${signal} $$`))).exit, {
        kind: 'killed',
        signal: `SIG${signal}`,
      });
  });

  it('may open no more files than in a login shell', async (t) => {
    const launcher = await startForkedLauncher(t);
    const { stdout } = await run(launcher, shell('ulimit -Sn'));
    assert.ok(Number(stdout) <= 1024, stdout);
  });
});

describe('signalGroup', () => {
  it('reaches the children of a script', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('sleep 60 & sleep 60 & wait'));
    script.signalGroup('SIGTERM');
    await script.stdout.toArray(); // Ends when no process holds it.
    assert.deepEqual(await script.exit, { kind: 'killed', signal: 'SIGTERM' });
  });

  it('reaches the children that outlive the script', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('sleep 60 & exit 0'));
    await script.exit;
    script.signalGroup('SIGKILL');
    assert.deepEqual(await script.stdout.toArray(), []);
  });

  it('does nothing when all of it is gone', async (t) => {
    const launcher = await startForkedLauncher(t);
    const script = await started(launcher, shell('exit 0'));
    await script.exit;
    script.signalGroup('SIGTERM');
    script.signalGroup('SIGKILL');
  });
});

describe('a launch that fails (execve(2), chdir(2))', () => {
  it('says why, by the name of the error', async (t) => {
    const launcher = await startForkedLauncher(t);
    const folder = await temporaryFolder(t);
    const noProgram = join(folder, 'no-program');
    await writeFile(noProgram, 'neither #! nor ELF');
    await chmod(noProgram, 0o755);
    const large = { A: 'x'.repeat(3_000_000) };
    const errnos = {
      ENOENT: shell('', { file: '/nowhere/script' }),
      EACCES: shell('', { file: '/etc/passwd' }),
      ENOEXEC: shell('', { file: noProgram }),
      ENOTDIR: shell('', { workingDirectory: noProgram }),
      E2BIG: shell('', { environment: large }),
      ENAMETOOLONG: shell('', { file: `/${'x'.repeat(5000)}` }),
      EINVAL: shell('', { environment: { A: 'a\0b' } }),
    };
    for (const [errno, command] of Object.entries(errnos)) {
      assert.deepEqual(await launcher.launch(command), { kind: 'failed', errno });
    }
    assert.equal((await run(launcher, shell('echo still here'))).stdout, 'still here\n');
  });

  it('says ENOENT for a missing working directory', async (t) => {
    const launcher = await startForkedLauncher(t);
    const launch = await launcher.launch(shell('', { workingDirectory: '/nowhere' }));
    assert.deepEqual(launch, { kind: 'failed', errno: 'ENOENT' });
  });

  it('refuses a variable that has no name', async (t) => {
    const launcher = await startForkedLauncher(t);
    const launch = await launcher.launch(shell('', { environment: { '': 'x' } }));
    assert.deepEqual(launch, { kind: 'failed', errno: 'EINVAL' });
  });
});

describe('createForkedLauncher', () => {
  it('rejects where there is no python3', async () => {
    const environment = { PATH: '/nowhere' };
    await assert.rejects(createForkedLauncher({ environment, limits: NO_LIMITS, warn: () => undefined }), {
      code: 'RUNNER_UNAVAILABLE',
      message: 'Cannot start a fork server with "python3": it is not on PATH',
      hint: 'install python3 3.7 or later, or set cgi.runner to direct',
    });
  });

  it('names another program by its own name', async () => {
    const program = { title: 'warm perl', hint: 'take perl out of cgi.warm', file: '/nowhere/perl', args: [] };
    await assert.rejects(createForkedLauncher({ environment: {}, limits: NO_LIMITS, warn: () => undefined, program }), {
      message: 'Cannot start a warm perl with "/nowhere/perl": it is not on PATH',
      hint: 'take perl out of cgi.warm',
    });
  });

  it('rejects where python3 cannot run it', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'python3'), '#!/bin/sh\nexit 1\n');
    await chmod(join(folder, 'python3'), 0o755);
    const launcher = createForkedLauncher({ environment: { PATH: folder }, limits: NO_LIMITS, warn: () => undefined });
    await assert.rejects(launcher, { code: 'RUNNER_UNAVAILABLE', message: /it ended at once$/ });
  });

  it('fails launches after its close', async (t) => {
    const launcher = await startForkedLauncher(t);
    await launcher.close();
    assert.deepEqual(await launcher.launch(shell(':')), { kind: 'failed', errno: 'RUNNER_LOST' });
  });
});

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cgibox-forked-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}
