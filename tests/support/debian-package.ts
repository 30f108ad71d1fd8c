// Debian packages that a slow test needs: installed by the test itself where it may.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Makes sure that a file of a package is there. Answers why it cannot be, for `skip`.
 *
 * @throws Error under CI, where a skipped test would pass for a good one
 */
export function whyPackageIsMissing(file: string, packages: readonly string[]): string | undefined {
  if (existsSync(file)) return undefined;
  const reason = install(packages);
  if (reason === undefined && existsSync(file)) return undefined;
  const why = reason ?? `${packages.join(', ')} installed, but ${file} is not there`;
  if (process.env.CI === undefined) return why;
  throw new Error(why);
}

function install(packages: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return `needs the Debian packages ${packages.join(', ')}, and root to install them`;
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { status } = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) return `apt-get ${args.join(' ')} failed`;
  }
  return undefined;
}
