// `limits.timeoutSeconds`: the clock counts only while the script could make progress, and ends the whole group.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../server/config/schema.ts';
import { untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;
const MB = 1024 * 1024;
const limits = { ...Config.parse({}).limits, timeoutSeconds: 2, killAfterSeconds: 1 };

describe('the time limit', { concurrency: 8 }, () => {
  it('is a 504 before the header, and ends children too', async (t) => {
    const site = await startSite(t, { 'cgi-bin/hangs': sh`sleep 60 & sleep 60` }, { limits });
    const response = await site.get('/cgi-bin/hangs');
    assert.equal(response.status, 504);
    assert.match(await response.text(), /2 seconds|2 s/);
    await untilProcessesIn(site.folder, 0);
  });

  it('cuts an answer so that the client can tell', async (t) => {
    const site = await startSite(t, { 'cgi-bin/stops': sh`${HEADER}; printf half; sleep 60` }, { limits });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/stops'));
    const answer = await client.answer();
    assert.deepEqual([answer.status, answer.body, answer.isWhole], [200, 'half', false]);
    await untilProcessesIn(site.folder, 0);
    assert.equal((await site.logged('/cgi-bin/stops')).status, 200);
  });

  it('cuts an HTTP/1.0 answer so that the client can tell', async (t) => {
    const site = await startSite(t, { 'cgi-bin/stops': sh`${HEADER}; printf half; sleep 60` }, { limits });
    const client = await rawClient(site.port, 'GET /cgi-bin/stops HTTP/1.0\r\n\r\n');
    await client.over();
    assert.equal(client.wasReset, true);
  });

  it('starts anew with each byte of output', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/drips': sh`${HEADER}; for n in 1 2 3 4; do printf $n; sleep 1; done` },
      { limits },
    );
    assert.equal(await (await site.get('/cgi-bin/drips')).text(), '1234');
  });

  it('stands still while the client sends nothing of its body', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': sh`${HEADER}; cat` }, { limits });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', ['Content-Length: 6'], 'abc'));
    await sleep(3500);
    await client.send('def');
    assert.equal((await client.answer()).body, 'abcdef');
  });

  it('stands still while the client reads nothing', async (t) => {
    const site = await startSite(t, { 'cgi-bin/big': sh`${HEADER}; head -c 30m /dev/zero; printf end` }, { limits });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/big'));
    client.socket.pause();
    await sleep(3500);
    client.socket.resume();
    const answer = await client.answer();
    assert.equal(answer.body.length, 30 * MB + 3);
    assert.ok(answer.isWhole);
  });

  it('runs on where a script does not read a body that has come', async (t) => {
    const site = await startSite(t, { 'cgi-bin/deaf': sh`sleep 60` }, { limits });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/deaf', [`Content-Length: ${5 * MB}`]));
    void client.send(Buffer.alloc(5 * MB));
    assert.equal((await client.answer()).status, 504);
    await untilProcessesIn(site.folder, 0);
  });

  it('ends a script that ignores SIGTERM, and its children that do', async (t) => {
    const ignores = sh`trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & while :; do sleep 1; done`;
    const site = await startSite(t, { 'cgi-bin/ignores': ignores }, { limits });
    assert.equal((await site.get('/cgi-bin/ignores')).status, 504);
    await untilProcessesIn(site.folder, 0);
  });

  it('ends a child that ignores SIGTERM when its parent has obeyed it', async (t) => {
    const parent = sh`(trap '' TERM; while :; do sleep 1; done) & trap 'exit 0' TERM; while :; do sleep 0.1; done`;
    const site = await startSite(t, { 'cgi-bin/parent': parent }, { limits });
    assert.equal((await site.get('/cgi-bin/parent')).status, 504);
    await untilProcessesIn(site.folder, 0);
  });

  it('ends a script that is stopped', async (t) => {
    const site = await startSite(t, { 'cgi-bin/stopped': sh`kill -STOP $$` }, { limits });
    assert.equal((await site.get('/cgi-bin/stopped')).status, 504);
    await untilProcessesIn(site.folder, 0);
  });

  it('ends a script that closed its output and goes on', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/lives-on': sh`${HEADER}; printf done; exec >&- 2>&-; sleep 60` },
      { limits },
    );
    assert.equal(await (await site.get('/cgi-bin/lives-on')).text(), 'done');
    await untilProcessesIn(site.folder, 0);
  });

  const BABBLE = 'while :; do echo babble; done';
  const lengths = { 'a HEAD request': '', 'a 204': 'Status: 204\\n', 'Content-Length': 'Content-Length: 3\\n' };
  for (const [what, field] of Object.entries(lengths))
    it(`ends a script that babbles for ever behind ${what}`, async (t) => {
      const script = sh`printf '${field}Content-Type: text/plain\n\n'; ${BABBLE}`;
      const site = await startSite(t, { 'cgi-bin/babbles': script, 'public/page.txt': 'page' }, { limits });
      const isHead = field === '';
      const client = await rawClient(site.port, requestText(`${isHead ? 'HEAD' : 'GET'} /cgi-bin/babbles`));
      assert.ok((await client.answer({ isHead })).status < 300);
      await client.send(requestText('GET /page.txt'));
      assert.equal((await client.answer()).body, 'page');
      await untilProcessesIn(site.folder, 0);
    });

  it('ends a script that babbles for ever behind a local redirect', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/go': sh`printf 'Location: /page.txt\n\n'; ${BABBLE}`, 'public/page.txt': 'page' },
      { limits },
    );
    assert.equal(await (await site.get('/cgi-bin/go')).text(), 'page');
    await untilProcessesIn(site.folder, 0);
  });

  it('lets no script babble without a header', async (t) => {
    const site = await startSite(t, { 'cgi-bin/babbles': sh`${BABBLE}` }, { limits });
    assert.equal((await site.get('/cgi-bin/babbles')).status, 500);
    await untilProcessesIn(site.folder, 0);
  });
});
