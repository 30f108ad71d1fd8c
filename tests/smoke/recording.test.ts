// Recording: what goes through the proxy, or was saved by a browser, is a plan that passes when it is run again.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { steadyingRedactions } from '../../server/smoke/steady.ts';
import { startCgibox } from '../cli/cgibox-process.ts';
import { startSite } from '../support/start-site.ts';
import { HELLO, siteFolder, smoke, smokeIn } from './smoking.ts';
import { visitShop } from './visit-shop.ts';

const COUNTER =
  '#!/bin/sh\nn=$(cat n 2>/dev/null || echo 0)\nn=$((n+1)); echo $n > n\necho "Content-Type: text/html"; echo\necho "<p>You are visitor $n, it is $(date)</p>"\n';
const FORM =
  '#!/bin/sh\necho "Content-Type: text/plain"; echo "Set-Cookie: a=$$"; echo; cat; echo; echo "$CONTENT_TYPE"\n';

/** Records while `visit` asks; gives the URL of the proxy. */
interface Recording {
  readonly folder: string;
  readonly words: readonly string[];
  readonly visit: (url: string) => Promise<void>;
}

async function record(t: TestContext, { folder, words, visit }: Recording) {
  const running = startCgibox(t, ['smoke', '--site', folder, '--port', '0', ...words], { folder });
  const [, url = ''] = await running.saying(/open (http:\S+)\/ in a browser/, 'stdout');
  await visit(url);
  running.child.kill('SIGINT');
  return running.ended;
}

describe('recording the own site', () => {
  it('gives a plan that passes when it is run again', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/counter.sh': COUNTER,
      'cgi-bin/form.sh': FORM,
      'cgi-bin/hello.sh': HELLO,
      'public/a.css': 'x',
    });
    const { code, stdout } = await record(t, {
      folder,
      words: ['--record', 'tests/smoke/seen.yaml'],
      visit: async (url) => {
        await fetch(`${url}/cgi-bin/hello.sh?{{a}}`);
        await fetch(`${url}/cgi-bin/counter.sh`);
        await fetch(`${url}/a.css`);
        await fetch(`${url}/cgi-bin/form.sh`, { method: 'POST', body: new URLSearchParams({ a: '1', b: 'ü' }) });
        await fetch(`${url}/cgi-bin/form.sh`, {
          method: 'POST',
          body: Buffer.from([0, 255, 1]),
          headers: { 'Content-Type': 'x/y' },
        });
      },
    });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^4 requests are in tests\/smoke\/seen\.yaml$/m);
    const plan = parse(readFileSync(join(folder, 'tests/smoke/seen.yaml'), 'utf8'));
    assert.deepEqual(plan.requests[2].request.form, { a: '1', b: 'ü' });
    assert.deepEqual(plan.requests[1].expect.body, { golden: '2-get-cgi-bin-counter-sh.html' });
    for (let run = 0; run < 2; run += 1) {
      const again = await smoke(t, folder, ['tests/smoke/seen.yaml']);
      assert.equal(again.code, 0, again.stdout);
      assert.doesNotMatch(again.stdout, /obsolete/);
    }
  });

  it('writes nothing where CI is set, and over no plan', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'there.yaml': '' });
    const inCi = await smokeIn(t, { folder, environment: { CI: '1' } }, ['--record', 'x.yaml']);
    assert.deepEqual([inCi.code, existsSync(join(folder, 'x.yaml'))], [2, false]);
    const over = await smoke(t, folder, ['--record', 'there.yaml']);
    assert.deepEqual(
      [over.code, over.stderr.split('\n')[0]],
      [2, 'error USAGE: Cannot record into "there.yaml": it is there already'],
    );
  });

  it('is not begun where the plan cannot be written', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const { code, stdout, stderr } = await smoke(t, folder, ['--record', 'cgi-bin/hello.sh/plan.yaml']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^error REPORT_UNWRITABLE: Cannot write the plan "cgi-bin\/hello\.sh\/plan\.yaml": a part of its path is a file/,
    );
  });

  it('is not begun on an address that is not of this machine', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const { code, stderr } = await smoke(t, folder, ['--record', 'x.yaml', '--host', '203.0.113.9', '--port', '0']);
    assert.equal(code, 3);
    assert.match(stderr, /^error ADDRESS_UNAVAILABLE: Cannot listen on "203\.0\.113\.9:0": this machine has no such/);
  });
});

const SHOP = new URL('../fixtures/session-site/cgi-bin/shop.pl', import.meta.url);

