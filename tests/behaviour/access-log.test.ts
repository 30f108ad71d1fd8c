import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const SCRIPTS = {
  'cgi-bin/talks': sh`echo "Content-Type: text/plain"; echo; echo one >&2; printf 'two\rthree\n' >&2; printf last >&2`,
  'cgi-bin/ends': sh`echo "Content-Type: text/plain"; echo; exit 7`,
  'public/a.txt': 'page',
};
const secret = { authorization: 'Basic c2VjcmV0', cookie: 'session=secret' };

async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; !holds(); attempt += 1) {
    assert.ok(attempt < 500, 'what was waited for did not come');
    await new Promise((settle) => setTimeout(settle, 10));
  }
}

describe('log', () => {
  it('has a duration that no setting of the clock changes', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/slow': sh`echo "Content-Type: text/plain"; echo; echo begun; sleep 0.3`,
    });
    t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2000, 0, 2) });
    const answer = await site.get('/cgi-bin/slow');
    t.mock.timers.setTime(Date.UTC(2000, 0, 1));
    await answer.text();
    const { time, durationMs } = await site.logged('/cgi-bin/slow');
    assert.equal(time, '2000-01-02T00:00:00.000Z');
    assert.ok(Number(durationMs) > 200 && Number(durationMs) < 60_000, `${durationMs}`);
  });

  it('has one line per request, with the exit of its script', async (t) => {
    const site = await startSite(t, SCRIPTS);
    await (await site.get('/cgi-bin/ends', { headers: secret })).text();
    await (await site.get('/a.txt')).text();
    const ends = await site.logged('/cgi-bin/ends');
    assert.deepEqual([ends.status, ends.exit, ends.level, ends.ending], [200, 7, 'warn', 'complete']);
    const file = await site.logged('/a.txt');
    assert.deepEqual([file.status, file.bytes, file.resource, file.script], [200, 4, 'file', null]);
    assert.equal(site.log.length, 2);
    assert.doesNotMatch(site.log.join(''), /c2VjcmV0|session/);
  });

  it('has what a script writes to stderr, line by line, with the id of its request', async (t) => {
    const site = await startSite(t, SCRIPTS);
    await (await site.get('/cgi-bin/talks')).text();
    const { id } = await site.logged('/cgi-bin/talks');
    await until(() => site.log.length === 4);
    const lines = site.log.map((line) => JSON.parse(line)).filter((entry) => 'stderr' in entry);
    assert.deepEqual(
      lines.map((entry) => entry.id),
      [id, id, id],
    );
    assert.match(lines.map((entry) => entry.stderr).join('|'), /^one\|two.*three\|last$/);
  });

  it('has a file that became shorter while it was sent as truncated by the server', async (t) => {
    const site = await startSite(t, { 'public/log.txt': '' });
    const file = join(site.folder, 'public/log.txt');
    truncateSync(file, 64 * 1024 * 1024);
    const client = await rawClient(site.port, requestText('GET /log.txt'));
    client.socket.pause();
    await sleep(100);
    truncateSync(file, 1024);
    client.socket.resume();
    await client.over();
    const { status, ending, remarks } = await site.logged('/log.txt');
    assert.deepEqual([status, ending, remarks], [200, 'truncated', ['the file became shorter while it was sent']]);
  });

  it('in the combined format has requests alone, and tells stderr to the operator', async (t) => {
    const site = await startSite(t, SCRIPTS, { log: { level: 'info', format: 'combined' } });
    await (await site.get('/cgi-bin/talks', { headers: { 'user-agent': 'a "b"' } })).text();
    await until(() => site.log.length === 1 && site.warnings.length === 3);
    assert.match(
      site.log[0] ?? '',
      /^127\.0\.0\.1 - - \[.*\] "GET \/cgi-bin\/talks HTTP\/1\.1" 200 - "-" "a \\"b\\""$/,
    );
  });

  it('has only what the level asks for', async (t) => {
    const site = await startSite(t, SCRIPTS, { log: { level: 'error', format: 'json' } });
    await (await site.get('/cgi-bin/ends')).text();
    await (await site.get('/a.txt')).text();
    await site.server.stop();
    assert.deepEqual(site.log, []);
  });
});
