// What the HTTP parser itself refuses: an answer that a person with curl can do something with.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpAnswer } from '../support/http-answer.ts';
import { startSite } from '../support/start-site.ts';

const REFUSED: Readonly<Record<string, readonly [request: string, status: number, words: RegExp]>> = {
  'a control character in the address': ['GET /page.txt?a\x01 HTTP/1.1\r\nHost: a\r\n\r\n', 400, /percent-encoded/],
  'a method in small letters': ['get /page.txt HTTP/1.1\r\nHost: a\r\n\r\n', 400, /no HTTP method/],
  'a TLS handshake': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, /HTTPS needs server\.tls/],
  'a blank in the name of a field': ['GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n', 400, /without blanks in the name/],
  'a length that is no number': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400, /a number of bytes/],
  'a header that is too large': [
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
    431,
    /limits\.requestHeaderBytes/,
  ],
};

describe('a connection on which no lawful request comes', () => {
  for (const [name, [request, status, words]] of Object.entries(REFUSED)) {
    it(`is told what is wrong: ${name}`, async (t) => {
      const site = await startSite(t, { 'public/page.txt': 'page' });
      const answer = httpAnswer(await site.raw(request));
      assert.deepEqual([answer.status, answer.all('connection')], [status, ['close']]);
      assert.match(Buffer.from(answer.body, 'latin1').toString('utf8'), words);
      assert.deepEqual(answer.all('content-length'), [`${answer.body.length}`]);
      assert.equal((await site.get('/page.txt')).status, 200, 'the next one is answered');
    });
  }

  it('is told so by the header alone where it asked with HEAD', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page' });
    for (const before of ['', 'GET /page.txt HTTP/1.1\r\nHost: a\r\n\r\n']) {
      const text = (await site.raw(`${before}HEAD / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n`)).toString('latin1');
      assert.match(text, /HTTP\/1\.1 400 Bad Request\r\n(?:[A-Z].*\r\n)*Content-Length: [1-9]\d*\r\n.*\r\n\r\n$/);
    }
  });
});
