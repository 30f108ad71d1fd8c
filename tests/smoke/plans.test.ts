// Plans as they are run: cookies, captures, data, files, mail, environment, retries, skips (PRODUCT.md section 9).
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { HELLO, siteFolder, smoke, smokeIn, smokeJson } from './smoking.ts';

const ECHO =
  '#!/bin/sh\necho "Content-Type: text/plain"\necho\necho "$REQUEST_METHOD $QUERY_STRING $CONTENT_TYPE $HTTP_COOKIE $WHO"\ncat\n';
const COUNT =
  '#!/bin/sh\nn=$(cat count 2>/dev/null || echo 0)\nn=$((n+1)); echo $n > count\nprintf "Content-Type: application/json\\nSet-Cookie: seen=$n; Path=/cgi-bin\\n\\n{\\"n\\": $n}\\n"\n';

describe('the requests of a plan', () => {
  it('are sent as they are written', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/echo.sh': ECHO,
      'tests/smoke/data.txt': 'of a file',
      'tests/smoke/plan.yaml': `
env: { WHO: plan }
variables: { greeting: 'hello {{env.SMOKE_TEST}}' }
requests:
  - request: POST /cgi-bin/echo.sh
    expect: { body: 'POST   ' }
  - request: { method: POST, path: /cgi-bin/echo.sh, query: { a: [1, 'ü &'] }, form: { b: '{{greeting}}', c: [x, y] } }
    expect: { body: "POST a=1&a=%C3%BC+%26 application/x-www-form-urlencoded  plan\\nb=hello+you&c=x&c=y" }
  - request: { method: PUT, path: /cgi-bin/echo.sh, json: { a: [1] }, headers: { Content-Type: text/x } }
    expect: { body: { contains: [text/x, '{"a":[1]}'] } }
  - request: { method: POST, path: /cgi-bin/echo.sh, body: { file: data.txt } }
    expect: { body: of a file }
  - request: { method: POST, path: /cgi-bin/echo.sh, form: { a: b }, files: { up: data.txt } }
    expect: { body: { contains: [multipart/form-data, name="a", filename="data.txt", of a file] } }
  - request: { path: /cgi-bin/echo.sh, cookies: { a: b } }
    env: { WHO: request }
    expect: { body: a=b request }
`,
    });
    const { code, stdout } = await smokeIn(t, { folder, environment: { SMOKE_TEST: 'you' } });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^6 passed in /m);
  });

  it('are sent with POST where they have a body, unless said', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/method.sh': '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n%s" "$REQUEST_METHOD"\n',
      'plan.yaml': ['form: {a: 1}', 'json: {}', 'body: x', 'method: PUT, body: x', 'headers: {X-A: b}']
        .map((rest, index) => {
          const method = ['POST', 'POST', 'POST', 'PUT', 'GET'][index];
          return `- request: {path: /cgi-bin/method.sh, ${rest}}\n  expect: {body: {equals: ${method}}}\n`;
        })
        .join(''),
    });
    const { code, stdout } = await smoke(t, folder, ['plan.yaml']);
    assert.equal(code, 0, stdout);
  });

  it('share cookies and captures, row by row of the data', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/count.sh': COUNT,
      'cgi-bin/echo.sh': ECHO,
      'plan.yaml': `
data: [{ who: alice }, { who: bob }]
requests:
  - request: /cgi-bin/count.sh
    capture: { n: { json: $.n }, c: { cookie: seen } }
  - name: is known
    request: /cgi-bin/echo.sh?{{who}}-{{n}}-{{c}}
    expect: { body: { matches: '^GET {{who}}-{{n}}-{{n}}  seen={{n}} ' } }
  - request: { path: /cgi-bin/echo.sh, cookies: false }
    expect: { body: { not: seen } }
`,
    });
    const { code, results, report } = await smokeJson(t, folder, ['plan.yaml']);
    assert.equal(code, 0, JSON.stringify(results, null, 1));
    assert.deepEqual(
      results.filter(({ name }) => name.startsWith('is')).map(({ name, url }) => [name, url]),
      [
        ['is known [1: alice]', '/cgi-bin/echo.sh?alice-1-1'],
        ['is known [2: bob]', '/cgi-bin/echo.sh?bob-2-2'],
      ],
    );
    assert.deepEqual(report.notes, [
      'plan.yaml changed files of the site: cgi-bin/count; --ephemeral keeps the site as it is',
    ]);
  });

  it('are asked again, skipped, chosen by tag and by text', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/count.sh': COUNT,
      'plan.yaml': `
- request: /cgi-bin/count.sh?a
  expect: { body: { json: { $.n: 3 } } }
  retry: { times: 5, waitSeconds: 0 }
- request: /cgi-bin/count.sh?b
  skip: not mended yet
- request: /cgi-bin/count.sh?c
  tags: [slow]
`,
    });
    const all = await smokeJson(t, folder, ['plan.yaml']);
    assert.deepEqual(
      all.results.map(({ outcome, attempts, skipped }) => [outcome, attempts, skipped]),
      [
        ['passed', 3, null],
        ['skipped', 0, 'not mended yet'],
        ['passed', 1, null],
      ],
    );
    const slow = await smoke(t, folder, ['plan.yaml', '--tag', 'slow', '--list']);
    assert.equal(slow.stdout, 'plan.yaml:7  GET /cgi-bin/count.sh?c  #slow\n');
    const none = await smoke(t, folder, ['plan.yaml', '--filter', 'nothing']);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^error USAGE: Cannot test anything: no request is as --filter and --tag say\n/);
  });

  it('see the mail that a script sends', async (t) => {
    const mailer = `#!/bin/sh
printf 'To: bob@example.org\\nSubject: Hello\\n\\nText.\\n' | ${process.execPath} ${process.cwd()}/server/main.ts sendmail -t
printf 'Content-Type: text/plain\\n\\nsent\\n'
`;
    const folder = siteFolder(t, {
      'cgi-bin/mail.sh': mailer,
      'plan.yaml': `
- request: /cgi-bin/mail.sh
  expect: { body: sent, mail: { to: bob@example.org, subject: Hello, text: Text. } }
- request: /cgi-bin/mail.sh
  expect: { mail: [] }
`,
    });
    const { code, results } = await smokeJson(t, folder, ['plan.yaml']);
    assert.equal(code, 1);
    assert.deepEqual(
      results.map(({ failures }) => failures[0]?.summary),
      [undefined, '1 mail was sent, not 0'],
    );
  });
});

