// "Save as smoke test": what the inspector recorded becomes a plan that passes at once, and again.
// The real server and the real `cgibox smoke`, over real sockets.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { startCgibox } from '../cli/cgibox-process.ts';
import { siteFolder, smoke } from '../smoke/smoking.ts';
import { visitShop } from '../smoke/visit-shop.ts';

const SHOP = readFileSync(new URL('../fixtures/session-site/cgi-bin/shop.pl', import.meta.url), 'utf8');
const NOW =
  '#!/bin/sh\nprintf "Content-Type: text/html\\n\\n<title>Now</title>\\n<h1>Clock</h1>\\n<p>%s, $QUERY_STRING $HTTP_COOKIE</p>\\n<p>run by $$ for {{you}}</p>\\n" "$(date)"\n';
const FIXED = '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nalways {{this}}\\n"; cat\n';

async function served(t: TestContext, files: Readonly<Record<string, string>>, environment = {}) {
  const folder = siteFolder(t, files);
  const running = startCgibox(t, ['serve', folder, '--port', '0'], { folder, environment });
  const [, site = ''] = await running.saying(/(http:\/\/[\d.]+:\d+)\//);
  const [, inspector = ''] = await running.saying(/inspector {6}(http:\S+)\//);
  const ask = async (path: string, body?: unknown) => {
    const headers = { 'Content-Type': 'application/json' };
    const post = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(inspector + path, body === undefined ? {} : post);
    const text = await answer.text();
    return { status: answer.status, text, json: () => JSON.parse(text) };
  };
  /** The id of the last request, when it has ended. */
  const last = async (): Promise<string> => {
    for (;;) {
      const [first] = (await ask('/api/requests')).json().requests;
      if (first?.durationMs !== null) return first.id;
    }
  };
  return { folder, site, ask, last, running };
}

describe('a request saved as a smoke test', () => {
  it('may have cookies that no plan can name', async (t) => {
    const { site, ask, last } = await served(t, { 'cgi-bin/now.sh': NOW });
    await (await fetch(`${site}/cgi-bin/now.sh`, { headers: { Cookie: 'z=;=; a={{x}}; nameless; who=me' } })).text();
    await last();
    const text = await ask('/api/smoke?reveal=1');
    assert.equal(text.status, 200, text.text);
    assert.match(text.text, /who: me/);
    assert.doesNotMatch(text.text, /\{\{x\}\}/);
  });

  it('is a plan in tests/smoke that passes at once and again', async (t) => {
    const { folder, site, ask, last } = await served(t, { 'cgi-bin/now.sh': NOW });
    await (await fetch(`${site}/cgi-bin/now.sh?a=1`, { headers: { Cookie: 'who=me' } })).text();
    const saved = await ask(`/api/requests/${await last()}/smoke`, { name: 'clock' });
    assert.equal(saved.status, 201, saved.text);
    const { plan, files, requests, leftOut, command, holdsSecrets } = saved.json();
    assert.deepEqual([plan, requests, leftOut, holdsSecrets], ['tests/smoke/clock.yaml', 1, [], true]);
    assert.deepEqual(files, ['tests/smoke/clock.golden/1-get-cgi-bin-now-sh.html']);
    assert.equal(command, `cgibox smoke --site ${folder} tests/smoke/clock.yaml`);
    for (let run = 0; run < 2; run += 1) {
      const again = await smoke(t, folder, ['tests/smoke/clock.yaml']);
      assert.equal(again.code, 0, again.stdout + readFileSync(join(folder, plan), 'utf8'));
    }
    assert.match(
      readFileSync(join(folder, files?.[0] ?? ''), 'utf8'),
      /<p>\[date\], a=1 who=me<\/p>\n<p>run by \[…\] for/,
    );
    assert.deepEqual((await ask('/api/requests')).json().kept, 1, 'the site itself was asked nothing');
    assert.deepEqual(
      readdirSync(tmpdir()).filter(
        (name) => /^cgibox-(?:plan|smoke)-/.test(name) && existsSync(join(tmpdir(), name, 'clock.yaml')),
      ),
      [],
    );
  });

  it('is named after its script, and overwrites none', async (t) => {
    const { ask, last, site } = await served(t, { 'cgi-bin/now.sh': NOW });
    await (await fetch(`${site}/cgi-bin/now.sh/x`)).text();
    const path = `/api/requests/${await last()}/smoke`;
    assert.equal((await ask(path, {})).json().plan, 'tests/smoke/now.yaml');
    assert.equal((await ask(path, {})).json().plan, 'tests/smoke/now-2.yaml');
    const taken = await ask(path, { name: 'now.yaml' });
    assert.deepEqual(
      [taken.status, taken.json().error],
      [409, 'tests/smoke/now.yaml is there already: choose another name.'],
    );
    for (const name of ['../up', '.hidden', 'a/b', '']) assert.equal((await ask(path, { name })).status, 400, name);
  });

  it('is refused where nothing may be written: CI, a file in the way', async (t) => {
    const inCi = await served(t, { 'cgi-bin/now.sh': NOW }, { CI: 'true' });
    await (await fetch(`${inCi.site}/cgi-bin/now.sh`)).text();
    const refused = await inCi.ask(`/api/requests/${await inCi.last()}/smoke`, {});
    assert.deepEqual(
      [refused.status, refused.json().error],
      [409, 'Nothing is written where CI is set: copy the test instead.'],
    );
    assert.ok(!existsSync(join(inCi.folder, 'tests')));
    const blocked = await served(t, { 'cgi-bin/now.sh': NOW, tests: 'a file' });
    await (await fetch(`${blocked.site}/cgi-bin/now.sh`)).text();
    const failed = await blocked.ask(`/api/requests/${await blocked.last()}/smoke`, {});
    assert.equal(failed.status, 409);
    assert.match(failed.json().error, /^Cannot write .*tests\/smoke.*Copy the test instead\.$/s);
  });

  it('leaves out what was not kept, and says so', async (t) => {
    const { ask, last, site } = await served(t, { 'cgi-bin/fixed.sh': FIXED }, { CGIBOX_INSPECTOR_KEEP_BYTES: '64kb' });
    await (await fetch(`${site}/cgi-bin/fixed.sh`, { method: 'POST', body: 'x'.repeat(10_000) })).text();
    const refused = await ask(`/api/requests/${await last()}/smoke`, {});
    assert.equal(refused.status, 409);
    assert.match(
      refused.json().error,
      /^There is no request to make a test of: POST \/cgi-bin\/fixed\.sh: its body was not kept whole\.$/,
    );
  });
});

describe('a request copied as a smoke test', () => {
  it('holds all that is expected in its text', async (t) => {
    const { folder, site, ask, last } = await served(t, { 'cgi-bin/now.sh': NOW, 'cgi-bin/fixed.sh': FIXED });
    await (await fetch(`${site}/cgi-bin/now.sh?a=1`)).text();
    const moving = await ask(`/api/requests/${await last()}/smoke`);
    assert.equal(moving.status, 200);
    const [test] = parse(moving.text);
    assert.deepEqual(test.expect.body, { html: { title: 'Now', h1: 'Clock' } });
    await (await fetch(`${site}/cgi-bin/fixed.sh`, { method: 'POST', body: new URLSearchParams({ a: 'ü' }) })).text();
    const fixed = await ask(`/api/requests/${await last()}/smoke`);
    assert.equal(fixed.status, 200, fixed.text);
    assert.deepEqual(parse(fixed.text)[0].expect.body, { equals: 'always \\{{this}}\na=%C3%BC' });
    writeFileSync(join(folder, 'pasted.yaml'), moving.text + fixed.text.replace(/^#.*\n/, ''));
    for (let run = 0; run < 2; run += 1) {
      const again = await smoke(t, folder, ['pasted.yaml']);
      assert.equal(again.code, 0, again.stdout);
    }
  });

  it('shows secrets only to who asks for them', async (t) => {
    const { site, ask, last } = await served(t, { 'cgi-bin/now.sh': NOW });
    await (await fetch(`${site}/cgi-bin/now.sh`, { headers: { Cookie: 'sid=secret' } })).text();
    const id = await last();
    const hidden = await ask(`/api/requests/${id}/smoke`);
    assert.equal(hidden.status, 409);
    assert.match(hidden.json().error, /^It holds what is hidden \(Cookie\), .* ask with \?reveal=1\.$/);
    assert.deepEqual(parse((await ask(`/api/requests/${id}/smoke?reveal=1`)).text)[0].request.cookies, {
      sid: 'secret',
    });
  });

  it('is refused where its body is no text', async (t) => {
    const { site, ask, last } = await served(t, { 'cgi-bin/fixed.sh': FIXED });
    await (await fetch(`${site}/cgi-bin/fixed.sh`, { method: 'POST', body: Buffer.from([0, 1, 255]) })).text();
    const path = `/api/requests/${await last()}/smoke`;
    const refused = await ask(path);
    assert.deepEqual([refused.status, refused.json().error], [409, 'Its body is no text: save it as a file instead.']);
    assert.deepEqual((await ask(path, {})).json().files, [
      'tests/smoke/fixed.files/1-body.bin',
      'tests/smoke/fixed.golden/1-post-cgi-bin-fixed-sh.txt',
    ]);
  });
});

describe('the filtered list saved as a smoke test', () => {
  it('is a session with its tokens captured', async (t) => {
    const { folder, site, ask, last } = await served(t, {
      'cgi-bin/shop.pl': SHOP,
      'cgi-bin/now.sh': NOW,
      'public/a.css': 'x',
    });
    for (const path of ['cgi-bin/now.sh', 'a.css', 'no']) await (await fetch(`${site}/${path}`)).text();
    await visitShop(site);
    await last();
    const shop = await ask('/api/smoke?path=shop', { name: 'shop' });
    assert.equal(shop.status, 201, shop.text);
    assert.deepEqual([shop.json().requests, shop.json().holdsSecrets], [6, false]);
    const all = await ask('/api/smoke', { name: 'all' });
    assert.deepEqual([all.json().requests, all.json().leftOut], [8, ['GET /a.css: it is no page']]);
    assert.match((await ask('/api/smoke?path=shop')).text, /token: "?\{\{token\}\}/);
    for (const plans of [
      ['shop', 'all'],
      ['all', 'shop'],
    ]) {
      const again = await smoke(
        t,
        folder,
        plans.map((name) => `tests/smoke/${name}.yaml`),
      );
      assert.equal(again.code, 0, again.stdout);
    }
    assert.equal((await ask('/api/smoke?paht=shop', {})).status, 400);
    assert.equal((await ask('/api/smoke?path=nothing', {})).json().error, 'There is no request to make a test of.');
  });

  it('is given up when the server ends, and leaves nothing behind', async (t) => {
    const temporary = siteFolder(t, {});
    const slow = '#!/bin/sh\n[ -e here ] && sleep 30\ntouch here; printf "Content-Type: text/plain\\n\\nslow\\n"\n';
    const { site, ask, last, running } = await served(t, { 'cgi-bin/slow.sh': slow }, { TMPDIR: temporary });
    await (await fetch(`${site}/cgi-bin/slow.sh`)).text();
    const pending = ask(`/api/requests/${await last()}/smoke`, {}).catch(() => undefined);
    const copies = () => readdirSync(temporary).filter((name) => /^cgibox-(?:plan|smoke)-/.test(name)).length;
    while (copies() < 2) await new Promise((go) => setTimeout(go, 20));
    running.child.kill('SIGTERM');
    assert.equal((await running.ended).code, 0);
    await pending;
    assert.equal(copies(), 0);
  });
});
