// Gone clients: a script does not run on for nobody, and a half-close is no farewell.
import assert from 'node:assert/strict';
import { readdir, readlink } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../server/config/schema.ts';
import { processesIn, untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;
const limits = { ...Config.parse({}).limits, killAfterSeconds: 1 };

describe('a client that is gone', { concurrency: 6 }, () => {
  for (const how of ['leave', 'reset'] as const)
    it(`ends a silent script and its children when it goes with ${how === 'leave' ? 'a FIN' : 'a RST'}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/silent': sh`sleep 60 & sleep 60` });
      const client = await rawClient(site.port, requestText('GET /cgi-bin/silent'));
      await untilProcessesIn(site.folder, 3);
      client[how]();
      await untilProcessesIn(site.folder, 0);
      assert.equal((await site.logged('/cgi-bin/silent')).status, 0);
    });

  it('ends a script that ignores SIGTERM', async (t) => {
    const site = await startSite(t, { 'cgi-bin/deaf': sh`trap '' TERM; while :; do sleep 1; done` }, { limits });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/deaf'));
    await untilProcessesIn(site.folder, 2);
    client.reset();
    await untilProcessesIn(site.folder, 0);
  });

  it('ends a script that prints for ever', async (t) => {
    const site = await startSite(t, { 'cgi-bin/babbles': sh`${HEADER}; while :; do echo babble; done` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/babbles'));
    while (client.received.length < 100_000) await sleep(5);
    client.reset();
    await untilProcessesIn(site.folder, 0);
  });

  it('ends a background child that prints for ever when its parent has gone', async (t) => {
    const site = await startSite(t, { 'cgi-bin/leaves': sh`${HEADER}; while :; do echo babble; sleep 0.1; done &` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/leaves'));
    while (!client.received.includes('babble')) await sleep(5);
    await sleep(500);
    client.reset();
    await untilProcessesIn(site.folder, 0);
  });

  for (const how of ['leave', 'reset'] as const)
    it(`ends a script whose body breaks off with ${how === 'leave' ? 'a FIN' : 'a RST'}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/cat': sh`${HEADER}; cat > /dev/null; sleep 60` });
      const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', ['Content-Length: 100'], 'half'));
      await untilProcessesIn(site.folder, 2);
      client[how]();
      await untilProcessesIn(site.folder, 0);
    });

  it('is not answered as if its body were whole where it half-closes in the middle', async (t) => {
    const site = await startSite(t, { 'cgi-bin/count': sh`${HEADER}; wc -c` });
    const request = requestText('POST /cgi-bin/count', ['Content-Length: 100'], 'half');
    const answer = (await site.raw(request, { halfClose: true, silenceMs: 3000 })).toString('latin1');
    assert.match(answer, /^(HTTP\/1\.1 400 |$)/);
    await untilProcessesIn(site.folder, 0);
  });

  for (const how of ['leave', 'reset'] as const)
    for (const afterMs of [0, 4000])
      it(`ends a script that reads none of its body, ${how} after ${afterMs} ms of waiting`, async (t) => {
        const site = await startSite(t, { 'cgi-bin/unread': sh`sleep 60` });
        const client = await rawClient(site.port, requestText('POST /cgi-bin/unread', ['Content-Length: 90000000']));
        client.socket.write(Buffer.alloc(90_000_000));
        await untilProcessesIn(site.folder, 2);
        await sleep(afterMs);
        client[how]();
        await untilProcessesIn(site.folder, 0, 10_000);
      });

  it('leaves a daemon alone that closed what it inherited', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/daemon': sh`${HEADER}; printf started; (sleep 3; echo done > ../public/done.txt) </dev/null >/dev/null 2>&1 &`,
    });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/daemon'));
    assert.equal((await client.answer()).body, 'started');
    client.leave();
    await sleep(500);
    assert.equal((await processesIn(site.folder)).length, 2);
    await untilProcessesIn(site.folder, 0);
    assert.equal(await (await site.get('/done.txt')).text(), 'done\n');
  });

  it('lets a script end its work when it has the whole answer', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/works': sh`printf 'Content-Length: 4\nContent-Type: text/plain\n\ndone'; sleep 1; echo x > ../public/x.txt`,
    });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/works'));
    assert.equal((await client.answer()).body, 'done');
    client.leave();
    await untilProcessesIn(site.folder, 0);
    assert.equal(await (await site.get('/x.txt')).text(), 'x\n');
  });

  it('lets an NPH script end its work that has closed its output', async (t) => {
    const answer = `printf 'HTTP/1.0 200 OK\\r\\n\\r\\ndone'`;
    const site = await startSite(t, {
      'cgi-bin/nph-works': sh`${answer}; exec >&- 2>&-; sleep 1; echo x > ../public/x.txt`,
    });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/nph-works'));
    assert.equal((await client.answer()).body, 'done');
    client.leave();
    await untilProcessesIn(site.folder, 0);
    assert.equal(await (await site.get('/x.txt')).text(), 'x\n');
  });
});