describe('recording a session', () => {
  it('captures what the pages give and the browser sends back', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/shop.pl': readFileSync(SHOP, 'utf8') });
    const { stdout } = await record(t, { folder, words: ['--record', 'shop.yaml'], visit: visitShop });
    assert.match(stdout, /^6 requests are in shop\.yaml$/m);
    const text = readFileSync(join(folder, 'shop.yaml'), 'utf8');
    const { requests } = parse(text);
    assert.deepEqual(requests[0].capture, { token: { html: 'input[name="token"]', attribute: 'value' } });
    assert.deepEqual(requests[1].request.form, { op: 'enter', token: '{{token}}', user: 'alice' });
    assert.deepEqual(requests[1].expect.header.Location, { contains: '/cgi-bin/shop.pl/' });
    assert.equal(requests[2].request, 'GET /cgi-bin/shop.pl/{{id}}/menu?op=menu');
    assert.deepEqual(requests[4].request.query, { op: 'order', sid: '{{id}}', order: '{{order}}' });
    assert.deepEqual(requests[5].expect, { ...requests[5].expect, status: 403 });
    assert.ok(
      requests.every(({ expect }: { expect: object }, at: number) => at === 1 || 'body' in expect),
      text,
    );
    for (const words of [[], ['--ephemeral'], ['--against', 'warm']]) {
      const again = await smoke(t, folder, ['shop.yaml', ...words]);
      assert.equal(again.code, 0, `${again.stdout}\n${text}`);
    }
  });
});

const UPLOAD = `#!/bin/sh
if [ "$REQUEST_METHOD" = GET ]; then
  token=$(od -An -N9 -tx1 /dev/urandom | tr -d ' \\n'); echo "$token" > token
  printf 'Content-Type: text/html\\n\\n<script>var token = "%s";</script>\\n' "$token"; exit
fi
token=$(cat token); body=$(cat)
[ "$token" = "$HTTP_X_TOKEN" ] && case "$body" in *"$token"*) answer=taken;; esac
printf 'Status: %s\\nContent-Type: text/plain\\n\\n%s\\n' "$([ "$answer" ] && echo 200 || echo 403)" "$answer"
printf '%s\\n' "$body" | grep -a -e filename -e 'of a file' | tr -d '\\r'
`;

describe('a rehearsal that is interrupted', () => {
  it('leaves the plan as it was seen, and no copy of the site', async (t) => {
    const temporary = siteFolder(t, {});
    const slow = '#!/bin/sh\n[ -e here ] && sleep 60\ntouch here; printf "Content-Type: text/plain\\n\\nslow\\n"\n';
    const folder = siteFolder(t, { 'cgi-bin/slow.sh': slow });
    const words = ['smoke', '--site', folder, '--port', '0', '--record', 'slow.yaml'];
    const running = startCgibox(t, words, { folder, environment: { TMPDIR: temporary } });
    const [, url = ''] = await running.saying(/open (http:\S+)\/ in a browser/, 'stdout');
    await (await fetch(`${url}/cgi-bin/slow.sh`)).text();
    running.child.kill('SIGINT');
    await running.saying(/rehearsing on a copy of the site/, 'stdout');
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    assert.match(stdout, /the rehearsal was interrupted: slow\.yaml is as it was seen/);
    assert.equal(parse(readFileSync(join(folder, 'slow.yaml'), 'utf8')).length, 1);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('cgibox-')),
      [],
    );
  });
});

describe('recording an upload', () => {
  it('keeps its fields and files apart, with the token of the page', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/upload.sh': UPLOAD });
    const { stdout } = await record(t, {
      folder,
      words: ['--record', 'up.yaml'],
      visit: async (url) => {
        const page = await (await fetch(`${url}/cgi-bin/upload.sh`)).text();
        const token = /"(\w+)"/.exec(page)?.[1] ?? '';
        const body = new FormData();
        body.append('token', token);
        body.append('note', 'ü');
        body.append('up', new Blob(['of a file'], { type: 'text/x' }), 'a "b".txt');
        await fetch(`${url}/cgi-bin/upload.sh`, { method: 'POST', body, headers: { 'X-Token': token } });
      },
    });
    assert.match(stdout, /POST \/cgi-bin\/upload\.sh → 200/);
    const [page, sent] = parse(readFileSync(join(folder, 'up.yaml'), 'utf8')).requests;
    assert.deepEqual(page.capture, { token: { matches: '<script>var token = "([\\w.~+/=%-]+)' } });
    assert.deepEqual(sent.request, {
      method: 'POST',
      path: '/cgi-bin/upload.sh',
      form: { token: '{{token}}', note: 'ü' },
      files: { up: { path: 'up.files/2-a_b_.txt', name: 'a "b".txt', type: 'text/x' } },
      headers: { 'X-Token': '{{token}}' },
    });
    const again = await smoke(t, folder, ['up.yaml', '--ephemeral']);
    assert.equal(again.code, 0, again.stdout);
  });
});

