// Pipelined requests (RFC 9112 §9.3.2): answered in order, one after the other, and never more than memory can hold.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const QUERY = sh`printf 'Content-Type: text/plain\n\n%s' "$QUERY_STRING"`;

describe('pipelined requests (RFC 9112 §9.3.2)', () => {
  it('are answered in order by scripts', async (t) => {
    const site = await startSite(t, { 'cgi-bin/query': QUERY });
    const numbers = Array.from({ length: 30 }, (_, index) => String(index));
    const client = await rawClient(site.port, numbers.map((n) => requestText(`GET /cgi-bin/query?${n}`)).join(''));
    for (const number of numbers) assert.equal((await client.answer()).body, number);
  });

  it('see what the request before has written', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/add': sh`sleep 0.2; echo x >> ../public/list.txt; printf 'Content-Type: text/plain\n\nadded'`,
    });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/add') + requestText('GET /list.txt'));
    assert.equal((await client.answer()).body, 'added');
    assert.equal((await client.answer()).body, 'x\n');
  });

  it('are all answered, 10 000 of them', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page' });
    const client = await rawClient(site.port, requestText('OPTIONS *').repeat(10_000) + requestText('GET /page.txt'));
    for (let count = 0; count < 10_000; count += 1) assert.equal((await client.answer()).status, 204);
    assert.equal((await client.answer()).body, 'page');
  });

  it('follow a body that its script has not read', async (t) => {
    const site = await startSite(t, { 'cgi-bin/query': QUERY });
    const first = requestText('POST /cgi-bin/query?1', ['Content-Length: 300000'], 'x'.repeat(300_000));
    const client = await rawClient(site.port, first + requestText('GET /cgi-bin/query?2'));
    assert.equal((await client.answer()).body, '1');
    assert.equal((await client.answer()).body, '2');
  });

  it('are not run after an answer that closes the connection', async (t) => {
    const site = await startSite(t, { 'cgi-bin/touch': sh`echo ran > ../public/ran.txt; echo Status: 204; echo` });
    const refused = 'GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n';
    const client = await rawClient(site.port, refused + requestText('GET /cgi-bin/touch'));
    assert.equal((await client.answer()).status, 400);
    await client.over();
    assert.equal(client.received, '');
    assert.equal((await site.get('/ran.txt')).status, 404);
  });

  it('are not run for a client that is gone', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/slow': sh`echo x >> ../public/starts.txt; sleep 5`,
    });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/slow').repeat(20));
    await untilProcessesIn(site.folder, 2);
    client.reset();
    await untilProcessesIn(site.folder, 0);
    await sleep(200);
    assert.equal(await readFile(join(site.folder, 'public/starts.txt'), 'utf8'), 'x\n');
  });

  it('beyond a few wait in the network, not in memory', async (t) => {
    const site = await startSite(t, { 'cgi-bin/slow': sh`sleep 2; printf 'Content-Type: text/plain\n\nslow'` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/slow'));
    const many = Buffer.from(requestText('GET /').repeat(10_000));
    let sent = 0;
    const isTaken = async () => {
      for (; sent < 60; sent += 1) await client.send(many);
    };
    await Promise.race([isTaken(), sleep(1500)]);
    assert.ok(sent < 40, `${sent} times 10 000 requests were taken`);
    client.leave();
  });

  it('are read ahead by 32, and by what came with those', async (t) => {
    const waits = sh`while [ ! -e go ]; do sleep 0.05; done; printf 'Content-Type: text/plain\n\nwaited'`;
    const site = await startSite(t, { 'cgi-bin/waits': waits });
    let read = 0;
    const count = () => {
      read += 1;
    };
    subscribe('http.server.request.start', count);
    t.after(() => unsubscribe('http.server.request.start', count));
    // 4 kB each: some 16 in the 64 KiB that are read at once.
    const asked = requestText('OPTIONS *', [`X-Fill: ${'x'.repeat(4000)}`]);
    const client = await rawClient(site.port, requestText('GET /cgi-bin/waits') + asked.repeat(1000));
    await untilProcessesIn(site.folder, 2);
    await sleep(500);
    assert.ok(read < 60, `${read} were read`);
    await writeFile(join(site.folder, 'cgi-bin/go'), '');
    assert.equal((await client.answer()).body, 'waited');
    for (let due = 0; due < 1000; due += 1) assert.equal((await client.answer()).status, 204);
  });

  it('get the answers due before a malformed one, which is refused', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/slow': sh`sleep 0.5; printf 'Content-Type: text/plain\n\nslow'`,
    });
    const client = await rawClient(site.port, `${requestText('GET /cgi-bin/slow')}nonsense\r\n\r\n`);
    assert.equal((await client.answer()).body, 'slow');
    assert.equal((await client.answer()).status, 400);
    await client.over();
  });

  it('get the answers due before a CONNECT, however long, which is refused', async (t) => {
    const bytes = 5_000_000;
    const site = await startSite(t, { 'cgi-bin/query': QUERY, 'public/long.bin': 'x'.repeat(bytes) });
    const before = requestText('GET /cgi-bin/query?1') + requestText('GET /long.bin');
    const client = await rawClient(site.port, before + requestText('CONNECT a:443') + requestText('GET /long.bin'));
    assert.equal((await client.answer()).body, '1');
    assert.equal((await client.answer()).body.length, bytes);
    const refusal = await client.answer();
    assert.deepEqual(
      [refusal.status, refusal.fields.get('allow')],
      [405, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    );
    await client.over();
    assert.equal(client.received, '');
  });

  it('are not held up by an Upgrade that is not taken: the connection is closed after its answer', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page' });
    const upgrade = requestText('GET /page.txt', ['Connection: Upgrade', 'Upgrade: h2c']);
    const client = await rawClient(site.port, upgrade + requestText('GET /page.txt'));
    const answer = await client.answer();
    assert.deepEqual([answer.body, answer.fields.get('connection')], ['page', 'close']);
    await client.over(5000);
  });
});
