// A server that has no descriptor left for a file that it loads late: that one request fails, and the next is answered.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { sh } from '../support/start-site.ts';

const SETTINGS = {
  CGIBOX_MAIL_ENABLED: 'true',
  CGIBOX_MAIL_SMTP_PORTS: '[0]',
  CGIBOX_INSPECTOR_ENABLED: 'true',
  CGIBOX_INSPECTOR_PORT: '0',
};

interface Started {
  readonly server: ServeProcess;
  readonly smtpPort: number;
  /** "http://127.0.0.1:8001" */
  readonly inspector: string;
  /** From now on it may open so many descriptors more. */
  leave(descriptors: number): Promise<void>;
  /** As many as it wants again. */
  relieve(): void;
}

/** It has opened all that it opens by itself. */
async function started(t: TestContext): Promise<Started> {
  const server = await serveProcess(t, { hello: sh`echo "Content-Type: text/plain"; echo; echo hello` }, SETTINGS);
  const smtpPort = Number(await saying(server, /SMTP on 127\.0\.0\.1:(\d+)/));
  const inspector = await saying(server, /inspector +(http:\S+:\d+)/);
  await saying(server, /(doctor) /);
  const { pid } = server;
  const leave = async (count: number) => void mayOpen(pid, (await lowestFree(pid)) + count);
  return { server, smtpPort, inspector, leave, relieve: () => mayOpen(pid, 1024) };
}

async function saying({ said }: ServeProcess, pattern: RegExp): Promise<string> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const [, word] = pattern.exec(said()) ?? [];
    if (word !== undefined) return word;
    await sleep(10);
  }
  throw new Error(`without ${pattern}: ${said()}`);
}

const mayOpen = (pid: number, limit: number) => execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${limit}:`]);

/** When it is the same for a while: nothing is being read. */
async function lowestFree(pid: number): Promise<number> {
  const free: number[] = [];
  while (free.length < 5 || free.slice(-5).some((number) => number !== free.at(-1))) {
    const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
    free.push([...taken, taken.size].findIndex((_, number) => !taken.has(number)));
    await sleep(20);
  }
  return free.at(-1) ?? 0;
}

/** What the server says first; "" where it closes without a word. */
function greeting(port: number): Promise<string> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (said: string) => {
      settle(said);
      socket.destroy();
    });
    socket.on('close', () => settle(''));
  });
}

describe('a server that is short of descriptors', { timeout: 60_000 }, () => {
  it('closes a connection for mail that it cannot serve, and takes the next', async (t) => {
    const { smtpPort, leave, relieve } = await started(t);
    await leave(1); // the connection itself
    assert.equal(await greeting(smtpPort), '');
    relieve();
    assert.match(await greeting(smtpPort), /^220 .*cgibox/);
  });

  it('catches mail that its inspector can show later', async (t) => {
    const { smtpPort, inspector, leave, relieve } = await started(t);
    const events = (await fetch(`${inspector}/api/events`)).body?.getReader();
    t.after(() => events?.cancel());
    await events?.read();
    const socket = connect(smtpPort, '127.0.0.1').setEncoding('latin1');
    await once(socket, 'data');
    await leave(0);
    for (const line of ['EHLO x', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA', 'Subject: late\r\n\r\n.']) {
      socket.write(`${line}\r\n`);
      await once(socket, 'data');
    }
    relieve();
    socket.destroy();
    const { mail } = (await (await fetch(`${inspector}/api/mail`)).json()) as { mail: { subject: string }[] };
    assert.deepEqual(
      mail.map(({ subject }) => subject),
      ['late'],
    );
  });

  it('makes the smoke test that it could not make, and ends well', async (t) => {
    const { server, inspector, leave, relieve } = await started(t);
    const { headers } = await fetch(`http://127.0.0.1:${server.port}/cgi-bin/hello`);
    const smoke = () => fetch(`${inspector}/api/requests/${headers.get('x-request-id')}/smoke`);
    await (await fetch(`${inspector}/api/requests`)).text(); // its connection is used again
    await leave(0);
    const refused = await smoke();
    assert.equal(refused.status, 500);
    assert.match(await refused.text(), /EMFILE/);
    relieve();
    assert.match(await (await smoke()).text(), /request: GET \/cgi-bin\/hello/);
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.ended, [0, null]);
  });
});
