// The record of a request, through the API: every fact of PRODUCT.md section 8, as it came.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sh } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const ECHO = sh`echo "X-Note: one"; echo "Content-Type: text/plain"; echo; echo "to stderr" >&2; cat; exit 3`;

describe('the record of a request', () => {
  it('holds request line, fields, body, environment, streams, exit and times', async (t) => {
    const { site, recorded } = await startInspected(t, { 'cgi-bin/echo': ECHO });
    const answer = await site.get('/cgi-bin/echo/info?a=1', {
      method: 'POST',
      body: 'x=1',
      headers: { 'X-Odd': 'yes' },
    });
    assert.equal(await answer.text(), 'x=1');
    const record = await recorded('/cgi-bin/echo/info?a=1');
    assert.equal(record.id, answer.headers.get('x-request-id'));
    assert.deepEqual([record.method, record.status, record.exit, record.ending], ['POST', 200, 3, 'complete']);
    assert.equal(record.request.body.text, 'x=1');
    assert.ok(record.request.fields.some((field: { name: string }) => field.name.toLowerCase() === 'x-odd'));
    const [run] = record.runs;
    assert.equal(run.stdout.header, 'X-Note: one\nContent-Type: text/plain\n\n');
    assert.equal(run.stdout.body, 'x=1');
    assert.equal(run.stderr.lines[0].text, 'to stderr');
    assert.ok(run.stderr.lines[0].at > 0);
    assert.equal(run.command.file, `${site.folder}/cgi-bin/echo`);
    assert.match(record.response.head, /^HTTP\/1\.1 200 OK\nX-Note: one\n/);
    const { found, started, firstOutput, header, lastOutput, exit } = run.times;
    const times = [0, found, started, firstOutput, header, record.durationMs];
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(exit >= started && lastOutput >= firstOutput && record.durationMs >= lastOutput);
  });

  it('says of each variable what it is and where it comes from', async (t) => {
    const { site, recorded } = await startInspected(
      t,
      { 'cgi-bin/echo': ECHO },
      { cgi: { environment: { DATA: '1' } } },
    );
    await site.get('/cgi-bin/echo?a=1');
    const { environment } = (await recorded('/cgi-bin/echo?a=1')).runs[0];
    const origin = (name: string) =>
      environment.find((variable: { name: string }) => variable.name === name)?.note.origin;
    assert.deepEqual(['QUERY_STRING', 'HTTP_HOST', 'REQUEST_URI', 'PATH', 'DATA'].map(origin), [
      'RFC 3875 §4.1.7',
      'RFC 3875 §4.1.18',
      'Apache',
      'environment of the server',
      'cgi.environment',
    ]);
  });

  it('holds both runs of a local redirect', async (t) => {
    const { site, recorded } = await startInspected(t, {
      'cgi-bin/go': sh`echo "Location: /cgi-bin/there"; echo`,
      'cgi-bin/there': sh`echo "Content-Type: text/plain"; echo; echo there`,
    });
    await site.get('/cgi-bin/go');
    const { runs } = await recorded('/cgi-bin/go');
    assert.deepEqual(
      runs.map((run: { script: { name: string } }) => run.script.name),
      ['/cgi-bin/go', '/cgi-bin/there'],
    );
    assert.equal(runs[0].stdout.header, 'Location: /cgi-bin/there\n\n');
  });

  it('says why a script failed, as the failure page does', async (t) => {
    const { site, recorded, inspector } = await startInspected(t, { 'cgi-bin/bad': sh`echo "no header"` });
    const answer = await site.get('/cgi-bin/bad');
    const page = await answer.text();
    const record = await recorded('/cgi-bin/bad');
    assert.ok(page.includes(`${inspector}/r/${record.id}`));
    assert.ok(page.includes(record.failure.title));
    assert.equal(record.cause, 'headerMalformed');
    assert.equal(record.runs[0].stdout.header, null);
    assert.equal(record.runs[0].stdout.body, 'no header\n');
    assert.ok(record.response.page.text.includes(record.failure.title));
  });

  it('keeps the body that a script left unread', async (t) => {
    const { site, recorded } = await startInspected(t, {
      'cgi-bin/deaf': sh`exec <&-; echo "Content-Type: text/plain"; echo; echo done`,
    });
    await site.get('/cgi-bin/deaf', { method: 'POST', body: 'b'.repeat(300_000) });
    const { body } = (await recorded('/cgi-bin/deaf')).request;
    assert.deepEqual([body.totalBytes, body.keptBytes], [300_000, 300_000]);
  });

  it('shows binary output as a hex dump and gives the bytes raw', async (t) => {
    const { site, recorded, inspector } = await startInspected(t, {
      'cgi-bin/binary': sh`printf 'Content-Type: application/octet-stream\n\n\000\001\377'`,
    });
    await site.get('/cgi-bin/binary');
    const record = await recorded('/cgi-bin/binary');
    assert.match(record.runs[0].stdout.body, /^00000000 {2}00 01 ff/);
    const raw = await fetch(`${inspector}/api/requests/${record.id}/streams/stdout`);
    assert.equal(
      Buffer.from(await raw.arrayBuffer())
        .toString('latin1')
        .slice(-3),
      '\0\x01\xff',
    );
    assert.match(raw.headers.get('content-disposition') ?? '', /^attachment/);
  });

  it('hides credentials, cookies and configured names until asked', async (t) => {
    const script = sh`echo "Set-Cookie: sid=output-secret"; echo "Content-Type: text/plain"; echo; echo x`;
    const { site, recorded, inspector } = await startInspected(
      t,
      { 'cgi-bin/echo': script },
      { inspector: { mask: ['X-Api-Key'] }, cgi: { passAuthorization: true } },
    );
    const headers = { Cookie: 'sid=first-secret', Authorization: 'Basic second-secret', 'X-Api-Key': 'third-secret' };
    await site.get('/cgi-bin/echo', { headers });
    const hidden = await recorded('/cgi-bin/echo');
    assert.doesNotMatch(JSON.stringify(hidden), /secret/);
    assert.match(hidden.runs[0].stdout.header, /^Set-Cookie: ••••••••␍?\n/);
    assert.equal(JSON.stringify(await recorded('/cgi-bin/echo', '?reveal=1')).match(/\w+-secret/g)?.length, 9);
    for (const form of ['text', 'har', 'curl', 'shell']) {
      const text = async (query: string) =>
        (await fetch(`${inspector}/api/requests/${hidden.id}/${form}${query}`)).text();
      assert.doesNotMatch(await text(''), /secret/, form);
      assert.match(await text('?reveal=1'), /third-secret/, form);
    }
  });

  it('shows a page in the charset that its header or the page itself declares', async (t) => {
    const word = '\\223\\372\\226\\173\\214\\352';
    const { site, recorded } = await startInspected(t, {
      'cgi-bin/header': sh`printf 'Content-Type: text/html; charset=Shift_JIS\n\n<p>${word}'`,
      'cgi-bin/meta': sh`printf 'Content-Type: text/html\n\n<meta http-equiv="Content-Type" content="text/html; charset=x-sjis"><p>${word}'`,
      'cgi-bin/wrong': sh`printf 'Content-Type: text/html; charset=of-nobody\n\n<p>caf\351'`,
    });
    for (const [name, shown, charset] of [
      ['header', '<p>日本語', 'shift_jis'],
      ['meta', '<p>日本語', 'shift_jis'],
      ['wrong', '<p>café', 'iso-8859-1'],
    ] as const) {
      await site.get(`/cgi-bin/${name}`);
      const { stdout } = (await recorded(`/cgi-bin/${name}`)).runs[0];
      assert.ok(stdout.body.endsWith(shown), stdout.body);
      assert.equal(stdout.encoding, charset);
    }
  });

  it('hides them in what a failure shows of the output, too', async (t) => {
    const { site, recorded } = await startInspected(t, {
      'cgi-bin/bad': sh`echo "Set-Cookie: sid=output-secret"; echo "no field"; echo`,
    });
    await site.get('/cgi-bin/bad');
    const { failure } = await recorded('/cgi-bin/bad');
    assert.doesNotMatch(JSON.stringify(failure), /secret/);
    assert.match(JSON.stringify(failure.output), /Set-Cookie: ••••••••/);
    assert.match(JSON.stringify((await recorded('/cgi-bin/bad', '?reveal=1')).failure), /output-secret/);
  });

  it('spells out what could steer or hide in a terminal or a page', async (t) => {
    const { site, recorded } = await startInspected(t, {
      'cgi-bin/hostile': sh`printf 'Content-Type: text/html\n\n<script>alert(1)</script>\033[2J\342\200\256x'; printf '\033[31mred\n' >&2`,
    });
    await site.get('/cgi-bin/hostile');
    const [run] = (await recorded('/cgi-bin/hostile')).runs;
    assert.equal(run.stdout.body, '<script>alert(1)</script>\\x1b[2J\\u202ex');
    assert.equal(run.stderr.lines[0].text, '\\x1b[31mred');
  });
});
