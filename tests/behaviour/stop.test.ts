// Stopping: requests in flight may finish within the grace time, then their groups are ended; nothing is left behind.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../server/config/schema.ts';
import { processesIn, untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { serveProcess } from '../support/serve-process.ts';
import { sh, startSite } from '../support/start-site.ts';

const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;
const DEAF = sh`trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & while :; do sleep 1; done`;

function within(graceSeconds: number, more: Partial<Config['limits']> = {}) {
  const config = Config.parse({});
  return {
    server: { ...config.server, port: 0, graceSeconds },
    limits: { ...config.limits, killAfterSeconds: 1, ...more },
  };
}

describe('stopping the server', { concurrency: 6 }, () => {
  it('lets requests in flight finish, and refuses new ones', async (t) => {
    const site = await startSite(t, { 'cgi-bin/slow': sh`sleep 2; ${HEADER}; printf done` }, within(10));
    const client = await rawClient(site.port, requestText('GET /cgi-bin/slow'));
    await untilProcessesIn(site.folder, 2);
    const before = Date.now();
    const stopped = site.server.stop();
    await assert.rejects(rawClient(site.port), { code: 'ECONNREFUSED' });
    assert.equal((await client.answer()).body, 'done');
    await client.over();
    await stopped;
    assert.ok(Date.now() - before < 6000, 'it waited for the whole grace time');
  });

  it('is done at once where nothing is in flight', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page' }, within(10));
    const idle = await rawClient(site.port, requestText('GET /page.txt'));
    await idle.answer();
    const before = Date.now();
    await site.server.stop();
    assert.ok(Date.now() - before < 1500);
    await idle.over();
  });

  it('ends groups after the grace time, also deaf ones, and says so', async (t) => {
    const site = await startSite(t, { 'cgi-bin/deaf': DEAF }, within(0.5));
    const client = await rawClient(site.port, requestText('GET /cgi-bin/deaf'));
    await untilProcessesIn(site.folder, 4);
    await site.server.stop();
    assert.deepEqual(await processesIn(site.folder), []);
    assert.equal((await client.answer()).status, 503);
  });

  it('cuts an answer so that the client can tell', async (t) => {
    const site = await startSite(t, { 'cgi-bin/half': sh`${HEADER}; printf half; sleep 60` }, within(0.5));
    const client = await rawClient(site.port, requestText('GET /cgi-bin/half'));
    while (!client.received.includes('half')) await sleep(10);
    await site.server.stop();
    const { body, isWhole } = await client.answer();
    assert.deepEqual([body, isWhole], ['half', false]);
    assert.deepEqual(await processesIn(site.folder), []);
  });

  it('starts nothing that waited in the queue', async (t) => {
    const files = { 'cgi-bin/waits': sh`echo x >> ../public/starts.txt; sleep 60` };
    const site = await startSite(t, files, within(0.5, { running: 1 }));
    const clients = await Promise.all([1, 2, 3].map(() => rawClient(site.port, requestText('GET /cgi-bin/waits'))));
    await untilProcessesIn(site.folder, 2);
    await site.server.stop();
    for (const client of clients) assert.equal((await client.answer()).status, 503);
    await untilProcessesIn(site.folder, 0, 1000);
  });

  it('ends a background child that still writes', async (t) => {
    const files = { 'cgi-bin/leaves': sh`${HEADER}; while :; do echo babble; sleep 0.1; done &` };
    const site = await startSite(t, files, within(0.5));
    const client = await rawClient(site.port, requestText('GET /cgi-bin/leaves'));
    while (!client.received.includes('babble')) await sleep(10);
    await site.server.stop();
    await untilProcessesIn(site.folder, 0, 1000);
  });

  const UNFINISHED = {
    'a header that drips': 'GET / HTTP/1.1\r\nHost:',
    'a body that drips': requestText('POST /cgi-bin/cat', ['Content-Length: 10'], 'abc'),
    'a chunked body that drips': requestText('POST /cgi-bin/cat', ['Transfer-Encoding: chunked'], '3\r\nabc'),
    'many pipelined requests': requestText('GET /cgi-bin/silent').repeat(500),
    'an NPH script': requestText('GET /cgi-bin/nph-silent'),
  };
  for (const [what, bytes] of Object.entries(UNFINISHED))
    it(`is done soon after the grace time in spite of ${what}`, async (t) => {
      const files = {
        'cgi-bin/cat': sh`${HEADER}; cat`,
        'cgi-bin/silent': sh`sleep 60`,
        'cgi-bin/nph-silent': sh`printf 'HTTP/1.0 200 OK\r\n\r\n'; sleep 60`,
      };
      const site = await startSite(t, files, within(0.5));
      const client = await rawClient(site.port, bytes);
      await sleep(200);
      const before = Date.now();
      await site.server.stop();
      assert.ok(Date.now() - before < 5000);
      await client.over();
      await untilProcessesIn(site.folder, 0, 1000);
    });

  it('is done soon in spite of a client that reads nothing', async (t) => {
    const site = await startSite(t, { 'cgi-bin/big': sh`${HEADER}; head -c 1G /dev/zero` }, within(0.5));
    const client = await rawClient(site.port, requestText('GET /cgi-bin/big'));
    client.socket.pause();
    await untilProcessesIn(site.folder, 2);
    await site.server.stop();
    assert.deepEqual(await processesIn(site.folder), []);
  });

  it('is done soon in spite of a CONNECT behind an answer that nobody reads', async (t) => {
    const site = await startSite(t, { 'public/big.bin': Buffer.alloc(20_000_000) }, within(0.5));
    const client = await rawClient(site.port, requestText('GET /big.bin') + requestText('CONNECT a:443'));
    client.socket.pause();
    await sleep(500);
    const before = Date.now();
    await site.server.stop();
    assert.ok(Date.now() - before < 5000);
  });

  it('ends everything at once when killed while it stops', async (t) => {
    const site = await startSite(t, { 'cgi-bin/deaf': DEAF }, within(60));
    const client = await rawClient(site.port, requestText('GET /cgi-bin/deaf'));
    await untilProcessesIn(site.folder, 4);
    void site.server.stop();
    await sleep(200);
    const before = Date.now();
    await site.server.kill();
    assert.ok(Date.now() - before < 1500);
    await untilProcessesIn(site.folder, 0, 1000);
    await client.over();
  });
});

