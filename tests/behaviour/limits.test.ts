// Limits (`limits`): each has its status, and what is refused costs nothing: no process, no file, no place.
import assert from 'node:assert/strict';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../server/config/schema.ts';
import { processesIn, untilProcessesIn } from '../support/processes.ts';
import { type RawClient, rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite, type TestSite } from '../support/start-site.ts';

const MB = 1024 * 1024;
const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;
const COUNT = sh`echo x >> ../public/starts.txt; ${HEADER}; wc -c`;

function limits(changed: Partial<Config['limits']>) {
  return { limits: { ...Config.parse({}).limits, ...changed } };
}

async function assertNotStarted(site: TestSite): Promise<void> {
  assert.equal((await site.get('/starts.txt')).status, 404, 'the script was started');
}

describe('limits.bodyBytes', () => {
  it('is a 413 by Content-Length, before the script starts', async (t) => {
    const site = await startSite(t, { 'cgi-bin/count': COUNT }, limits({ bodyBytes: 10 }));
    const client = await rawClient(
      site.port,
      requestText('POST /cgi-bin/count', ['Content-Length: 11'], 'elevenbytes'),
    );
    const { status, fields } = await client.answer();
    assert.deepEqual([status, fields.get('connection')], [413, 'close']);
    await client.over();
    await assertNotStarted(site);
  });

  it('lets a body of exactly the limit through', async (t) => {
    const site = await startSite(t, { 'cgi-bin/count': COUNT }, limits({ bodyBytes: 10 }));
    const response = await site.get('/cgi-bin/count', { method: 'POST', body: '0123456789' });
    assert.equal(Number(await response.text()), 10);
  });

  it('lets a chunked body of exactly the limit through', async (t) => {
    const site = await startSite(t, { 'cgi-bin/count': COUNT }, limits({ bodyBytes: 10 }));
    const body = '6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n';
    const client = await rawClient(site.port, requestText('POST /cgi-bin/count', ['Transfer-Encoding: chunked'], body));
    assert.equal(Number((await client.answer()).body), 10);
  });

  for (const [what, lastChunk] of Object.entries({ 'has come': '', 'has ended': '0\r\n\r\n' }))
    it(`is a 413 for a chunked body, once too much of it ${what}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/count': COUNT }, limits({ bodyBytes: 10 }));
      const body = `b\r\nelevenbytes\r\n${lastChunk}`;
      const client = await rawClient(
        site.port,
        requestText('POST /cgi-bin/count', ['Transfer-Encoding: chunked'], body),
      );
      assert.equal((await client.answer()).status, 413);
      await assertNotStarted(site);
    });

  it('tells a client that sends a large chunked body to its end', async (t) => {
    const site = await startSite(t, { 'cgi-bin/count': COUNT }, limits({ bodyBytes: 2 * MB }));
    const client = await rawClient(site.port, requestText('POST /cgi-bin/count', ['Transfer-Encoding: chunked']));
    for (let sent = 0; sent < 20; sent += 1) {
      await client.send('100000\r\n');
      await client.send(Buffer.alloc(MB));
      await client.send('\r\n');
    }
    await client.send('0\r\n\r\n');
    assert.equal((await client.answer()).status, 413);
    assert.equal(client.wasReset, false);
  });
});

describe('limits.requestHeaderBytes', () => {
  it('is a 431', async (t) => {
    const site = await startSite(t, {}, limits({ requestHeaderBytes: 2048 }));
    const client = await rawClient(site.port, requestText('GET /', [`X-Long: ${'x'.repeat(3000)}`]));
    assert.equal((await client.answer()).status, 431);
    await client.over();
  });

  it('is reached by header lines without end', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page' });
    const client = await rawClient(site.port, 'GET / HTTP/1.1\r\nHost: a\r\n');
    const lines = Buffer.from('X-More: and more\r\n'.repeat(1000));
    for (let sent = 0; sent < 20 && !client.received.includes(' 431 '); sent += 1) await client.send(lines);
    assert.equal((await client.answer()).status, 431);
    assert.equal(await (await site.get('/page.txt')).text(), 'page');
  });
});

describe('limits.requestHeaderBytes counts', () => {
  const FIELDS = Array.from({ length: 500 }, (_, index) => `X${index}: 1`);
  const whole = requestText('GET /page.txt', FIELDS).length;
  const statusWithin = async (t: TestContext, requestHeaderBytes: number) => {
    const site = await startSite(t, { 'public/page.txt': 'page' }, limits({ requestHeaderBytes }));
    const client = await rawClient(site.port, requestText('GET /page.txt', FIELDS));
    return (await client.answer()).status;
  };

  it('every byte of many short fields', async (t) => assert.equal(await statusWithin(t, whole - 1), 431));
  it('no byte more', async (t) => assert.equal(await statusWithin(t, whole), 200));
});

describe('limits.headerBytes', () => {
  const header = (bytes: number) => {
    const start = 'Content-Type: text/plain\nX-Fill: ';
    return sh`printf '%s%s\n\nbody' '${start}' ${'x'.repeat(bytes - start.length - 2)}`;
  };

  it('lets a header of exactly the limit through', async (t) => {
    const site = await startSite(t, { 'cgi-bin/fits': header(1000) }, limits({ headerBytes: 1000 }));
    assert.equal(await (await site.get('/cgi-bin/fits')).text(), 'body');
  });

  it('is a 500 that names it, one byte above', async (t) => {
    const site = await startSite(t, { 'cgi-bin/long': header(1001) }, limits({ headerBytes: 1000 }));
    const response = await site.get('/cgi-bin/long');
    assert.equal(response.status, 500);
    assert.match(await response.text(), /1000 bytes/);
  });

  for (const [what, loop] of Object.entries({
    'header lines': 'while :; do echo "X-More: more"; done',
    'one line': "while :; do printf 'x%.0s' 1 2 3 4 5 6 7 8 9; done",
    'blank fields': 'while :; do echo "X:"; done',
  }))
    it(`ends a script that prints ${what} without end`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/endless': sh`${loop}` });
      assert.equal((await site.get('/cgi-bin/endless')).status, 500);
      await untilProcessesIn(site.folder, 0);
    });
});

describe('limits.running and limits.waiting', () => {
  const WAITS = sh`while [ ! -e ../public/go.txt ]; do sleep 0.05; done; ${HEADER}; printf done`;
  const small = limits({ running: 1, waiting: 1 });
  const get = requestText('GET /cgi-bin/waits');

  async function firstTwo(site: TestSite): Promise<readonly [RawClient, RawClient]> {
    const first = await rawClient(site.port, get);
    while ((await processesIn(site.folder)).length === 0) await sleep(10);
    const second = await rawClient(site.port, get);
    await sleep(100);
    return [first, second];
  }

  it('let so many run, queue so many, and answer 503 with Retry-After to others', async (t) => {
    const site = await startSite(t, { 'cgi-bin/waits': WAITS }, small);
    const [first, second] = await firstTwo(site);
    const refused = await site.get('/cgi-bin/waits');
    assert.equal(refused.status, 503);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    await writeGo(site);
    assert.equal((await first.answer()).body, 'done');
    assert.equal((await second.answer()).body, 'done');
  });

  it('give up the place of a client that leaves the queue', async (t) => {
    const site = await startSite(t, { 'cgi-bin/waits': WAITS }, small);
    const [first, second] = await firstTwo(site);
    second.reset();
    await sleep(100);
    const third = await rawClient(site.port, get);
    await sleep(100);
    await writeGo(site);
    assert.equal((await first.answer()).body, 'done');
    assert.equal((await third.answer()).body, 'done');
    await untilProcessesIn(site.folder, 0);
  });

  it('leave no file open of a spooled body that is refused', async (t) => {
    const site = await startSite(t, { 'cgi-bin/waits': WAITS }, small);
    await firstTwo(site);
    const body = `200000\r\n${'x'.repeat(2 * MB)}\r\n0\r\n\r\n`;
    const client = await rawClient(site.port, requestText('POST /cgi-bin/waits', ['Transfer-Encoding: chunked'], body));
    assert.equal((await client.answer()).status, 503);
    await sleep(100);
    assert.deepEqual(await spooledFiles(), []);
    await writeGo(site);
  });

  it('do not count files of the site', async (t) => {
    const site = await startSite(t, { 'cgi-bin/waits': WAITS, 'public/page.txt': 'page' }, small);
    await firstTwo(site);
    assert.equal(await (await site.get('/page.txt')).text(), 'page');
    await writeGo(site);
  });
});

async function writeGo(site: TestSite): Promise<void> {
  await writeFile(`${site.folder}/public/go.txt`, '');
}

async function spooledFiles(): Promise<readonly string[]> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.includes('cgibox-body'));
}
