import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { environmentOf, SHOW_ENVIRONMENT } from '../support/script-environment.ts';
import { type Overrides, startSite } from '../support/start-site.ts';

async function environment(t: TestContext, request: string, overrides: Overrides = {}) {
  const site = await startSite(
    t,
    { 'cgi-bin/env': SHOW_ENVIRONMENT, 'public/dir/index.pl': SHOW_ENVIRONMENT },
    overrides,
  );
  return { site, ...(await environmentOf(site, request)) };
}

const GET = (target: string, ...fields: string[]) =>
  `GET ${target} HTTP/1.1\r\nHost: www.example.org:8080\r\n${fields.map((field) => `${field}\r\n`).join('')}Connection: close\r\n\r\n`;

describe('meta-variables of a GET (RFC 3875 §4.1)', () => {
  it('are exactly these', async (t) => {
    const { site, environment: seen } = await environment(t, GET('/cgi-bin/env/a%20b//c;d?x=%20&y'));
    const { UNIQUE_ID, REMOTE_PORT, PATH, ...rest } = seen;
    assert.deepEqual(rest, {
      DOCUMENT_ROOT: `${site.folder}/public`,
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_CONNECTION: 'close',
      HTTP_HOST: 'www.example.org:8080',
      LANG: 'C.UTF-8',
      PATH_INFO: '/a b//c;d',
      PATH_TRANSLATED: `${site.folder}/public/a b/c;d`,
      QUERY_STRING: 'x=%20&y',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_HOST: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      REQUEST_SCHEME: 'http',
      REQUEST_URI: '/cgi-bin/env/a%20b//c;d?x=%20&y',
      SCRIPT_FILENAME: `${site.folder}/cgi-bin/env`,
      SCRIPT_NAME: '/cgi-bin/env',
      SERVER_ADDR: '127.0.0.1',
      SERVER_NAME: 'www.example.org',
      SERVER_PORT: String(site.port),
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_SOFTWARE: 'cgibox/test',
      PERL_USE_UNSAFE_INC: '1',
    });
    assert.match(REMOTE_PORT ?? '', /^\d+$/);
    assert.match(UNIQUE_ID ?? '', /^[\w-]+$/);
    assert.equal(PATH, process.env.PATH);
  });

  it('have QUERY_STRING empty and no PATH_INFO where there is none', async (t) => {
    const { environment: seen } = await environment(t, GET('/cgi-bin/env'));
    assert.equal(seen.QUERY_STRING, '');
    assert.deepEqual(
      ['PATH_INFO', 'PATH_TRANSLATED', 'CONTENT_LENGTH', 'CONTENT_TYPE', 'AUTH_TYPE', 'REMOTE_USER'].filter(
        (name) => name in seen,
      ),
      [],
    );
  });

  it('name a script that is a directory index', async (t) => {
    const { environment: seen } = await environment(t, GET('/dir/?q'));
    assert.equal(seen.SCRIPT_NAME, '/dir/index.pl');
    assert.equal(seen.REQUEST_URI, '/dir/?q');
    assert.equal(seen.QUERY_STRING, 'q');
  });

  it('say the protocol of an HTTP/1.0 client, and the local address where it names no host', async (t) => {
    const { environment: seen } = await environment(t, 'GET /cgi-bin/env HTTP/1.0\r\n\r\n');
    assert.equal(seen.SERVER_PROTOCOL, 'HTTP/1.0');
    assert.equal(seen.SERVER_NAME, '127.0.0.1');
    assert.equal('HTTP_HOST' in seen, false);
  });
});

