// Slow clients: they wait, and nobody waits for them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../server/config/schema.ts';
import { untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const MB = 1024 * 1024;
const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;
const limits = { ...Config.parse({}).limits, running: 2 };

describe('a slow client', () => {
  it('keeps the output of its script in the pipe, not in memory', async (t) => {
    const site = await startSite(t, { 'cgi-bin/big': sh`${HEADER}; head -c 1G /dev/zero` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/big'));
    client.socket.pause();
    await sleep(500);
    const before = process.memoryUsage().rss;
    await sleep(2000);
    assert.ok(process.memoryUsage().rss - before < 20 * MB);
    client.reset();
    await untilProcessesIn(site.folder, 0);
  });

  it('that reads nothing does not hold the place of its script', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/big': sh`${HEADER}; head -c 1G /dev/zero`, 'cgi-bin/quick': sh`${HEADER}; printf quick` },
      { limits },
    );
    const readers = await Promise.all([1, 2, 3, 4].map(() => rawClient(site.port, requestText('GET /cgi-bin/big'))));
    for (const { socket } of readers) socket.pause();
    await untilProcessesIn(site.folder, 4);
    assert.equal(await (await site.get('/cgi-bin/quick')).text(), 'quick');
    for (const reader of readers) reader.reset();
    await untilProcessesIn(site.folder, 0);
    assert.equal(await (await site.get('/cgi-bin/quick')).text(), 'quick');
  });

  it('keeps the place of its script where nobody may wait', async (t) => {
    const files = { 'cgi-bin/big': sh`${HEADER}; head -c 1G /dev/zero`, 'cgi-bin/quick': sh`${HEADER}; printf quick` };
    const site = await startSite(t, files, { limits: { ...limits, running: 1, waiting: 0 } });
    const reader = await rawClient(site.port, requestText('GET /cgi-bin/big'));
    reader.socket.pause();
    await untilProcessesIn(site.folder, 2);
    await sleep(1500);
    assert.equal((await site.get('/cgi-bin/quick')).status, 503);
    reader.reset();
    await untilProcessesIn(site.folder, 0);
  });

  it('that drips its body does not hold the place of its script', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/cat': sh`${HEADER}; cat`, 'cgi-bin/quick': sh`${HEADER}; printf quick` },
      { limits },
    );
    const post = requestText('POST /cgi-bin/cat', ['Content-Length: 2'], 'a');
    const senders = await Promise.all([1, 2, 3, 4].map(() => rawClient(site.port, post)));
    assert.equal(await (await site.get('/cgi-bin/quick')).text(), 'quick');
    await sleep(1500);
    for (const sender of senders) await sender.send('b');
    for (const sender of senders) assert.equal((await sender.answer()).body, 'ab');
  });

  it('gets the whole of an answer whose script ended long ago', async (t) => {
    const site = await startSite(t, { 'cgi-bin/big': sh`${HEADER}; head -c 5m /dev/zero; printf end` });
    const client = await rawClient(site.port, 'GET /cgi-bin/big HTTP/1.0\r\n\r\n');
    client.socket.pause();
    await sleep(3000);
    client.socket.resume();
    const { body, isWhole } = await client.answer();
    assert.deepEqual([body.length, body.slice(-3), isWhole], [5 * MB + 3, 'end', true]);
  });

  it('gets the whole of an answer that a background child goes on with', async (t) => {
    const site = await startSite(t, { 'cgi-bin/leaves': sh`${HEADER}; (head -c 5m /dev/zero; printf end) &` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/leaves'));
    client.socket.pause();
    await sleep(3000);
    client.socket.resume();
    const { body, isWhole } = await client.answer();
    assert.deepEqual([body.length, body.slice(-3), isWhole], [5 * MB + 3, 'end', true]);
  });

  it('that has half-closed gets the whole of an NPH answer', async (t) => {
    const script = sh`printf 'HTTP/1.0 200 OK\r\n\r\n'; head -c 8m /dev/zero; printf end`;
    const site = await startSite(t, { 'cgi-bin/nph-big': script });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/nph-big'));
    client.socket.end();
    client.socket.pause();
    await sleep(4500);
    client.socket.resume();
    const { body, isWhole } = await client.answer();
    assert.deepEqual([body.length, isWhole], [8 * MB + 3, true]);
  });
});