describe('recording another server', () => {
  it('keeps its answers as what is expected of ours', async (t) => {
    const old = createServer((request, response) => {
      if (request.url === '/go')
        response.writeHead(302, { Location: `http://${request.headers.host}/cgi-bin/hello.sh` }).end();
      else
        response
          .setHeader('Content-Type', 'text/plain')
          .end(request.url === '/cgi-bin/hello.sh?same' ? 'hello same\n' : 'old\n');
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    t.after(() => old.close());
    const from = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const { code } = await record(t, {
      folder,
      words: ['--record', 'old.yaml', '--from', from],
      visit: async (url) => {
        const moved = await fetch(`${url}/go`, { redirect: 'manual' });
        assert.equal(moved.headers.get('location'), `${url}/cgi-bin/hello.sh`);
        await fetch(`${url}/cgi-bin/hello.sh?same`);
        await fetch(`${url}/cgi-bin/hello.sh?other`);
      },
    });
    assert.equal(code, 0);
    const { code: again, stdout } = await smoke(t, folder, ['old.yaml']);
    assert.equal(again, 1);
    assert.match(stdout, /1\/3 FAIL .*\n.*the status is 404, not 302/);
    assert.match(stdout, /2\/3 ok /);
    assert.match(stdout, /-old\n {2}\+hello other\n/);
  });
});

describe('recording a session of another server', () => {
  it('gives a plan that passes on ours, with tokens of ours', async (t) => {
    const shop = readFileSync(SHOP, 'utf8');
    const old = await startSite(t, { 'cgi-bin/shop.pl': shop });
    const folder = siteFolder(t, { 'cgi-bin/shop.pl': shop });
    const words = ['--record', 'shop.yaml', '--from', old.url];
    await record(t, { folder, words, visit: visitShop });
    for (const where of [[], ['--ephemeral'], ['--base-url', old.url]]) {
      const { code, stdout } = await smoke(t, folder, ['shop.yaml', ...where]);
      assert.equal(code, 0, stdout);
    }
  });
});

describe('a session of a browser (HAR)', () => {
  it('is made a plan, without pictures and other sites', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const entry = (call: string, mime: string, rest = {}) => {
      const [method, url] = call.split(' ');
      return {
        request: { method, url, headers: [{ name: ':method', value: method }], ...rest },
        response: {
          status: 200,
          headers: [{ name: 'Content-Type', value: mime }],
          content: { text: Buffer.from('hello a\n').toString('base64'), encoding: 'base64' },
        },
      };
    };
    const entries = [
      entry('GET http://old.example/cgi-bin/hello.sh?a', 'text/plain'),
      entry('GET http://old.example/x.gif', 'image/gif'),
      entry('GET http://ads.example/', 'text/html'),
      entry('POST http://old.example/cgi-bin/hello.sh?b', 'text/html', {
        postData: { params: [{ name: 'x', value: 'y' }] },
      }),
      entry('"\'><img http://old.example/cgi-bin/hello.sh?c', 'text/html'),
      null,
    ];
    writeFileSync(join(folder, 'session.har'), JSON.stringify({ log: { entries } }));
    const made = await smoke(t, folder, ['--record', 'session.yaml', '--har', 'session.har']);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^2 requests are in session\.yaml$/m);
    const again = await smoke(t, folder, ['session.yaml']);
    assert.equal(again.code, 0, again.stdout);
  });

  it('that is none is an error', async (t) => {
    const folder = siteFolder(t, { 'a.har': '{"log": 1}' });
    const { code, stderr } = await smoke(t, folder, ['--record', 'a.yaml', '--har', 'a.har']);
    assert.equal(code, 2);
    assert.match(stderr, /^error PLAN_UNREADABLE: Cannot read the browser session "a\.har": it is no HAR file\n/);
  });
});

describe('what is steady in two answers', () => {
  for (const [first, again, expected] of [
    ['same', 'same', []],
    ['at 10:11:12', 'at 10:11:13', ['time']],
    ['visitor 9 of us', 'visitor 10 of us', [{ pattern: 'visitor [\\w.-]+', as: 'visitor […]' }]],
    [
      'a 1 b 2 c',
      'a 8 b 9 c',
      [
        { pattern: 'a [\\w.-]+', as: 'a […]' },
        { pattern: 'a \\[…\\] b [\\w.-]+', as: 'a […] b […]' },
      ],
    ],
    ['value="a+/1="', 'value="b+/2="', [{ pattern: 'value="[^"]*', as: 'value="[…]' }]],
    ['1999', '2000', undefined],
    ['a\nb', 'a', undefined],
  ] as const) {
    it(`${JSON.stringify(first)} and ${JSON.stringify(again)}`, () =>
      assert.deepEqual(steadyingRedactions(Buffer.from(first), Buffer.from(again)), expected));
  }
});
