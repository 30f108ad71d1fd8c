// What `--install` installs: the other servers, the load generator and a compiler, from Debian, as root.
import { spawnSync } from 'node:child_process';

const PACKAGES = ['apache2', 'lighttpd', 'nginx-light', 'fcgiwrap', 'wrk', 'gcc', 'libc6-dev', 'libcgi-pm-perl'];

/** Installs the packages. Without systemd, Debian's own services are then not started (invoke-rc.d(8): RUNLEVEL=1). */
export function installPackages(): void {
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...PACKAGES]]) {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const result = spawnSync('apt-get', ['-q', ...args], { stdio: ['ignore', 2, 2], env: environment });
    if (result.status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`);
  }
}