describe('SERVER_NAME (RFC 3875 §4.1.14)', () => {
  const names: Readonly<Record<string, string>> = {
    'a.example': 'a.example',
    'A.Example:1': 'A.Example',
    '[::1]:8000': '[::1]',
    '[::1]': '[::1]',
    old_intranet: 'old_intranet',
    'a b': '127.0.0.1',
    '"><script>': '127.0.0.1',
    'a/../b': '127.0.0.1',
    '[::1': '127.0.0.1',
    ':80': '127.0.0.1',
    '': '127.0.0.1',
  };
  for (const [host, name] of Object.entries(names)) {
    it(`is ${name} for "Host: ${host}"`, async (t) => {
      const request = `GET /cgi-bin/env HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const { site, environment: seen } = await environment(t, request);
      assert.equal(seen.SERVER_NAME, name);
      assert.equal(seen.SERVER_PORT, String(site.port));
    });
  }

  it('comes from the target in absolute form, whatever Host says (RFC 9112 §3.2.2)', async (t) => {
    const { environment: seen } = await environment(t, GET('http://Other.example:99/cgi-bin/env/p?q'));
    assert.equal(seen.SERVER_NAME, 'Other.example');
    assert.equal(seen.HTTP_HOST, 'Other.example:99');
    assert.equal(seen.REQUEST_URI, '/cgi-bin/env/p?q');
    assert.equal(seen.PATH_INFO, '/p');
  });
});

describe('protocol variables (RFC 3875 §4.1.18)', () => {
  it('join repeated fields with a comma and cookies with a semicolon', async (t) => {
    const { environment: seen } = await environment(
      t,
      GET('/cgi-bin/env', 'Accept: a', 'X-Many: 1', 'accept: b', 'Cookie: c=1', 'x-many: 2', 'Cookie: d=2'),
    );
    assert.equal(seen.HTTP_ACCEPT, 'a, b');
    assert.equal(seen.HTTP_X_MANY, '1, 2');
    assert.equal(seen.HTTP_COOKIE, 'c=1; d=2');
  });

  it('never hold Proxy, credentials, or names that could pass for others', async (t) => {
    const { environment: seen } = await environment(
      t,
      GET(
        '/cgi-bin/env',
        'Proxy: evil',
        'Authorization: Basic eDp5',
        'Proxy-Authorization: b',
        'X_Auth_User: root',
        'X.Y: 1',
        'X-Ok: 1',
      ),
    );
    const names = Object.keys(seen).filter((name) => name.startsWith('HTTP_'));
    assert.deepEqual(names.sort(), ['HTTP_CONNECTION', 'HTTP_HOST', 'HTTP_X_OK']);
    assert.equal('AUTH_TYPE' in seen, false);
  });

  it('hold Authorization where the configuration passes it', async (t) => {
    const cgi = { passAuthorization: true };
    const { environment: seen } = await environment(t, GET('/cgi-bin/env', 'Authorization: Basic eDp5'), { cgi });
    assert.equal(seen.HTTP_AUTHORIZATION, 'Basic eDp5');
  });

  it('keep an empty value', async (t) => {
    const { environment: seen } = await environment(t, GET('/cgi-bin/env', 'X-Empty:'));
    assert.equal(seen.HTTP_X_EMPTY, '');
  });
});

describe('CONTENT_LENGTH and CONTENT_TYPE (RFC 3875 §4.1.2, §4.1.3)', () => {
  const post = (...fields: string[]) =>
    `POST /cgi-bin/env HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields.join('\r\n')}`;

  it('are as sent', async (t) => {
    const { environment: seen } = await environment(
      t,
      post('Content-Type: text/x; a="b"', 'Content-Length: 5', '', 'hello'),
    );
    assert.equal(seen.CONTENT_LENGTH, '5');
    assert.equal(seen.CONTENT_TYPE, 'text/x; a="b"');
    assert.deepEqual(
      Object.keys(seen).filter((name) => name.startsWith('HTTP_CONTENT')),
      [],
    );
  });

  it('are exact for a chunked body, and the encoding is not told', async (t) => {
    const body = ['Transfer-Encoding: chunked', '', '5', 'hello', '6;ext=1', ' world', '0', 'Trailer: x', '', ''];
    const { environment: seen } = await environment(t, post(...body));
    assert.equal(seen.CONTENT_LENGTH, '11');
    assert.equal('HTTP_TRANSFER_ENCODING' in seen, false);
  });

  it('are 0 for a body of no bytes', async (t) => {
    const { environment: seen } = await environment(t, post('Content-Length: 0', '', ''));
    assert.equal(seen.CONTENT_LENGTH, '0');
  });
});

describe('cgi.environment and cgi.passEnvironment', () => {
  it('add variables, with the site root put in, and nothing else of the server leaks', async (t) => {
    const cgi = { environment: { OLD_HOME: '$' + '{SITE}/data', TZ: 'Asia/Tokyo' }, passEnvironment: ['PATH'] };
    const { site, environment: seen } = await environment(t, GET('/cgi-bin/env'), { cgi });
    assert.equal(seen.OLD_HOME, `${site.folder}/data`);
    assert.equal(seen.TZ, 'Asia/Tokyo');
    assert.equal('HOME' in seen, false);
  });

  it('are added to by perScript, for the scripts that a glob matches', async (t) => {
    const perScript = {
      '/cgi-bin/e*': { environment: { ONE: '1' } },
      'cgi-bin/env': { environment: { TWO: '2' } },
      '/x': { environment: { NO: '' } },
    };
    const { environment: seen } = await environment(t, GET('/cgi-bin/env'), { cgi: { perScript } });
    assert.deepEqual([seen.ONE, seen.TWO, 'NO' in seen], ['1', '2', false]);
  });

  it('are taken from the later of two globs of perScript, one by one', async (t) => {
    const perScript = {
      '/cgi-bin/*': { environment: { BOTH: 'early', FIRST: '1' } },
      '/cgi-bin/env': { environment: { BOTH: 'late' } },
    };
    const { environment: seen } = await environment(t, GET('/cgi-bin/env'), { cgi: { perScript } });
    assert.deepEqual([seen.BOTH, seen.FIRST], ['late', '1']);
  });
});

describe('server.trustProxy', () => {
  const fields = [
    'X-Forwarded-For: 203.0.113.9, 10.0.0.1',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: shop.example',
    'X-Forwarded-Port: 8443',
  ];

  it('is off: what a proxy says is only a header', async (t) => {
    const { site, environment: seen } = await environment(t, GET('/cgi-bin/env', ...fields));
    assert.deepEqual(
      [seen.REMOTE_ADDR, seen.SERVER_NAME, seen.SERVER_PORT, seen.REQUEST_SCHEME, seen.HTTPS],
      ['127.0.0.1', 'www.example.org', String(site.port), 'http', undefined],
    );
  });

  it('takes client, host, port and scheme from the proxy', async (t) => {
    const server = { port: 0, trustProxy: true };
    const { environment: seen } = await environment(t, GET('/cgi-bin/env', ...fields), { server });
    assert.deepEqual(
      [seen.REMOTE_ADDR, seen.REMOTE_HOST, seen.SERVER_NAME, seen.SERVER_PORT, seen.REQUEST_SCHEME, seen.HTTPS],
      ['203.0.113.9', '203.0.113.9', 'shop.example', '8443', 'https', 'on'],
    );
  });

  it('does not believe what is no address', async (t) => {
    const server = { port: 0, trustProxy: true };
    const { environment: seen } = await environment(
      t,
      GET('/cgi-bin/env', 'X-Forwarded-For: <x>', 'X-Forwarded-Port: 0'),
      { server },
    );
    assert.equal(seen.REMOTE_ADDR, '127.0.0.1');
  });

  it('does not believe what is no port', async (t) => {
    const server = { port: 0, trustProxy: true };
    const request = GET('/cgi-bin/env', 'X-Forwarded-Host: shop.example:99999', 'X-Forwarded-Proto: https');
    const { environment: seen } = await environment(t, request, { server });
    assert.deepEqual([seen.SERVER_NAME, seen.SERVER_PORT], ['shop.example', '443']);
  });

  it('names the client in the log, as REMOTE_ADDR does', async (t) => {
    const server = { port: 0, trustProxy: true };
    const { site } = await environment(t, GET('/cgi-bin/env', ...fields), { server });
    assert.equal((await site.logged('/cgi-bin/env')).remote, '203.0.113.9');
  });
});

describe('UNIQUE_ID', () => {
  it('is the X-Request-Id of the answer, and not the one that the client sent', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/id': '#!/bin/sh\necho "Content-Type: text/plain"; echo; printf %s "$UNIQUE_ID"',
    });
    const response = await site.get('/cgi-bin/id', { headers: { 'x-request-id': 'mine' } });
    const id = response.headers.get('x-request-id');
    assert.equal(await response.text(), id);
    assert.notEqual(id, 'mine');
    assert.equal((await site.logged('/cgi-bin/id')).id, id);
  });

  it('is the X-Request-Id of the answer, also where the script writes another', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/id':
        '#!/bin/sh\necho "X-Request-ID: mine"; echo "Content-Type: text/plain"; echo; printf %s "$UNIQUE_ID"',
    });
    const response = await site.get('/cgi-bin/id');
    assert.equal(response.headers.get('x-request-id'), await response.text());
  });
});
