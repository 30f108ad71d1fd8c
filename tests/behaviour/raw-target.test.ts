// Bytes above 0x7F in a request target, as old pages and curl send them: they mean what their encoding means.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { GET, httpAnswer } from '../support/http-answer.ts';
import { RawClient, rawClient, requestText } from '../support/raw-client.ts';
import { environmentOf, SHOW_ENVIRONMENT } from '../support/script-environment.ts';
import { sh, startSite } from '../support/start-site.ts';

const QUERY = sh`printf 'Content-Type: text/plain\n\n%s' "$QUERY_STRING"`;
/** What QUERY prints of the byte E9: `direct` hands bytes over as UTF-8. */
const PRINTED = process.env.CGIBOX_TEST_RUNNER === 'direct' ? '\xc3\xa9' : '\xe9';
const CAT = sh`printf 'Content-Type: text/plain\n\n'; cat`;

describe('a request target with bytes above 0x7F', { concurrency: 8 }, () => {
  it('reaches the script unchanged', async (t) => {
    if (process.env.CGIBOX_TEST_RUNNER === 'direct') return t.skip('direct does not keep bytes that are no UTF-8');
    const site = await startSite(t, { 'cgi-bin/env': SHOW_ENVIRONMENT });
    const { environment, args } = await environmentOf(site, GET('/cgi-bin/env/caf\xe9?\x83\x5c+\xff'));
    const { PATH_INFO, QUERY_STRING, REQUEST_URI } = environment;
    assert.deepEqual(
      [PATH_INFO, QUERY_STRING, REQUEST_URI],
      ['/caf\xe9', '\x83\x5c+\xff', '/cgi-bin/env/caf\xe9?\x83\x5c+\xff'],
    );
    assert.deepEqual(args, ['\x83\x5c\x5c', '\xff']);
  });

  it('names a file, and a folder is redirected with its bytes encoded', async (t) => {
    const site = await startSite(t, { 'public/x': '' });
    await writeFile(Buffer.from(`${site.folder}/public/caf\xe9.txt`, 'latin1'), 'page');
    assert.equal(httpAnswer(await site.raw(GET('/caf\xe9.txt'))).body, 'page');
    assert.equal(httpAnswer(await site.raw(GET('/cgi-bin?\xe9'))).all('location')[0], '/cgi-bin/?\xe9');
  });

  it('is logged as it came', async (t) => {
    const site = await startSite(t, {});
    await site.raw(GET('/absent\xe9'));
    assert.equal((await site.logged('/absent\xe9')).status, 404);
  });

  it('is no part of a body, however much that looks like a request', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': CAT, 'cgi-bin/query': QUERY });
    const body = 'x\nPUT /cgi-bin/query?\xe4';
    for (const behind of ['GET HTTP/1.1\r\nHost: x\r\n\r\n', 'GET \r\n\r\n']) {
      const post = requestText('POST /cgi-bin/cat', [`Content-Length: ${body.length}`], body);
      const client = await rawClient(site.port, post + behind);
      assert.equal((await client.answer()).body, body);
      assert.equal((await client.answer()).status, 400);
      await client.over();
    }
  });

  it('is read behind a body that ends without a line end', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': CAT, 'cgi-bin/query': QUERY });
    for (const body of ['hello', 'GET', 'a b', '\xff /', 'un']) {
      const post = requestText('POST /cgi-bin/cat', [`Content-Length: ${body.length}`], body);
      const client = await rawClient(site.port, post + requestText('UNLINK /cgi-bin/query?\xe9'));
      assert.equal((await client.answer()).body, body);
      assert.equal((await client.answer()).body, PRINTED, body);
    }
  });

  it('keeps its place among pipelined requests, and what follows is read', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/slow': sh`sleep 0.3; printf 'Content-Type: text/plain\n\nslow'`,
      'cgi-bin/query': QUERY,
      'cgi-bin/cat': CAT,
    });
    const client = await rawClient(
      site.port,
      requestText('GET /cgi-bin/slow') +
        requestText('GET /cgi-bin/query?\xe9').repeat(20) +
        requestText('POST /cgi-bin/cat?\xe9', ['Content-Length: 4'], 'body') +
        requestText('GET /cgi-bin/query?%E9'),
    );
    assert.equal((await client.answer()).body, 'slow');
    for (let count = 0; count < 20; count += 1) assert.equal((await client.answer()).body, PRINTED);
    assert.equal((await client.answer()).body, 'body');
    assert.equal((await client.answer()).body, '%E9');
    await client.send(requestText('GET /cgi-bin/query?again'));
    assert.equal((await client.answer()).body, 'again');
  });

  it('keeps its place behind more requests than are read ahead, and loses nothing that comes later', async (t) => {
    const site = await startSite(t, { 'cgi-bin/query': QUERY });
    const before = Array.from({ length: 60 }, (_, index) => requestText(`GET /cgi-bin/query?${index}`));
    const client = await rawClient(site.port, `${before.join('')}${requestText('GET /cgi-bin/query?\xe9')}`);
    for (let late = 0; late < 20; late += 1) {
      await client.send(requestText(`GET /cgi-bin/query?late${late}`));
      await sleep(5);
    }
    for (let index = 0; index < 60; index += 1) assert.equal((await client.answer()).body, String(index));
    assert.equal((await client.answer()).body, PRINTED);
    for (let late = 0; late < 20; late += 1) assert.equal((await client.answer()).body, `late${late}`);
  });

  for (const [how, pieces] of Object.entries({
    'such bytes in each': ['GET /cgi-bin/query?caf\xe9', 'x\xe8', '\xe7y HTTP/1.1\r\nHost: a\r\n', '\r\n'],
    'such a byte in the first alone': ['GET /cgi-bin/query?caf\xe9', 'x', 'y', ' HTTP/1.1\r\nHost: a\r\n\r\n'],
    'plain ones between': ['GET /cgi-bin/query?caf\xe9', 'x', 'y\xe8', 'z', ' HTTP/1.1\r\nHost: a\r\n\r\n'],
  }))
    it(`may come in several packets, with ${how}`, async (t) => {
      if (process.env.CGIBOX_TEST_RUNNER === 'direct') return t.skip('direct does not keep bytes that are no UTF-8');
      const site = await startSite(t, { 'cgi-bin/query': QUERY });
      const client = await rawClient(site.port, '');
      for (let round = 0; round < 2; round += 1) {
        for (const piece of pieces) {
          await client.send(Buffer.from(piece, 'latin1'));
          await sleep(50);
        }
        const [, query] = /\?(.*?) HTTP/.exec(pieces.join('')) ?? [];
        assert.equal((await client.answer()).body, query);
      }
      await client.send(requestText('GET /cgi-bin/query?plain'));
      assert.equal((await client.answer()).body, 'plain');
    });

  it('may end in the packet in which the next such request comes', async (t) => {
    if (process.env.CGIBOX_TEST_RUNNER === 'direct') return t.skip('direct does not keep bytes that are no UTF-8');
    const site = await startSite(t, { 'cgi-bin/query': QUERY });
    const client = await rawClient(site.port, Buffer.from('GET /cgi-bin/query?a\xe9', 'latin1'));
    await sleep(50);
    const rest = ` HTTP/1.1\r\nHost: a\r\n\r\n${requestText('GET /cgi-bin/query?b\xe8')}${requestText('GET /cgi-bin/query?c')}`;
    await client.send(Buffer.from(rest, 'latin1'));
    for (const body of ['a\xe9', 'b\xe8', 'c']) assert.equal((await client.answer()).body, body);
  });

  it('may be longer than a packet', async (t) => {
    if (process.env.CGIBOX_TEST_RUNNER === 'direct') return t.skip('direct does not keep bytes that are no UTF-8');
    const site = await startSite(t, { 'cgi-bin/query': QUERY });
    const query = '\x93\xfa\x96\x7b'.repeat(500);
    const request = Buffer.from(requestText(`GET /cgi-bin/query?${query}`), 'latin1');
    const client = await rawClient(site.port, request.subarray(0, 1448));
    await sleep(50);
    await client.send(request.subarray(1448));
    assert.equal((await client.answer()).body, query);
  });

  it('may have a body of 20 MB', async (t) => {
    const site = await startSite(t, { 'cgi-bin/count': sh`printf 'Content-Type: text/plain\n\n'; wc -c` });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/count?\xe9', ['Content-Length: 20000000']));
    await client.send(Buffer.alloc(20_000_000));
    assert.equal((await client.answer()).body.trim(), '20000000');
  });

  it('is answered over TLS', async (t) => {
    const [certificate, key] = ['certificate', 'key'].map((name) => resolve(`tests/fixtures/tls/${name}.pem`));
    const tls = { certificate: certificate ?? '', key: key ?? '' };
    const site = await startSite(t, { 'cgi-bin/query': QUERY }, { server: { port: 0, tls } });
    const client = new RawClient(connectTls({ port: site.port, host: 'localhost', ca: readFileSync(tls.certificate) }));
    await client.send(requestText('GET /cgi-bin/query?\xe9') + requestText('GET /cgi-bin/query?two'));
    assert.deepEqual([(await client.answer()).body, (await client.answer()).body], [PRINTED, 'two']);
    client.leave();
  });

  const REFUSED = {
    'a control byte beside them': requestText('GET /cgi-bin/query?\xe9\x01'),
    'two lengths behind them': requestText(
      'POST /cgi-bin/query?\xe9',
      ['Content-Length: 1', 'Content-Length: 2'],
      'ab',
    ),
    'no slash before them': requestText('GET \xe9'),
    'an unknown method': requestText('BREW /\xe9'),
  };
  for (const [what, bytes] of Object.entries(REFUSED))
    it(`is refused, and nothing behind it answered: ${what}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/query': QUERY });
      const client = await rawClient(site.port, bytes + requestText('GET /cgi-bin/query?smuggled'));
      assert.equal((await client.answer()).status, 400);
      await client.over(5000);
      assert.equal(client.received, '');
    });
});
