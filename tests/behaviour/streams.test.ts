// Streams: the body goes up and the answer down at the same time, whatever the script does with either.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const MB = 1024 * 1024;
const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;

describe('streams of a script', () => {
  it('shows the client each byte when the script has flushed it', async (t) => {
    const site = await startSite(t, { 'cgi-bin/ticks': sh`${HEADER}; printf one; sleep 1; printf two` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/ticks'));
    while (!client.received.includes('one')) await sleep(5);
    assert.ok(!client.received.includes('two'));
    assert.equal((await client.answer()).body, 'onetwo');
  });

  it('sends a header that was flushed alone', async (t) => {
    const site = await startSite(t, { 'cgi-bin/slow': sh`${HEADER}; sleep 2; printf late` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/slow'));
    while (!client.received.includes('\r\n\r\n')) await sleep(5);
    assert.ok(!client.received.includes('late'));
    assert.equal((await client.answer()).body, 'late');
  });

  it('gives the script each part of the body as it comes', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/echo': sh`${HEADER}; head -c 3; printf '|'; head -c 3`,
    });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/echo', ['Content-Length: 6'], 'abc'));
    while (!client.received.includes('abc')) await sleep(5);
    await client.send('def');
    assert.equal((await client.answer()).body, 'abc|def');
  });

  it('gives the script each part of a large body as it comes', async (t) => {
    const site = await startSite(t, { 'cgi-bin/echo': sh`${HEADER}; head -c 3; printf '|'; head -c 3; wc -c` });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/echo', ['Content-Length: 500000'], 'abc'));
    while (!client.received.includes('abc')) await sleep(5);
    await client.send('def'.padEnd(499_997, 'x'));
    assert.equal((await client.answer()).body, 'abc|def499994\n');
  });

  const READERS = {
    'begins to read after 2 seconds': 'sleep 2; cat',
    'stops reading now and then': 'for n in 1 2 3; do head -c 1000000; sleep 1.3; done; cat',
    'reads slowly': 'for n in 1 2 3 4 5 6 7 8 9; do head -c 300000; sleep 0.4; done; cat',
  };
  for (const [how, reads] of Object.entries(READERS))
    it(`loses nothing of the body of a script that ${how}`, async (t) => {
      const site = await startSite(t, {
        'cgi-bin/reads': sh`${HEADER}; (${reads}) | sha256sum | cut -c-64 | tr -d '\n'`,
      });
      const body = randomBytes(10 * MB);
      const response = await site.get('/cgi-bin/reads', { method: 'POST', body });
      assert.equal(await response.text(), sha(body));
    });

  it('takes no more than a little of a body that its script does not read', async (t) => {
    const site = await startSite(t, { 'cgi-bin/unread': sh`sleep 3; ${HEADER}; printf done` });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/unread', [`Content-Length: ${90 * MB}`]));
    let taken = 0;
    void (async () => {
      for (; taken < 90; taken += 1) await client.send(Buffer.alloc(MB));
    })();
    await sleep(2800);
    assert.ok(taken < 30, `${taken} MB were taken`);
    assert.equal((await client.answer()).body, 'done');
  });

  it('carries 20 MB up and down unchanged', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': sh`${HEADER}; exec cat` });
    const body = Buffer.alloc(20 * MB);
    for (let at = 0; at < body.length; at += 4) body.writeUInt32LE((at * 2654435761) >>> 0, at);
    const response = await site.get('/cgi-bin/cat', { method: 'POST', body });
    const got = Buffer.from(await response.arrayBuffer());
    assert.equal(sha(got), sha(body));
  });

  it('lets a script print 100 MB before it reads its 20 MB', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/late-reader': sh`${HEADER}; head -c 100m /dev/zero; printf ' %s' $(wc -c)`,
    });
    const response = await site.get('/cgi-bin/late-reader', { method: 'POST', body: Buffer.alloc(20 * MB, 120) });
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(body.length, 100 * MB + ` ${20 * MB}`.length);
    assert.equal(body.toString('latin1', 100 * MB), ` ${20 * MB}`);
  });

  it('keeps the answer of a script that leaves 50 MB unread', async (t) => {
    const site = await startSite(t, { 'cgi-bin/hasty': sh`${HEADER}; printf done` });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/hasty', [`Content-Length: ${50 * MB}`]));
    await client.send(Buffer.alloc(50 * MB));
    assert.equal((await client.answer()).body, 'done');
    await client.send(requestText('GET /cgi-bin/hasty'));
    assert.equal((await client.answer()).body, 'done');
  });

  for (const version of ['1.0', '1.1'])
    it(`loses no answer to a reset where 20 MB are unread and HTTP/${version} closes`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/hasty': sh`${HEADER}; printf done` });
      const head = `POST /cgi-bin/hasty HTTP/${version}\r\nHost: a\r\nConnection: close\r\nContent-Length: ${20 * MB}\r\n\r\n`;
      const client = await rawClient(site.port, head);
      // It reads only when it has sent all, as simple clients do.
      for (let sent = 0; sent < 20; sent += 1) {
        await client.send(Buffer.alloc(MB));
        await sleep(5);
      }
      assert.equal((await client.answer()).body, 'done');
      await client.over();
      assert.equal(client.wasReset, false);
    });

  it('loses no answer of an NPH script to a reset where 20 MB are unread', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/nph-hasty': sh`printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndone'`,
    });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/nph-hasty', [`Content-Length: ${20 * MB}`]));
    for (let sent = 0; sent < 20; sent += 1) {
      await client.send(Buffer.alloc(MB));
      await sleep(5);
    }
    assert.equal((await client.answer()).body, 'done');
    await client.over();
    assert.equal(client.wasReset, false);
  });

  it('is not stuck where a script fills stderr before it answers', async (t) => {
    const site = await startSite(t, { 'cgi-bin/moans': sh`head -c 20m /dev/zero >&2; ${HEADER}; printf done` });
    assert.equal(await (await site.get('/cgi-bin/moans')).text(), 'done');
  });

  it('ends the answer when the script closes stdout, and lets the script go on', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/goes-on': sh`${HEADER}; printf done; exec >&-; sleep 1; echo finished > ../public/proof.txt`,
    });
    const before = Date.now();
    assert.equal(await (await site.get('/cgi-bin/goes-on')).text(), 'done');
    assert.ok(Date.now() - before < 900, 'the answer waited for the exit');
    await untilProcessesIn(site.folder, 0);
    assert.equal(await (await site.get('/proof.txt')).text(), 'finished\n');
  });

  it('feeds a script that has closed its stdout the rest of its body', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/keeps-reading': sh`${HEADER}; printf done; exec >&-; wc -c > ../public/count.txt`,
    });
    const client = await rawClient(
      site.port,
      requestText('POST /cgi-bin/keeps-reading', [`Content-Length: ${5 * MB}`]),
    );
    await client.send(Buffer.alloc(MB));
    assert.equal((await client.answer()).body, 'done');
    await client.send(Buffer.alloc(4 * MB));
    await untilProcessesIn(site.folder, 0);
    assert.equal(Number(await (await site.get('/count.txt')).text()), 5 * MB);
  });
});

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
