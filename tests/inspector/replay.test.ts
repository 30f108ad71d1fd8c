// Replay, edit and replay, compare: the request goes out as the very bytes that came, but for what was edited.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SHOW_ENVIRONMENT } from '../support/script-environment.ts';
import { sh } from '../support/start-site.ts';
import { type InspectedTestSite, startInspected } from './start-inspected.ts';

const ECHO = `#!/usr/bin/perl
binmode STDIN; binmode STDOUT;
print "Content-Type: application/octet-stream\\n\\n$ENV{REQUEST_METHOD} $ENV{REQUEST_URI} $ENV{CONTENT_LENGTH} $ENV{HTTP_X_NOTE} $ENV{HTTP_COOKIE}\\n", <STDIN>;
`;

async function replayed({ post, history, inspector }: InspectedTestSite, id: string, edits: unknown = {}) {
  const answer = await post(`/api/requests/${id}/replay`, edits);
  assert.equal(answer.status, 201, await answer.clone().text());
  const { id: next } = (await answer.json()) as { id: string };
  for (let attempt = 0; attempt < 300 && history.get(next)?.isFinished !== true; attempt += 1)
    await new Promise((go) => setTimeout(go, 10));
  const raw = await fetch(`${inspector}/api/requests/${next}/streams/stdout`);
  return { id: next, output: Buffer.from(await raw.arrayBuffer()).toString('latin1'), entry: history.get(next) };
}

describe('replay', () => {
  it('sends the recorded bytes again, Host and odd bytes included', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/echo': ECHO });
    const request =
      'POST /cgi-bin/echo/%E9?q=%FF HTTP/1.1\r\nhOsT: old.example\r\nX-Note: caf\xe9\r\nCookie: a=1\r\nContent-Length: 6\r\n\r\n\0\x01\r\n\xff=';
    await inspected.site.raw(request);
    const { id } = await inspected.recorded('/cgi-bin/echo/%E9?q=%FF');
    const { output, entry } = await replayed(inspected, id);
    assert.equal(
      output,
      'Content-Type: application/octet-stream\n\nPOST /cgi-bin/echo/%E9?q=%FF 6 caf\xe9 a=1\n\0\x01\r\n\xff=',
    );
    assert.deepEqual(entry?.recording.request.fields, inspected.history.get(id)?.recording.request.fields);
    assert.equal(entry?.recording.replayOf, id);
  });

  it('sends a chunked body as chunks', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/echo': ECHO });
    await inspected.site.raw(
      'POST /cgi-bin/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    const { id } = await inspected.recorded('/cgi-bin/echo');
    assert.match((await replayed(inspected, id)).output, /POST \/cgi-bin\/echo 5 {2}\nabcde$/);
  });

  it('finds the record of a request whose answer has no id', async (t) => {
    const inspected = await startInspected(t, {
      'cgi-bin/nph-raw': sh`printf 'HTTP/1.0 200 OK\r\n\r\nraw'`,
      'cgi-bin/bad': sh`echo bad`,
    });
    for (const url of ['/cgi-bin/nph-raw', '/cgi-bin/bad', '/nothing']) {
      await (await inspected.site.get(url)).text();
      const { id, status } = await inspected.recorded(url);
      assert.equal((await replayed(inspected, id)).entry?.exchange.status, status, url);
    }
  });

  it('tells several replays at once apart', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/echo': ECHO });
    await inspected.site.get('/cgi-bin/echo?same');
    const { id } = await inspected.recorded('/cgi-bin/echo?same');
    const sent = await Promise.all(
      ['1', '2', '3', '4'].map((target) => replayed(inspected, id, { target: `/cgi-bin/echo?${target}` })),
    );
    assert.deepEqual(
      sent.map(({ output }) => /\?(\d)/.exec(output)?.[1]),
      ['1', '2', '3', '4'],
    );
  });

  it('takes only JSON', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/echo': ECHO });
    await inspected.site.get('/cgi-bin/echo');
    const { id } = await inspected.recorded('/cgi-bin/echo');
    const answer = await inspected.post(`/api/requests/${id}/replay`, {}, { 'Content-Type': 'text/plain' });
    assert.equal(answer.status, 403);
    assert.equal(inspected.history.list().length, 1);
  });
});

describe('edit and replay', () => {
  it('changes what is edited and keeps the rest, hidden values too', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/echo': ECHO });
    await inspected.site.get('/cgi-bin/echo', {
      method: 'POST',
      body: 'old',
      headers: { Cookie: 'sid=7', 'X-Note': 'n' },
    });
    const record = await inspected.recorded('/cgi-bin/echo');
    const fields = record.request.fields.map(({ name, value }: { name: string; value: string }) => ({
      name,
      value: value === 'n' ? 'edited' : value,
    }));
    const edits = { method: 'PUT', target: '/cgi-bin/echo?new', fields, body: { text: 'new bödy' } };
    const { output } = await replayed(inspected, record.id, edits);
    assert.match(Buffer.from(output, 'latin1').toString(), /\nPUT \/cgi-bin\/echo\?new 9 edited sid=7\nnew bödy$/);
  });

  it('refuses what is no request', async (t) => {
    const inspected = await startInspected(t, { 'cgi-bin/echo': ECHO });
    await inspected.site.get('/cgi-bin/echo');
    const { id } = await inspected.recorded('/cgi-bin/echo');
    for (const edits of [
      { method: 'GET /x' },
      { target: '/a b' },
      { target: '/a\r\nX: y' },
      { fields: [{ name: 'X Y', value: '' }] },
      { fields: [{ name: 'X', value: 'a\r\nY: b' }] },
      { unknown: 1 },
      { body: { base64: '%' } },
    ])
      assert.equal((await inspected.post(`/api/requests/${id}/replay`, edits)).status, 400, JSON.stringify(edits));
    const refused = await inspected.post(`/api/requests/${id}/replay`, {
      fields: [{ name: 'Content-Length', value: 'x' }],
    });
    assert.equal(refused.status, 502);
    assert.match(
      ((await refused.json()) as { error: string }).error,
      /^The server took it for no request: HTTP\/1\.1 400/,
    );
  });
});

describe('comparison of two requests', () => {
  it('shows only what differs', async (t) => {
    const { site, api, recorded } = await startInspected(t, {
      'cgi-bin/env': SHOW_ENVIRONMENT,
      'cgi-bin/lines': sh`echo "Content-Type: text/plain"; echo; echo first; echo "$QUERY_STRING"; echo last`,
    });
    for (const query of ['a=1', 'a=2']) await (await site.get(`/cgi-bin/lines?${query}`)).text();
    const [a, b] = [await recorded('/cgi-bin/lines?a=1'), await recorded('/cgi-bin/lines?a=2')];
    const { environment, output, stderr } = await api(`/api/compare/${a.id}/${b.id}`);
    const names = environment
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name !== 'REMOTE_PORT');
    assert.deepEqual(names.toSorted(), ['QUERY_STRING', 'REQUEST_URI', 'UNIQUE_ID']);
    assert.deepEqual(output.parts, [
      { kind: 'same', text: 'first\n' },
      { kind: 'onlyA', text: 'a=1\n' },
      { kind: 'onlyB', text: 'a=2\n' },
      { kind: 'same', text: 'last\n' },
    ]);
    assert.equal(stderr.isSame, true);
  });
});
