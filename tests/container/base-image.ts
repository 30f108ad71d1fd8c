// The base image where no registry can be reached: Debian trixie by debootstrap, Node and npm from the npm registry,
// the user "node", and the machine's certificates, tagged as the image that the Dockerfile names.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandOptions, mustRun, run } from './command.ts';
import { debianMirror } from './engine-tools.ts';

export const BASE_IMAGE = 'node:24-trixie-slim';

// What debian:trixie-slim leaves out, by the same means (its /etc/dpkg/dpkg.cfg.d/docker).
const SLIM = ['doc', 'info', 'linda', 'lintian/overrides', 'locale', 'man'].map(
  (name) => `path-exclude /usr/share/${name}/*`,
);

const DOCKERFILE = `FROM debian:trixie-slim
COPY certificates.pem /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
 && groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
CMD ["node"]
`;

/** Makes sure that the base image is there: present, pulled, or made. */
export async function ensureBaseImage(options: CommandOptions): Promise<void> {
  if ((await run('docker', ['image', 'inspect', BASE_IMAGE], options)).exitCode === 0) return;
  if ((await run('docker', ['pull', '--quiet', BASE_IMAGE], { ...options, timeoutSeconds: 300 })).exitCode === 0)
    return;
  const folder = mkdtempSync(join(tmpdir(), 'cgibox-base-'));
  try {
    await importDebian(join(folder, 'root'), options);
    await addNode(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importDebian(root: string, options: CommandOptions): Promise<void> {
  await mustRun('debootstrap', ['--variant=minbase', 'trixie', root, debianMirror()], options);
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/docker'), `${SLIM.join('\n')}\n`);
  const leftOut = ['doc', 'info', 'locale', 'man'].map((name) => join(root, 'usr/share', name));
  for (const folder of leftOut) rmSync(folder, { recursive: true, force: true });
  await mustRun('sh', ['-c', 'tar -C "$0" -c . | docker import - debian:trixie-slim', root], options);
}

async function addNode(folder: string, options: CommandOptions): Promise<void> {
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), DOCKERFILE);
  copyFileSync('/etc/ssl/certs/ca-certificates.crt', join(context, 'certificates.pem'));
  // The Node that runs this suite is the npm package's own binary, of the architecture of this machine.
  copyFileSync(process.execPath, join(context, 'node'));
  const packed = await mustRun('npm', ['pack', '--silent', 'npm@11'], { ...options, folder });
  await mustRun('tar', ['-xzf', join(folder, packed), '-C', folder]);
  await mustRun('mv', [join(folder, 'package'), join(context, 'npm')]);
  await mustRun('docker', ['build', '--quiet', '--tag', BASE_IMAGE, context], options);
}
