// Recording: what goes through the proxy, or was saved by a browser, is a plan that passes when it is run again.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { steadyingRedactions } from '../../server/smoke/steady.ts';
import { startCgibox } from '../cli/cgibox-process.ts';
import { HELLO, siteFolder, smoke, smokeIn } from './smoking.ts';

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
