// docker-compose.yml as users type it: up, another SITE, a mistyped one, --wait, an edit, down.
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Outcome, run } from './command.ts';
import { describeImage, REPOSITORY } from './image-under-test.ts';
import { emptyFolder, shellScript, siteFolder } from './site-folder.ts';

interface Service {
  readonly ports?: readonly { readonly host_ip: string; readonly published: string; readonly target: number }[];
  readonly [key: string]: unknown;
}

await describeImage('docker compose', (image) => {
  /** docker compose in a project of its own; ports are chosen by the system unless `settings` name them. */
  const compose = (settings: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Outcome> =>
    run('docker', ['compose', '--project-name', 'cgibox-suite', ...words], {
      environment: { ...image.environment, PORT: '0', INSPECTOR_PORT: '0', ...settings },
      folder: REPOSITORY,
    });

  const up = async (t: { after(fn: () => unknown): void }, settings: Readonly<Record<string, string>> = {}) => {
    t.after(() => compose(settings, 'down', '--timeout', '5'));
    const { exitCode, stderr } = await compose(settings, 'up', '--detach', '--wait', '--wait-timeout', '60');
    assert.equal(exitCode, 0, `${stderr}\n${(await compose(settings, 'logs')).stdout}`);
    const { stdout } = await compose(settings, 'port', 'cgibox', '8000');
    return async (path: string): Promise<string> => (await fetch(`http://${stdout.trim()}${path}`)).text();
  };
  const logs = async (): Promise<string> => (await compose({}, 'logs', '--no-log-prefix')).stdout;
  const service = async (name: string): Promise<Service> => {
    const { stdout } = await compose({ PORT: '', INSPECTOR_PORT: '' }, '--profile=smoke', 'config', '--format=json');
    const file = JSON.parse(stdout) as { readonly services: Readonly<Record<string, Service>> };
    const found = file.services[name];
    assert.ok(found);
    return found;
  };

  describe('docker compose up', () => {
    it('serves the sample, and returns from --wait when it is healthy', async (t) => {
      const get = await up(t);
      const { stdout } = await compose({}, 'ps', '--format', '{{.Health}}');
      assert.equal(stdout.trim(), 'healthy');
      assert.match(await get('/'), /<html/);
      assert.match(await get('/cgi-bin/hello.py'), /Python/);
      assert.match(await logs(), /^started as root, runs as \d+:\d+: /m);
    });

    it('serves SITE as its owner, and shows an edit at the next request', async (t) => {
      const script = shellScript('id -u; : > ../made', 'echo before');
      const site = siteFolder(t, { 'cgi-bin/a': script }, { uid: 4711, gid: 4711 });
      const get = await up(t, { SITE: site });
      assert.equal(await get('/cgi-bin/a'), '4711\nbefore\n');
      assert.equal(statSync(join(site, 'made')).uid, 4711);
      writeFileSync(join(site, 'cgi-bin/a'), script.replace('before', 'after'));
      assert.equal(await get('/cgi-bin/a'), '4711\nafter\n');
    });

    it('puts SITE at SITE_AT', async (t) => {
      const site = siteFolder(t, { 'cgi-bin/a': shellScript('pwd') });
      const get = await up(t, { SITE: site, SITE_AT: '/home/joe/public_html' });
      assert.equal(await get('/cgi-bin/a'), '/home/joe/public_html/cgi-bin\n');
    });

    it('refuses a mistyped SITE and does not make it', async (t) => {
      const site = join(emptyFolder(t), 'mistyped');
      t.after(() => compose({ SITE: site }, 'down'));
      const { exitCode, stderr } = await compose({ SITE: site }, 'up', '--detach');
      assert.notEqual(exitCode, 0);
      assert.match(stderr, /mistyped/);
      assert.equal(statSync(site, { throwIfNoEntry: false }), undefined);
    });

    it('ends for good when the site is no site', async (t) => {
      const settings = { SITE: emptyFolder(t) };
      t.after(() => compose(settings, 'down'));
      assert.notEqual((await compose(settings, 'up', '--detach', '--wait', '--wait-timeout', '30')).exitCode, 0);
      const { stdout } = await compose(settings, 'ps', '--all', '--format', '{{.State}} {{.ExitCode}}');
      assert.equal(stdout.trim(), 'exited 3');
      assert.match(await logs(), /the folder is empty/);
    });
  });

  describe('docker compose run', () => {
    it('runs a program in the service', async (t) => {
      const site = siteFolder(t, { 'index.html': '' });
      const { stdout } = await compose({ SITE: site }, 'run', '--rm', '--no-TTY', 'cgibox', 'perl', '-e', 'print $]');
      assert.match(stdout, /^5\.040/);
    });
  });

  describe('docker compose run --rm smoke', () => {
    const smoke = (settings: Readonly<Record<string, string>>) => compose(settings, 'run', '--rm', '--no-TTY', 'smoke');

    it('passes on the sample', async () => {
      const { exitCode, stdout, stderr } = await smoke({});
      assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, /^tests\/smoke\/sample\.yaml$/m);
    });

    it('fails on a site with a script that fails, and says why', async (t) => {
      const site = siteFolder(t, { 'cgi-bin/bad.sh': '#!/bin/sh\necho oops\n' }, { uid: 4711, gid: 4711 });
      const { exitCode, stdout } = await smoke({ SITE: site });
      assert.equal(exitCode, 1);
      assert.match(stdout, /FAIL {2}GET \/cgi-bin\/bad\.sh/);
    });
  });

  describe('docker-compose.yml', () => {
    it('publishes both ports on loopback only', async () => {
      const ports = (await service('cgibox')).ports?.map((port) => [port.host_ip, port.published, port.target]);
      assert.deepEqual(ports, [
        ['127.0.0.1', '8000', 8000],
        ['127.0.0.1', '8001', 8001],
      ]);
    });

    it('locks the container down and limits it', async () => {
      for (const name of ['cgibox', 'smoke']) {
        const { init, read_only, cap_drop, cap_add, security_opt, mem_limit, pids_limit, restart } =
          await service(name);
        assert.deepEqual(
          { init, read_only, cap_drop, cap_add, security_opt, mem_limit, pids_limit, restart },
          {
            init: true,
            read_only: true,
            cap_drop: ['ALL'],
            cap_add: ['SETUID', 'SETGID', 'KILL'],
            security_opt: ['no-new-privileges:true'],
            mem_limit: '1073741824',
            pids_limit: 1024,
            restart: undefined,
          },
        );
      }
    });

    it('grants more time to stop than the server takes', async () => {
      assert.equal((await service('cgibox')).stop_grace_period, '15s');
    });

    it('has smoke as a service that only its profile starts', async () => {
      const { command, profiles, network_mode } = await service('smoke');
      assert.deepEqual(
        { command, profiles, network_mode },
        { command: ['smoke'], profiles: ['smoke'], network_mode: 'none' },
      );
    });
  });
});