describe('clients that go while their file is opened', () => {
  it('leave the server standing, and no file open', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page' });
    for (let round = 0; round < 40; round += 1) {
      const clients = Array.from({ length: 40 }, () => rawClient(site.port, requestText('GET /page.txt')));
      await sleep(round % 5);
      for (const client of await Promise.all(clients)) client.reset();
    }
    assert.equal(await (await site.get('/page.txt')).text(), 'page');
    for (let attempt = 0; attempt < 100 && (await openFilesIn(site.folder)) > 0; attempt += 1) await sleep(50);
    assert.equal(await openFilesIn(site.folder), 0);
  });
});

/** How many files below the folder this process holds open. */
async function openFilesIn(folder: string): Promise<number> {
  const numbers = await readdir('/proc/self/fd');
  const names = await Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
  return names.filter((name) => name.startsWith(folder)).length;
}

describe('a half-close after the request', { concurrency: 6 }, () => {
  it('still gets its answer', async (t) => {
    const site = await startSite(t, { 'cgi-bin/slow': sh`sleep 1; ${HEADER}; printf answer` });
    const answer = await site.raw(requestText('GET /cgi-bin/slow'), { halfClose: true, silenceMs: 3000 });
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 [\s\S]*answer/);
  });

  it('still gets its answer after a body', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': sh`${HEADER}; sleep 1; cat` });
    const request = requestText('POST /cgi-bin/cat', ['Content-Length: 4'], 'body');
    const answer = await site.raw(request, { halfClose: true, silenceMs: 3000 });
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 [\s\S]*body/);
  });

  it('still gets its answer when it had to wait for its turn, before and after a local redirect', async (t) => {
    const files = {
      'cgi-bin/long': sh`sleep 2.6; ${HEADER}`,
      'cgi-bin/leads': sh`printf 'Location: /cgi-bin/fast\n\n'`,
      'cgi-bin/fast': sh`${HEADER}; printf answer`,
    };
    const site = await startSite(t, files, { limits: { ...limits, running: 1 } });
    const first = site.get('/cgi-bin/long');
    await untilProcessesIn(site.folder, 2);
    const answer = site.raw(requestText('GET /cgi-bin/leads'), { halfClose: true, silenceMs: 9000 });
    await sleep(200);
    const [received] = await Promise.all([answer, first, site.get('/cgi-bin/long')]);
    assert.match(received.toString('latin1'), /^HTTP\/1\.1 200 [\s\S]*answer/);
  });

  it('ends a script that is silent for two seconds', async (t) => {
    const site = await startSite(t, { 'cgi-bin/silent': sh`sleep 60` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/silent'));
    client.socket.end();
    await untilProcessesIn(site.folder, 2);
    await client.over(6000);
    await untilProcessesIn(site.folder, 0);
  });

  it('lets a script speak for long that is never silent for two seconds', async (t) => {
    const site = await startSite(t, { 'cgi-bin/speaks': sh`${HEADER}; for n in 1 2 3 4; do printf $n; sleep 1; done` });
    const answer = await site.raw(requestText('GET /cgi-bin/speaks'), { halfClose: true, silenceMs: 3000 });
    assert.match(answer.toString('latin1').replace(/\r\n1\r\n|\r\n/g, ''), /1234/);
  });
});