describe('the process cgibox serve', { concurrency: 3 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`finishes a request in flight on ${signal}, and exits with 0`, async (t) => {
      const { folder, child, port, ended } = await serveProcess(t, { script: sh`sleep 2; ${HEADER}; printf done` });
      const client = await rawClient(port, requestText('GET /cgi-bin/script'));
      await untilProcessesIn(folder, 2);
      child.kill(signal);
      assert.equal((await client.answer()).body, 'done');
      assert.deepEqual(await ended, [0, null]);
    });

  it('leaves no process behind on a second signal', async (t) => {
    const { folder, child, port, ended } = await serveProcess(
      t,
      { script: DEAF },
      { CGIBOX_LIMITS_KILL_AFTER_SECONDS: '1' },
    );
    const client = await rawClient(port, requestText('GET /cgi-bin/script'));
    await untilProcessesIn(folder, 4);
    child.kill('SIGTERM');
    await sleep(300);
    const before = Date.now();
    child.kill('SIGTERM');
    await ended;
    assert.ok(Date.now() - before < 2000);
    await client.over();
    await untilProcessesIn(folder, 0, 1000);
  });

  it('leaves no process behind when the grace time is over', async (t) => {
    const { folder, child, port, ended } = await serveProcess(
      t,
      { script: DEAF },
      { CGIBOX_LIMITS_KILL_AFTER_SECONDS: '1' },
    );
    const client = await rawClient(port, requestText('GET /cgi-bin/script'));
    await untilProcessesIn(folder, 4);
    child.kill('SIGTERM');
    await ended;
    assert.deepEqual(await processesIn(folder), []);
    assert.equal((await client.answer()).status, 503);
  });
});
