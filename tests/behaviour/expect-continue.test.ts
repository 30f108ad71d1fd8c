// Expect: 100-continue (RFC 9110 §10.1.1): the client is told to send its body only where it is wanted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const CAT = sh`printf 'Content-Type: text/plain\n\n'; cat`;
const EXPECT = 'Expect: 100-continue';

describe('Expect: 100-continue (RFC 9110 §10.1.1)', () => {
  for (const [what, field, body] of [
    ['a length', 'Content-Length: 4', 'body'],
    ['chunks', 'Transfer-Encoding: chunked', '4\r\nbody\r\n0\r\n\r\n'],
  ] as const)
    it(`is answered before a body with ${what}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/cat': CAT });
      const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', [field, EXPECT]));
      assert.equal((await client.answer()).status, 100);
      await client.send(body);
      assert.equal((await client.answer()).body, 'body');
    });

  it('is refused with 413 where the body is too large', async (t) => {
    const limits = { ...Config.parse({}).limits, bodyBytes: 10 };
    const site = await startSite(t, { 'cgi-bin/cat': CAT }, { limits });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', ['Content-Length: 11', EXPECT]));
    assert.equal((await client.answer()).status, 413);
    await client.over();
  });

  for (const path of ['/cgi-bin/absent', '/cgi-bin/', '/%00'])
    it(`gets no leave to send to ${path}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/cat': CAT });
      const client = await rawClient(site.port, requestText(`POST ${path}`, ['Content-Length: 4', EXPECT]));
      assert.ok((await client.answer()).status >= 400);
    });

  it('does not hold up a client that sends its body at once', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': CAT });
    const client = await rawClient(site.port, requestText('POST /cgi-bin/cat', ['Content-Length: 4', EXPECT], 'body'));
    assert.equal((await client.answer()).status, 100);
    assert.equal((await client.answer()).body, 'body');
  });

  it('means nothing in HTTP/1.0', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': CAT });
    const client = await rawClient(
      site.port,
      `POST /cgi-bin/cat HTTP/1.0\r\nContent-Length: 4\r\n${EXPECT}\r\n\r\nbody`,
    );
    assert.equal((await client.answer()).body, 'body');
  });

  it('is refused with 417 where it expects anything else', async (t) => {
    const site = await startSite(t, { 'cgi-bin/cat': CAT });
    const client = await rawClient(
      site.port,
      requestText('POST /cgi-bin/cat', ['Content-Length: 4', 'Expect: tea'], 'body'),
    );
    assert.equal((await client.answer()).status, 417);
  });
});