describe('what goes wrong while a plan is run', () => {
  it('is shown at its place, with the difference', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'plan.yaml':
        '- name: greets\n  request: /cgi-bin/hello.sh?you\n  expect:\n    status: 404\n    body: {equals: "hello me\\n"}\n',
    });
    const { code, stdout } = await smoke(t, folder, ['plan.yaml']);
    assert.equal(code, 1);
    assert.equal(
      stdout.replace(/\d+ ms/g, 'N ms'),
      `plan.yaml
  1/1 FAIL  GET /cgi-bin/hello.sh?you (greets)  N ms
error: the status is 200, not 404
  --> plan.yaml:4:13
 4 |     status: 404
   |             ^^^
error: the body differs
  --> plan.yaml:5:20
 5 |     body: {equals: "hello me\\n"}
   |                    ^^^^^^^^^^^^
  @@ -1,1 +1,1 @@
  -hello me
  +hello you

1 failed in N ms
`.replace('1 failed', '0 passed, 1 failed'),
    );
  });

  it('ends the requests that need what was not captured', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'plan.yaml':
        '- request: /cgi-bin/hello.sh\n  capture: {id: "id=(\\\\d+)"}\n- request: /cgi-bin/hello.sh?{{id}}\n',
    });
    const { results } = await smokeJson(t, folder, ['plan.yaml']);
    assert.deepEqual(
      results.map(({ outcome, failures }) => [outcome, failures[0]?.summary]),
      [
        ['failed', 'there is nothing to capture for {{id}}'],
        ['error', '{{id}} was not captured: the request before it failed'],
      ],
    );
  });

  it('stops at the first failure with --fail-fast', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'plan.yaml': '- request: /no\n  expect: {status: 200}\n- request: /cgi-bin/hello.sh\n',
    });
    const { code, results } = await smokeJson(t, folder, ['plan.yaml', '--fail-fast']);
    assert.equal(code, 1);
    assert.deepEqual(
      results.map(({ outcome, skipped }) => [outcome, skipped]),
      [
        ['failed', null],
        ['skipped', 'not asked: a request before it failed (--fail-fast)'],
      ],
    );
  });

  it('is a file that is not there, whose name was not known before', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'plan.yaml':
        'variables: {name: no}\nrequests:\n- request: {path: /cgi-bin/hello.sh, files: {up: "{{name}}.txt"}}\n- request: /cgi-bin/hello.sh\n',
    });
    const { results } = await smokeJson(t, folder, ['plan.yaml']);
    assert.deepEqual(
      results.map(({ outcome, failures }) => [outcome, failures[0]?.summary]),
      [
        ['error', 'Cannot read "no.txt", which the plan names: there is no such file'],
        ['passed', undefined],
      ],
    );
  });

  it('is a variable that the environment has not', async (t) => {
    const plan = '- request: "GET /cgi-bin/{{env.NOPE}}.py?{{env.NOPE}}"\n';
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': plan });
    const { code, results } = await smokeJson(t, folder, ['plan.yaml']);
    assert.equal(code, 1);
    assert.equal(results[0]?.failures[0]?.summary, '{{env.NOPE}} is not set in the environment');
  });

  it('is a server that dies in the middle: the rest is not asked', async (t) => {
    const server = createServer((request, response) => {
      response.setHeader('Connection', 'close');
      response.end('ok');
      if (request.url === '/2') server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const folder = siteFolder(t, { 'plan.yaml': '- request: /1\n- request: /2\n- request: /3\n- request: /4\n' });
    const { code, results } = await smokeJson(t, folder, ['plan.yaml', '--base-url', url]);
    assert.equal(code, 1);
    assert.deepEqual(
      results.map(({ outcome, failures, skipped }) => [outcome, failures[0]?.summary ?? skipped]),
      [
        ['passed', null],
        ['passed', null],
        ['error', `nothing listens at ${new URL(url).host}: the server is gone`],
        ['skipped', 'not asked: the server is gone'],
      ],
    );
  });

  it('is no matter for a plan of 5000 requests', async (t) => {
    const server = createServer((request, response) => {
      response.setHeader('Connection', 'close');
      response.end(request.url === '/4999' ? 'bad' : 'ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plan = Array.from({ length: 5000 }, (_, index) => `- request: /${index}\n  expect: {body: ok}\n`).join('');
    const { code, results } = await smokeJson(t, siteFolder(t, { 'plan.yaml': plan }), [
      'plan.yaml',
      '--base-url',
      url,
    ]);
    assert.equal(code, 1);
    assert.equal(results.length, 5000);
    assert.equal(results[4999]?.failures[0]?.line, 10_000);
  });
});
