// The programs of a Docker engine, on a machine that has none: Debian's docker.io brings containerd, runc and iptables;
// client, daemon, buildx and compose come from Debian's testing suite, unpacked beside the system, because stable's
// builder knows no `docker build --check` and stable has no compose v2.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, run } from './command.ts';

const SYSTEM_PACKAGES = ['docker.io', 'debootstrap', 'iptables', 'ca-certificates'];
const ENGINE_PACKAGES = ['docker.io', 'docker-cli', 'docker-buildx', 'docker-compose'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT = { environment: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } };

export interface EngineTools {
  /** Folders to put first on PATH. */
  readonly path: readonly string[];
  /** DOCKER_CONFIG: the folder in whose cli-plugins the client finds buildx and compose. */
  readonly configFolder: string;
}

/** Installs what is missing. Needs root, apt and a Debian mirror; throws with the output of what failed. */
export async function installEngineTools(folder: string): Promise<EngineTools> {
  if (!['/usr/sbin/dockerd', '/usr/sbin/debootstrap', '/usr/sbin/iptables'].every((file) => existsSync(file))) {
    await mustRun('apt-get', ['update', '-q'], APT);
    const install = ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
    await mustRun('apt-get', [...install, ...SYSTEM_PACKAGES], APT);
  }
  const unpacked = join(folder, 'tools');
  if (!existsSync(join(unpacked, 'complete'))) await unpackEngine(folder, unpacked);
  const configFolder = join(folder, 'config');
  const plugins = join(unpacked, 'usr/libexec/docker/cli-plugins');
  mkdirSync(configFolder, { recursive: true });
  writeFileSync(join(configFolder, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins] }));
  return { path: [join(unpacked, 'usr/bin'), join(unpacked, 'usr/sbin')], configFolder };
}

async function unpackEngine(folder: string, unpacked: string): Promise<void> {
  const apt = join(folder, 'apt');
  for (const name of ['lists', 'cache', 'debs']) mkdirSync(join(apt, name), { recursive: true });
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${KEYRING}] ${debianMirror()} testing main\n`);
  const options = [
    `Dir::Etc::SourceList=${join(apt, 'sources.list')}`,
    'Dir::Etc::SourceParts=-',
    `Dir::State::Lists=${join(apt, 'lists')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await mustRun('apt-get', [...options, '-q', 'update']);
  await mustRun('apt-get', [...options, '-q', 'download', ...ENGINE_PACKAGES], { folder: join(apt, 'debs') });
  for (const file of readdirSync(join(apt, 'debs'))) {
    await mustRun('dpkg-deb', ['-x', join(apt, 'debs', file), unpacked]);
  }
  writeFileSync(join(unpacked, 'complete'), '');
}

/** The mirror that apt's own sources name: the machine may reach no other. */
export function debianMirror(): string {
  const folder = '/etc/apt/sources.list.d';
  const parts = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const files = ['/etc/apt/sources.list', ...parts].filter((file) => existsSync(file));
  const lines = files.flatMap((file) => readFileSync(file, 'latin1').split('\n'));
  const addresses = lines.flatMap((line) => /^(?:deb|URIs:)\s.*?(https?:\/\/\S+)/.exec(line)?.[1] ?? []);
  const mirror = addresses.find((address) => /\/debian\/?$/.test(address));
  if (mirror === undefined) throw new Error('the sources of apt name no mirror of Debian');
  return mirror;
}

/** The engine that runs already, with both plugins: a developer's own. */
export async function hasEngine(): Promise<boolean> {
  const questions = [['info'], ['compose', 'version'], ['buildx', 'version']];
  const answers = await Promise.all(questions.map((words) => run('docker', words, { timeoutSeconds: 20 })));
  return answers.every((answer) => answer.exitCode === 0);
}
