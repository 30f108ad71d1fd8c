// Requests, answers and mail that are too large, too many, or no text at all: nothing lost in silence, the site unaffected.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { rawClient, requestText } from '../support/raw-client.ts';
import { SHOW_ENVIRONMENT } from '../support/script-environment.ts';
import { serveProcess } from '../support/serve-process.ts';
import { sh } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const MB = 1024 * 1024;
const COUNT = sh`echo "Content-Type: text/plain"; echo; exec wc -c`;
const HELLO = sh`echo "Content-Type: text/plain"; echo; echo hello`;
/** What the inspector keeps of one stream with its defaults, and what a replay of it takes for a moment. */
const MOST_GROWTH = 64 * MB;

async function upload(port: number, path: string, megabytes: number): Promise<string> {
  const client = await rawClient(port, requestText(`POST ${path}`, [`Content-Length: ${megabytes * MB}`]));
  const chunk = Buffer.alloc(MB, 'x');
  for (let sent = 0; sent < megabytes; sent += 1) await client.send(chunk);
  const { body } = await client.answer();
  client.leave();
  return body.trim();
}

describe('a body of 100 MB', () => {
  it('is recorded to its bound, and everything that would need the rest says so', async (t) => {
    const settings = {
      CGIBOX_INSPECTOR_ENABLED: 'true',
      CGIBOX_INSPECTOR_PORT: '0',
      CGIBOX_INSPECTOR_KEEP_BYTES: '64mb',
    };
    const server = await serveProcess(t, { count: COUNT, hello: HELLO }, settings);
    while (!/inspector +http/.test(server.said())) await new Promise((go) => setTimeout(go, 10));
    const inspector = /inspector +(http:\/\/\S+:\d+)/.exec(server.said())?.[1];
    await upload(server.port, '/cgi-bin/count', 5);
    const before = await server.residentBytes();
    let highest = before;
    const sampling = setInterval(async () => {
      highest = Math.max(highest, await server.residentBytes());
    }, 20);
    const uploading = Promise.all([1, 2, 3].map(() => upload(server.port, '/cgi-bin/count', 100)));
    const other = await fetch(`http://127.0.0.1:${server.port}/cgi-bin/hello`);
    assert.equal(await other.text(), 'hello\n', 'the site answers meanwhile');
    assert.deepEqual(await uploading, Array(3).fill(String(100 * MB)));
    clearInterval(sampling);
    assert.ok(highest - before < MOST_GROWTH, `${(before / MB).toFixed()} MiB became ${(highest / MB).toFixed()} MiB`);

    const { requests } = (await (await fetch(`${inspector}/api/requests?method=POST`)).json()) as {
      requests: readonly { readonly id: string }[];
    };
    const record = `${inspector}/api/requests/${requests[0]?.id}`;
    const { request, runs } = (await (await fetch(record)).json()) as {
      request: { readonly body: { readonly totalBytes: number; readonly keptBytes: number }; readonly cut: string };
      runs: readonly { readonly stdout: { readonly body: string } }[];
    };
    assert.deepEqual([request.body.totalBytes, request.body.keptBytes], [100 * MB, 4 * MB]);
    assert.equal(
      request.cut,
      'Only the first 4194304 of 104857600 bytes of the body were kept (a sixteenth of inspector.keepBytes): it cannot be sent again as it was.',
    );
    assert.equal(runs[0]?.stdout.body.trim(), String(100 * MB), 'the script has had all of it');
    for (const [form, init] of [
      ['replay', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }],
      ['curl', {}],
      ['shell', {}],
    ] as const) {
      const refused = await fetch(`${record}/${form}`, init);
      assert.deepEqual([refused.status, await refused.json()], [409, { error: request.cut }], form);
    }
    const text = await (await fetch(`${record}/text`)).text();
    assert.match(text, /^Body \(104857600 bytes, the first 4194304 were kept, the first 262144 are shown\)$/m);
    const { log } = (await (await fetch(`${record}/har`)).json()) as {
      log: { entries: { request: { bodySize: number; postData: { comment: string } } }[] };
    };
    assert.deepEqual(
      [log.entries[0]?.request.bodySize, log.entries[0]?.request.postData.comment],
      [100 * MB, request.cut],
    );
    assert.equal((await (await fetch(`${record}/streams/body`)).arrayBuffer()).byteLength, 4 * MB);
  });

  it('can still be replayed with another body', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/count': COUNT }, { inspector: { keepBytes: MB } });
    await upload(inspected.site.port, '/cgi-bin/count', 3);
    const { id } = await inspected.recorded('/cgi-bin/count');
    const answer = await inspected.post(`/api/requests/${id}/replay`, { body: { text: 'short' } });
    assert.equal(answer.status, 201);
    assert.equal((await inspected.recorded('/cgi-bin/count')).runs[0].stdout.body.trim(), '5');
  });
});

