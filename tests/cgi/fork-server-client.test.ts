// What a fork server said before it ended, read when its descriptors can no more be had.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { ForkServerClient } from '../../server/cgi/fork-server-client.ts';
import type { Launch } from '../../server/cgi/launcher.ts';
import { readableScript, shell } from '../support/forked-launcher.ts';

describe('a fork server that has ended when its news is read', () => {
  it('is the reason why a script cannot be given its body', async (t) => {
    const { client, launch, pid } = await lateNews(t, true);
    client.take({ kind: 'started', id: 0, pid, stdin: 0 });
    assert.deepEqual(await launch, { kind: 'failed', errno: 'RUNNER_LOST' });
  });

  it('is the reason why the rest of the output cannot be had', async (t) => {
    const { client, launch, pid } = await lateNews(t, false);
    client.take({ kind: 'started', id: 0, pid, stdin: undefined });
    client.take({ kind: 'handOver', id: 0, number: 1, descriptor: 0 });
    const started = await launch;
    assert.ok(started.kind === 'started');
    const [error] = await once(readableScript(started.process).stdout, 'error');
    assert.equal(error.message, 'its fork server ended');
  });
});

/** A client that was sent a launch, whose fork server is gone; and a process that may be taken for the script. */
async function lateNews(t: TestContext, hasBody: boolean) {
  const [server, script] = [1, 2].map(() => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }));
  t.after(() => script?.kill());
  assert.ok(server?.pid !== undefined && script?.pid !== undefined);
  const client = new ForkServerClient({ write: () => undefined }, new Map());
  client.take({ kind: 'ready', pid: server.pid, descriptor: 0 });
  const launch = new Promise<Launch>((settle) => client.send({ command: shell(':', { hasBody }), settle }));
  server.kill();
  await once(server, 'exit');
  return { client, launch, pid: script.pid };
}
