// npm start, as a script or a service starts it: npm hands a signal to the shell it started, and to nobody else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../support/start-site.ts';

describe('npm start', () => {
  it('ends with its server where npm alone gets the signal', async (t) => {
    const environment = { CGIBOX_INSPECTOR_PORT: '0', CGIBOX_MAIL_SMTP_PORTS: '[0]', CGIBOX_PORT: '0' };
    const npm = spawn('npm', ['start', '--', '--config', 'config/cgibox.yaml'], {
      env: { ...process.env, HOME: await temporaryFolder(t), ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    t.after(() => npm.pid !== undefined && hasGroup(npm.pid) && process.kill(-npm.pid, 'SIGKILL'));
    let told = '';
    for await (const chunk of npm.stderr) {
      told += chunk;
      if (/inspector +http/.test(told)) break;
    }
    const address = /http:\/\/[^\s]+/.exec(told)?.[0] ?? '';
    assert.equal((await fetch(address)).status, 200, told);
    npm.kill('SIGTERM');
    await once(npm, 'exit');
    await assert.rejects(answersFor(address, 5000), 'nobody listens any more');
  });
});

function hasGroup(leader: number): boolean {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
}

/** Rejects as soon as nobody answers. */
async function answersFor(address: string, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    await (await fetch(address, { headers: { connection: 'close' } })).text();
    await new Promise((settle) => setTimeout(settle, 50));
  }
}