describe('bytes that are no text', () => {
  const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

  it('are shown as a dump, compared, copied and given raw, in every stream', async (t) => {
    const noise = `#!/usr/bin/perl
binmode STDIN; binmode STDOUT; binmode STDERR; my $all = join '', map { chr } 0 .. 255;
print STDERR $all; print "Content-Type: application/octet-stream\\n\\n", $all, <STDIN>;
`;
    const { site, history, inspector, api } = await startInspected(t, { 'cgi-bin/noise': noise });
    for (const body of [EVERY_BYTE, Buffer.concat([EVERY_BYTE, EVERY_BYTE])])
      await (await site.get('/cgi-bin/noise', { method: 'POST', body })).arrayBuffer();
    while (history.list().some(({ isFinished }) => !isFinished)) await new Promise((go) => setTimeout(go, 10));
    const [older = '', newer = ''] = history.list().map(({ exchange }) => exchange.id);
    const { request, runs } = await api(`/api/requests/${older}`);
    assert.match(request.body.text, /^00000000 {2}00 01 02 /);
    assert.match(runs[0].stdout.body, /^00000000 {2}00 01 02 /);
    assert.match(runs[0].stderr.lines[0].text, /^\\0\\x01|^\\x00\\x01/);
    const raw = async (name: string) =>
      Buffer.from(await (await fetch(`${inspector}/api/requests/${older}/streams/${name}`)).arrayBuffer());
    assert.ok((await raw('body')).equals(EVERY_BYTE));
    assert.ok((await raw('stderr')).equals(EVERY_BYTE));
    assert.ok((await raw('stdout')).subarray(-512).equals(Buffer.concat([EVERY_BYTE, EVERY_BYTE])));
    assert.equal((await api(`/api/compare/${older}/${newer}`)).output.isSame, false);
    for (const form of ['text', 'har', 'curl', 'shell']) {
      const copied = Buffer.from(await (await fetch(`${inspector}/api/requests/${older}/${form}`)).arrayBuffer());
      assert.doesNotMatch(copied.toString('latin1'), CONTROLS, form);
    }
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/;

describe('ten thousand header fields', () => {
  const FIELDS = Array.from({ length: 10_000 }, (_, index) => `X-Field-${index}: ${index}`);

  it('are 431 with the limits as shipped, and the site goes on', async (t) => {
    const { site, history } = await startInspected(t, { 'cgi-bin/env': SHOW_ENVIRONMENT });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/env', FIELDS, ''));
    assert.equal((await client.answer()).status, 431);
    assert.equal(await (await site.get('/cgi-bin/env')).text().then((text) => text.includes('REQUEST_URI')), true);
    assert.ok(history.bytes < MB);
  });

  it('all reach the script where the limit is raised, and are shown, listed and copied', async (t) => {
    const { site, api, recorded, inspector, history } = await startInspected(
      t,
      { 'cgi-bin/env': SHOW_ENVIRONMENT },
      { limits: { ...LIMITS, requestHeaderBytes: MB } },
    );
    const client = await rawClient(site.port, requestText('GET /cgi-bin/env', [...FIELDS, 'Connection: close'], ''));
    const answer = await client.answer();
    assert.equal(answer.status, 200);
    assert.equal(answer.body.match(/HTTP_X_FIELD_\d+=/g)?.length, 10_000);
    const { id, request, runs } = await recorded('/cgi-bin/env');
    assert.equal(request.fields.length, 10_002);
    assert.ok(runs[0].environment.length > 10_000);
    assert.equal((await api('/api/requests?text=x-field-9999')).requests.length, 1);
    assert.equal((await fetch(`${inspector}/api/requests/${id}/curl`)).status, 200);
    assert.ok(history.bytes < 4 * MB, String(history.bytes));
  });

  const LIMITS = {
    timeoutSeconds: 60,
    requestHeaderBytes: MB,
    killAfterSeconds: 5,
    bodyBytes: MB,
    headerBytes: 65_536,
    running: 32,
    waiting: 512,
  };
});

describe('mail that is broken', () => {
  it('is listed, shown with what is wrong, and given raw', async (t) => {
    const { mailbox, api, inspector } = await startInspected(t, {});
    const broken = [
      'Subject: =?utf-8?b?!!!?= \0 \xff',
      'From: <<<>>>, "unended',
      'Content-Type: multipart/mixed; boundary="never seen"',
      'Content-Transfer-Encoding: base64',
      '',
      '--other',
      'Content-Type: image/png; name="',
      '',
      '\0\0\xff****',
    ].join('\r\n');
    for (const raw of [broken, '', '\0', 'no header at all', '--b\r\n'.repeat(10_000)])
      mailbox.add({
        at: Date.now(),
        requestId: undefined,
        via: 'smtp',
        envelope: { from: '', to: ['a@b'] },
        raw: Buffer.from(raw, 'latin1'),
      });
    const { mail } = await api('/api/mail');
    assert.equal(mail.length, 5);
    for (const { id } of mail) {
      const shown = await api(`/api/mail/${id}`);
      assert.equal(shown.requestId, null);
      assert.equal((await fetch(`${inspector}/api/mail/${id}/raw`)).status, 200);
    }
    const raw = await fetch(`${inspector}/api/mail/${mail[4].id}/raw`);
    assert.equal(Buffer.from(await raw.arrayBuffer()).toString('latin1'), broken);
  });
});

describe('a site with TLS', () => {
  const tls = {
    certificate: resolve('tests/fixtures/tls/certificate.pem'),
    key: resolve('tests/fixtures/tls/key.pem'),
  };

  it('is replayed over TLS: the script sees HTTPS=on again', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/env': SHOW_ENVIRONMENT }, { server: { port: 0, tls } });
    const { site, post, recorded, inspector } = inspected;
    await new Promise((settle) =>
      get(`${site.url}/cgi-bin/env?x=1`, { ca: readFileSync(tls.certificate) }, (response) =>
        response.resume().once('end', settle),
      ),
    );
    const { id } = await recorded('/cgi-bin/env?x=1');
    const answer = await post(`/api/requests/${id}/replay`, { target: '/cgi-bin/env?x=2' });
    assert.equal(answer.status, 201, await answer.clone().text());
    const replay = await recorded('/cgi-bin/env?x=2');
    assert.equal(replay.replayOf, id);
    const variable = (name: string) =>
      replay.runs[0].environment.find((each: { name: string }) => each.name === name)?.value;
    assert.deepEqual(['HTTPS', 'REQUEST_SCHEME', 'SERVER_PORT'].map(variable), ['on', 'https', String(site.port)]);
    const curl = await (await fetch(`${inspector}/api/requests/${id}/curl`)).text();
    const copying = spawn('sh', ['-c', curl], { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.match(await text(copying.stdout), /\0HTTPS=on\0/, curl);
  });
});
