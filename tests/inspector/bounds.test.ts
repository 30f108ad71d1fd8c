// The history is bounded: in number, in bytes, and for each stream; what is beyond is told, never lost in silence.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sh } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const HELLO = sh`echo "Content-Type: text/plain"; echo; echo hello`;
const COUNT = sh`echo "Content-Type: text/plain"; echo; wc -c`;

describe('the bounds of the history', () => {
  it('keeps the newest requests and forgets the oldest', async (t) => {
    const { site, api } = await startInspected(t, { 'public/a.txt': 'a' }, { inspector: { keep: 3 } });
    for (const name of ['1', '2', '3', '4', '5']) await (await site.get(`/a.txt?${name}`)).text();
    const { requests, kept } = await api('/api/requests');
    assert.equal(kept, 3);
    assert.deepEqual(
      requests.map((request: { url: string }) => request.url),
      ['/a.txt?5', '/a.txt?4', '/a.txt?3'],
    );
  });

  it('cuts a large body with a note, and never holds more than it may', async (t) => {
    const keepBytes = 1024 * 1024;
    const { site, recorded, post, history } = await startInspected(
      t,
      { 'cgi-bin/count': COUNT },
      { inspector: { keepBytes } },
    );
    for (let round = 0; round < 20; round += 1) {
      const answer = await site.get('/cgi-bin/count', { method: 'POST', body: Buffer.alloc(3_000_000, 'x') });
      assert.equal((await answer.text()).trim(), '3000000');
      assert.ok(history.bytes <= keepBytes, String(history.bytes));
    }
    const record = await recorded('/cgi-bin/count');
    assert.deepEqual([record.request.body.totalBytes, record.request.body.keptBytes], [3_000_000, keepBytes / 16]);
    const replay = await post(`/api/requests/${record.id}/replay`, {});
    assert.equal(replay.status, 409);
    assert.match(
      ((await replay.json()) as { error: string }).error,
      /^Only the first 65536 of 3000000 bytes of the body were kept/,
    );
  });

  it('survives a script that writes byte by byte, and a large environment', async (t) => {
    const drip = `#!/usr/bin/perl\n$|=1; print "Content-Type: text/plain\\n\\n"; for (1..3000) { syswrite STDOUT, "x"; syswrite STDERR, "e\\n" }`;
    const { site, recorded, history } = await startInspected(t, { 'cgi-bin/drip': drip });
    const headers = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`X-H${index}`, 'v'.repeat(40)]));
    const answer = await site.get('/cgi-bin/drip', { headers });
    assert.equal((await answer.text()).length, 3000);
    let [run] = (await recorded('/cgi-bin/drip')).runs;
    // So many lines of stderr are read slowly; its last may come after the answer.
    for (let look = 0; look < 500 && run.stderr.totalBytes < 6000; look += 1) {
      await sleep(20);
      [run] = (await recorded('/cgi-bin/drip')).runs;
    }
    assert.equal(run.stdout.body.length, 3000);
    assert.equal(run.stderr.totalBytes, 6000);
    assert.ok(run.environment.length > 900);
    assert.ok(history.bytes < 1_000_000, String(history.bytes));
  });

  it('answers 404 with the reason for a record that made room', async (t) => {
    const { site, inspector, recorded } = await startInspected(
      t,
      { 'cgi-bin/hello': HELLO },
      { inspector: { keep: 1 } },
    );
    await site.get('/cgi-bin/hello?old');
    const { id } = await recorded('/cgi-bin/hello?old');
    await site.get('/cgi-bin/hello?new');
    const answer = await fetch(`${inspector}/api/requests/${id}`);
    assert.equal(answer.status, 404);
    assert.match(((await answer.json()) as { error: string }).error, /made room for newer ones/);
  });

  it('links no failure page to a record that has made room', async (t) => {
    const fails = sh`[ "$QUERY_STRING" = new ] && exit 1; while [ ! -e ../public/go.txt ]; do sleep 0.05; done; exit 1`;
    const { site, inspector, history } = await startInspected(
      t,
      { 'cgi-bin/fails': fails },
      { inspector: { keep: 1 } },
    );
    const old = site.get('/cgi-bin/fails?old');
    while (history.list().length === 0) await new Promise((go) => setTimeout(go, 10));
    assert.ok((await (await site.get('/cgi-bin/fails?new')).text()).includes(`${inspector}/r/`));
    await writeFile(`${site.folder}/public/go.txt`, '');
    assert.ok(!(await (await old).text()).includes(`${inspector}/r/`));
  });

  it('lets a request go on whose record was cleared meanwhile', async (t) => {
    const { site, inspector } = await startInspected(t, {
      'cgi-bin/slow': sh`echo "Content-Type: text/plain"; echo; sleep 0.5; echo late`,
    });
    const answer = site.get('/cgi-bin/slow');
    await new Promise((go) => setTimeout(go, 200));
    assert.equal((await fetch(`${inspector}/api/requests`, { method: 'DELETE' })).status, 204);
    assert.equal(await (await answer).text(), 'late\n');
    assert.equal((await site.logged('/cgi-bin/slow')).status, 200);
  });

  it('records nothing when the inspector is off', async (t) => {
    await assert.rejects(startInspected(t, {}, { inspector: { enabled: false } }), /the inspector is off/);
  });
});
