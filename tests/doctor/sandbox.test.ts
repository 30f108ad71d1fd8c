// The sandbox in which scripts of the site are compiled: BEGIN blocks that mean harm, over real files, sockets and processes.
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { reportText } from '../../server/doctor/report.ts';
import { reportJson } from '../../server/doctor/report-json.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { examineFolder, findingsIn, PROJECT, siteFolder, told } from './examined.ts';

const SANDBOX = join(PROJECT, 'server/doctor/sandbox.pl');
const begin = (code: string) => `#!/usr/bin/perl\nBEGIN { ${code} }\nprint 1;\n`;
/** Names, sizes, modes and times of all that lies in a folder. */
const inventory = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { size, mode, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mode.toString(8)} ${mtimeMs}`;
    })
    .sort();

describe('a BEGIN block that doctor executes', () => {
  for (const [does, code] of [
    ['creates a file', 'open(F, ">new"); print F "x"; close F'],
    ['empties a file', 'open(F, ">guest.dat"); close F'],
    ['empties a file that it opens for reading', 'use Fcntl; sysopen(F, "guest.dat", O_RDONLY|O_TRUNC)'],
    ['adds to a file', 'open(F, ">>guest.dat"); print F "x"; close F'],
    ['overwrites a file in its place', 'open(F, "+<guest.dat"); print F "x"; close F'],
    ['removes a file', 'unlink "guest.dat"'],
    ['renames a file', 'rename "guest.dat", "lost.dat"'],
    ['makes a folder', 'mkdir "new"'],
    ['removes a folder', 'rmdir "empty"'],
    ['changes a mode', 'chmod 0777, "guest.dat"'],
    ['changes a time', 'utime 1, 1, "guest.dat"'],
    ['makes links', 'symlink "guest.dat", "s"; link "guest.dat", "h"'],
    ['has rm and touch do it', 'system "rm -rf guest.dat empty; touch new; mkfifo f" '],
    ['leaves a child that does it', 'unless (fork) { sleep 1; unlink "guest.dat"; exit }'],
  ] as const) {
    it(`${does}: nothing of the site is changed`, async (t) => {
      const folder = siteFolder(t, {
        'index.html': '',
        'cgi-bin/guest.dat': 'Ada',
        'cgi-bin/empty/x/y.txt': '',
        'cgi-bin/x.pl': begin(code),
      });
      mkdirSync(join(folder, 'cgi-bin/empty/gone'));
      const before = inventory(folder);
      await examineFolder(folder);
      assert.deepEqual(inventory(folder), before);
      assert.equal(readFileSync(join(folder, 'cgi-bin/guest.dat'), 'utf8'), 'Ada');
    });
  }

  it('reaches no listener on loopback', async (t) => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const connect = `use IO::Socket::INET; $s = IO::Socket::INET->new("127.0.0.1:${port}"); print STDERR "CONNECTED" if $s`;
    // Without the sandbox it does.
    spawnSync('perl', ['-e', connect]);
    while (connections < 1) await once(server, 'connection');
    const found = await findingsIn(t, {
      'cgi-bin/a.pl': begin(connect),
      'cgi-bin/b.pl': begin(`system q{perl -e '${connect.replaceAll('"', '\\"')}'}`),
      'cgi-bin/c.pl': begin(`socket(S, 1, 1, 0) and die "a Unix socket"`),
    });
    assert.deepEqual(found, []);
    assert.equal(connections, 1);
  });

  it('ends no other process', async (t) => {
    const sleeper = spawn('sleep', ['30']);
    t.after(() => sleeper.kill('SIGKILL'));
    const code = `kill 9, ${sleeper.pid}; system "kill -9 ${sleeper.pid}"`;
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': begin(code) }), []);
    assert.equal(sleeper.exitCode ?? sleeper.signalCode, null);
  });

  it('cannot leave its process group to outlive doctor', async (t) => {
    const mark = `cgibox-outlives-${process.pid}`;
    const code = `use POSIX; unless (fork) { POSIX::setsid(); exec { "/bin/sleep" } "${mark}", 20 }`;
    await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': begin(code) }), { timeoutSeconds: 1 });
    const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const lines = names.map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    });
    assert.equal(lines.filter((line) => line.startsWith(mark)).length, 0);
  });

  it('that dies because it may not write is no error of the script', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/log.pl': begin('open(LOG, ">>my.log") or die "no log: $!"'),
      'cgi-bin/net.pl': begin('socket(S, 2, 1, 0) or die "no socket"'),
      'cgi-bin/own.pl': begin('die "of its own"'),
      'cgi-bin/both.pl': `${begin('open(LOG, ">>my.log")')}print 1 1;\n`,
    });
    assert.deepEqual(found, [
      'error perl-syntax cgi-bin/both.pl:4',
      'error perl-syntax cgi-bin/own.pl:2',
      'note compile-stopped cgi-bin/log.pl:2',
      'note compile-stopped cgi-bin/net.pl:2',
    ]);
  });

  it('may throw away what it writes to /dev/null', { skip: noLandlock() }, async (t) => {
    const code = 'open(F, ">/dev/null") or die; `echo 1 2>/dev/null` eq "1\\n" or die';
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': begin(code) }), []);
  });
});

describe('variables of perl in the configuration', () => {
  it('have the perl that lays the sandbox load nothing', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'lib/Config.pm': 'package Config; unlink "kept"; sub import { die "loaded" } 1;\n',
      'cgi-bin/kept': '',
      'cgi-bin/x.pl': '#!/usr/bin/perl\nprint 1;\n',
      'cgibox.yaml': 'site: { root: ., documentRoot: . }\ncgi: { environment: { PERL5LIB: "${SITE}/lib" } }\n',
    });
    assert.deepEqual(told(await examineFolder(folder)), []);
    assert.ok(readdirSync(join(folder, 'cgi-bin')).includes('kept'));
  });
});

describe('a system that has no sandbox', () => {
  it('is named as such, and only where code of the site was executed', async (t) => {
    // What sandbox.pl ends with where the kernel has no seccomp.
    const programs = siteFolder(t, { perl: '#!/bin/sh\nexit 125\n' });
    const environment = { PATH: `${programs}:${process.env.PATH}` };
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': '#!/usr/bin/perl\nprint 1;\n' });
    const open = await examineFolder(folder, { environment });
    assert.match(reportText(open, { inColour: false, accepted: 0 }), /perl -c ran without a sandbox/);
    assert.equal(JSON.parse(reportJson(open, 0)).ranOpen, true);
    for (const options of [{}, { environment, compiles: 'withoutExecuting' as const }])
      assert.equal((await examineFolder(folder, options)).ranOpen, false);
  });

  it('is none where only the PATH lacks perl', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': '#!/usr/bin/perl\nprint 1;\n' });
    assert.equal((await examineFolder(folder, { environment: { PATH: '/nowhere' } })).ranOpen, false);
  });
});

/** sandbox.pl by itself, as root without and as nobody with no capability at all. */
function sandboxed(t: TestContext, words: readonly string[], prefix: readonly string[] = []): SpawnSyncReturns<string> {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o777);
  const copy = join(folder, 'sandbox.pl');
  writeFileSync(copy, readFileSync(SANDBOX));
  writeFileSync(join(folder, 'file'), 'kept', { mode: 0o666 });
  const [command = 'perl', ...rest] = [...prefix, 'perl', copy, ...words];
  return spawnSync(command, rest, { cwd: folder, encoding: 'utf8' });
}

const EVERYTHING =
  '$n = 0; open(F, ">file") and $n++; open(F, ">new") and $n++; unlink("file") and $n++; mkdir("d") and $n++; socket(S, 2, 1, 0) and $n++; print $n';

describe('sandbox.pl', () => {
  it('forbids the same to a user without any right', { skip: notRoot() }, (t) => {
    const without = ['setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];
    const { stdout, stderr } = sandboxed(t, ['refuse', '--', 'perl', '-e', EVERYTHING], [...without, '--no-new-privs']);
    assert.deepEqual([stdout, stderr], ['0', '']);
  });

  it('hands the program its words and variables as they are', (t) => {
    const program = ['perl', '-e', 'print "$ENV{PERL_X}|@ARGV"', 'a b', '*'];
    assert.equal(sandboxed(t, ['refuse', 'PERL_X=1 = 2\n3', '--', ...program]).stdout, '1 = 2\n3|a b *');
  });

  it('ends with 126 for a program that is not there', (t) => {
    assert.equal(sandboxed(t, ['refuse', '--', '/not/here']).status, 126);
  });

  for (const code of ['open F, ">file"', 'open F, ">>new"', 'unlink "file"', 'socket S, 2, 1, 0'])
    it(`ends a process that breaks out, if it is told so: ${code}`, (t) => {
      const { signal, stdout } = sandboxed(t, ['end', '--', 'perl', '-e', `${code}; print "alive"`]);
      assert.deepEqual([signal, stdout], ['SIGSYS', '']);
    });

  it('lets a process read, fork and make pipes, if it is told to end it', (t) => {
    const code = 'open F, "file"; print <F>; print `echo forked`; pipe A, B or die';
    assert.equal(sandboxed(t, ['end', '--', 'perl', '-e', code]).stdout, 'keptforked\n');
  });

  for (const [machine, header] of [
    ['x86_64', '/usr/include/x86_64-linux-gnu/asm/unistd_64.h'],
    ['aarch64', '/usr/include/asm-generic/unistd.h'],
  ] as const) {
    it(`knows the numbers of ${machine}`, { skip: unreadable(header) }, () => {
      const numbers = new Map(
        [...readFileSync(header, 'utf8').matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)/g)].map(
          ([, name = '', number]) => [Number(number), name],
        ),
      );
      const names = numbersOf(machine).map((number) => numbers.get(number) ?? '');
      const missing = FORBIDDEN.filter((name) => [...numbers.values()].includes(name) && !names.includes(name));
      assert.deepEqual(missing, []);
      assert.deepEqual(
        names.filter((name) => !FORBIDDEN.includes(name)),
        [],
      );
    });
  }
});

// By name, for the comparison with the headers of the system.
const FORBIDDEN =
  `creat truncate rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat mknod
  mknodat chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat utimensat setxattr lsetxattr fsetxattr
  removexattr lremovexattr fremovexattr socket kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo setsid setpgid ptrace
  process_vm_readv process_vm_writev kcmp shmget msgget semget mq_open mq_unlink add_key request_key keyctl mount umount2
  pivot_root chroot unshare setns swapon swapoff reboot sethostname setdomainname settimeofday clock_settime adjtimex
  clock_adjtime init_module finit_module delete_module kexec_load kexec_file_load bpf perf_event_open acct quotactl syslog
  userfaultfd open_by_handle_at`.split(/\s+/);

function numbersOf(machine: string): readonly number[] {
  const text = readFileSync(SANDBOX, 'utf8').split(`${machine} => {`)[1]?.split('\n  },')[0] ?? '';
  const lists = [...text.matchAll(/(?:files|network|others|absent) => \[([^\]]+)\]/g)].map(([, list = '']) => list);
  return lists
    .join(',')
    .split(',')
    .flatMap((part) => {
      const [from = 0, to = from] = part.split('..').map(Number);
      return Array.from({ length: to - from + 1 }, (_each, index) => from + index);
    });
}

function unreadable(header: string): string | false {
  try {
    readFileSync(header);
    return false;
  } catch {
    return `${header} is not here`;
  }
}

function notRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'only root may become another user';
}

function noLandlock(): string | false {
  const { stdout } = spawnSync('perl', ['-e', 'print syscall(444, 0, 0, 1)'], { encoding: 'utf8' });
  return Number(stdout) >= 3 ? false : 'this kernel has no landlock of ABI 3: /dev/null is closed too';
}
