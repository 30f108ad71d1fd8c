// Requests made to break out or to break down: a lawful refusal, no source, no secret, and the next one is answered.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const SECRET = 'TOP-SECRET-4711';
const FILES = {
  'cgi-bin/script.sh': sh`# ${SECRET}
printf 'Content-Type: text/plain\n\nran'`,
  'cgi-bin/members.dat': SECRET,
  'public/page.txt': 'page',
  'public/.htpasswd': SECRET,
  'public/form.cgi': sh`# ${SECRET}
printf 'Content-Type: text/plain\n\nran'`,
  'secret.txt': SECRET,
  'cgibox.yaml': `# ${SECRET}`,
};

const TARGETS = [
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/.%2e/secret.txt',
  '/%252e%252e/secret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '//../secret.txt',
  '/cgi-bin/../../secret.txt',
  '/cgi-bin/%2e%2e/%2e%2e/secret.txt',
  '/cgi-bin/.%2e/.%2e/.%2e/etc/passwd',
  '/cgi-bin%2fscript.sh',
  '/cgi-bin%2f..%2fcgi-bin/script.sh',
  '/cgi-bin/members.dat',
  '/cgi-bin/./members.dat',
  '//cgi-bin//members.dat',
  '/CGI-BIN/members.dat',
  '/.htpasswd',
  '/%2ehtpasswd',
  '/page.txt/../.htpasswd',
  '/form.cgi%00.txt',
  '/form.cgi%20',
  '/form.cgi.',
  '/FORM.CGI',
  '/form.cgi::$DATA',
  '/page.txt%00',
  '/%c0%ae%c0%ae/secret.txt',
  '/%e0%80%ae%e0%80%ae/secret.txt',
  '/%u002e%u002e/secret.txt',
  '/;/../secret.txt',
  '/?/../secret.txt',
  'http://a/../secret.txt',
  'http://a@b:c/..%2fsecret.txt',
  'file:///etc/passwd',
  '/%',
  '/%zz',
  `/${'a'.repeat(30_000)}`,
  `/${'../'.repeat(5000)}etc/passwd`,
  `/${'a/'.repeat(10_000)}`,
  `/cgi-bin/script.sh/${'%2e%2e/'.repeat(3000)}etc/passwd`,
  `/?${'x'.repeat(60_000)}`,
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];

describe('a hostile request target', () => {
  for (const target of TARGETS)
    it(`discloses nothing: ${target.slice(0, 60)}`, async (t) => {
      const site = await startSite(t, FILES);
      for (const method of METHODS) {
        const client = await rawClient(site.port, requestText(`${method} ${target}`, ['Range: bytes=0-99']));
        const answer = await client.answer({ isHead: method === 'HEAD' });
        assert.ok(answer.status >= 200 && answer.status < 600);
        assert.doesNotMatch(answer.head + answer.body, /TOP-SECRET|root:/, `${method} ${target}`);
        client.leave();
      }
      assert.equal(await (await site.get('/page.txt')).text(), 'page');
    });
});

describe('hostile request fields', () => {
  const FIELDS: Readonly<Record<string, readonly string[]>> = {
    'a Proxy field': ['Proxy: http://evil/'],
    'names that look like others': ['X_Auth_User: root', 'Content_Length: 5', 'X-Auth.User: root'],
    '2000 fields': Array.from({ length: 2000 }, (_, n) => `X-${n}: x`),
    'a field of 50 KB': [`X-Long: ${'x'.repeat(50_000)}`],
    'every byte that may stand there': [
      `X-Bytes: ${String.fromCharCode(...Array.from({ length: 127 }, (_, n) => n + 128))}`,
    ],
    'a shell function': ['User-Agent: () { :; }; echo vulnerable'],
    'an Upgrade': ['Connection: Upgrade', 'Upgrade: websocket'],
    'an upgrade to HTTP/2': ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'],
  };
  for (const [what, fields] of Object.entries(FIELDS))
    it(`do no harm: ${what}`, async (t) => {
      const site = await startSite(t, {
        'cgi-bin/env': sh`printf 'Content-Type: text/plain\n\n'; env`,
        'public/page.txt': 'page',
      });
      const client = await rawClient(site.port, requestText('GET /cgi-bin/env', fields));
      const answer = await client.answer();
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.body, /^(HTTP_PROXY|HTTP_X_AUTH_USER|HTTP_CONTENT_LENGTH)=|^vulnerable/m);
      assert.equal(await (await site.get('/page.txt')).text(), 'page');
    });

  it('too large to execute with are a 431', async (t) => {
    const limits = { ...Config.parse({}).limits, requestHeaderBytes: 400_000 };
    const site = await startSite(t, { 'cgi-bin/env': sh`echo Status: 204; echo` }, { limits });
    // One string of an environment may have 128 KiB (MAX_ARG_STRLEN, execve(2)).
    const client = await rawClient(site.port, requestText('GET /cgi-bin/env', [`X-Long: ${'x'.repeat(200_000)}`]));
    assert.equal((await client.answer()).status, 431);
  });
});

describe('a hostile connection', () => {
  for (const [what, bytes] of Object.entries({
    CONNECT: 'CONNECT evil:80 HTTP/1.1\r\nHost: evil:80\r\n\r\n',
    'only line ends': '\r\n'.repeat(10_000),
    'a request behind blank lines': '\r\n\r\n',
    noise: Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)).toString('latin1'),
  }))
    it(`does no harm: ${what}`, async (t) => {
      const site = await startSite(t, { 'public/page.txt': 'page' });
      const got = (await site.raw(bytes, { silenceMs: 200 })).toString('latin1');
      assert.match(got, /^(HTTP\/1\.1 4\d\d |$)/);
      assert.equal(await (await site.get('/page.txt')).text(), 'page');
    });

  it('that is opened and reset 500 times does no harm', async (t) => {
    const site = await startSite(t, { 'public/page.txt': 'page', 'cgi-bin/slow': sh`sleep 5` });
    for (let count = 0; count < 500; count += 1) {
      const client = await rawClient(site.port, count % 5 === 0 ? requestText('GET /cgi-bin/slow') : 'GET / HT');
      client.reset();
    }
    assert.equal(await (await site.get('/page.txt')).text(), 'page');
  });
});
