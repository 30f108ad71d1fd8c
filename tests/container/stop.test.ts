// How a container lives and ends: health states, signals, requests in flight, and no zombie.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Container } from './container.ts';
import { describeImage } from './image-under-test.ts';
import { shellScript, siteFolder } from './site-folder.ts';

const SCRIPTS = {
  'cgi-bin/slow': shellScript('echo begun; sleep 2; echo finished'),
  'cgi-bin/deaf': "#!/bin/sh\ntrap '' TERM\necho 'Content-Type: text/plain'; echo; echo begun; sleep 60; sleep 60\n",
  'cgi-bin/leaves-child': shellScript('(sleep 0.2; exit 3) >/dev/null 2>&1 </dev/null &', 'echo left'),
  'cgi-bin/parent': shellScript('echo $PPID'),
};

await describeImage('life of a container', (image) => {
  const started = async (t: { after(fn: () => unknown): void }, ...options: readonly string[]): Promise<Container> =>
    image.start(t, [...options, '-v', `${siteFolder(t, SCRIPTS)}:/site`]);

  /** A request whose answer has begun: `rest` is what comes after. */
  const begun = async (container: Container, path: string) => {
    const response = await fetch(await container.url(path));
    const reader = response.body?.getReader();
    assert.ok(reader);
    const decoder = new TextDecoder();
    assert.equal(decoder.decode((await reader.read()).value), 'begun\n');
    return async (): Promise<string> => {
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += decoder.decode(part.value);
      return text;
    };
  };

  describe('health', () => {
    const reaches = async (container: Container, status: string): Promise<void> => {
      let now = '';
      for (let attempt = 0; attempt < 100 && now !== status; attempt += 1) {
        now = await container.state('.State.Health.Status');
        await wait(200);
      }
      assert.equal(now, status);
    };

    it('is reached soon after the start', async (t) => {
      const container = await started(t);
      const from = performance.now();
      await reaches(container, 'healthy');
      assert.ok(performance.now() - from < 10_000);
    });

    it('is lost when the server no longer answers, and comes back', async (t) => {
      const quick = ['--health-interval=1s', '--health-retries=1', '--health-timeout=2s', '--health-start-period=0s'];
      const container = await started(t, ...quick);
      await reaches(container, 'healthy');
      const server = (await container.processes()).find((line) => / node .*cgibox serve$/.test(line));
      assert.ok(server);
      const pid = server.split(' ')[0] ?? '';
      await container.exec('sh', '-c', `kill -STOP ${pid}`);
      await reaches(container, 'unhealthy');
      await container.exec('sh', '-c', `kill -CONT ${pid}`);
      await reaches(container, 'healthy');
    });

    it('is asked without a script and without a log line', async (t) => {
      const container = await started(t);
      // What doctor finds is told a moment after the start.
      const logs = async () => (await container.logs()).replace(/^ {2}doctor .*\n/m, '');
      const before = await logs();
      assert.equal((await container.exec('cgibox', 'health')).exitCode, 0);
      assert.equal(await logs(), before);
    });
  });

  describe('stop', () => {
    it('lets a slow request finish within the grace time', async (t) => {
      const container = await started(t);
      const rest = await begun(container, '/cgi-bin/slow');
      const from = performance.now();
      const [text] = await Promise.all([rest(), container.stop(10)]);
      assert.equal(text, 'finished\n');
      assert.ok(performance.now() - from < 5000, 'it waits no longer than the request');
      assert.equal(await container.state('.State.ExitCode'), '0');
    });

    it('ends a script that ignores SIGTERM before docker would', async (t) => {
      const container = await started(t);
      const rest = await begun(container, '/cgi-bin/deaf');
      const ending = rest().catch(() => 'cut');
      await container.stop(12);
      await ending;
      assert.equal(await container.state('.State.ExitCode'), '0');
      assert.equal(await container.state('.State.OOMKilled'), 'false');
    });

    it('is at once where nothing is in flight', async (t) => {
      const container = await started(t);
      const from = performance.now();
      await container.stop(10);
      assert.ok(performance.now() - from < 3000);
      assert.equal(await container.state('.State.ExitCode'), '0');
    });

    it('works with the privileges that compose leaves', async (t) => {
      const caps = ['--user=0:0', '--cap-drop=ALL', '--cap-add=SETUID', '--cap-add=SETGID', '--cap-add=KILL'];
      const container = await started(t, ...caps, '--init', '--read-only', '--tmpfs=/tmp');
      await container.stop(10);
      assert.equal(await container.state('.State.ExitCode'), '0');
      assert.doesNotMatch(await container.logs(), /tini|WARN/);
    });
  });

  describe('processes', () => {
    for (const init of [[], ['--init']]) {
      it(`leave no zombie behind ${['tini', ...init].join(' and ')}`, async (t) => {
        const container = await started(t, ...init);
        for (let round = 0; round < 20; round += 1)
          assert.equal(await container.text('/cgi-bin/leaves-child'), 'left\n');
        await wait(1000);
        const zombies = (await container.processes()).filter((line) => line.split(' ')[2] === 'Z');
        assert.deepEqual(zombies, []);
      });
    }

    it('have tini as the first', async (t) => {
      const container = await started(t);
      assert.match(
        (await container.processes()).find((line) => line.startsWith('1 ')) ?? '',
        /^1 0 S 1000 tini -s -- cgibox/,
      );
    });
  });
});
