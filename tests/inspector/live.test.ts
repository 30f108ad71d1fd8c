// The list: what it shows, how it is filtered, how it comes alive; and the scripts of the site.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sh } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const FILES = {
  'cgi-bin/ok': sh`echo "Content-Type: text/plain"; echo; echo "needle in the output"`,
  'cgi-bin/bad': sh`echo nonsense`,
  'cgi-bin/slow': sh`sleep 0.4; echo "Content-Type: text/plain"; echo`,
  'public/page.txt': 'page',
};

async function* eventsOf(url: string) {
  const controller = new AbortController();
  const answer = await fetch(url, { signal: controller.signal });
  let text = '';
  try {
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString('utf8');
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        if (name !== undefined && data !== undefined) yield { name, data: JSON.parse(data) };
      }
    }
  } finally {
    controller.abort();
  }
}

describe('the list of requests', () => {
  it('is filtered by path, status, method, script, duration and text', async (t) => {
    const { site, api, recorded } = await startInspected(t, FILES);
    await site.get('/page.txt', { method: 'HEAD' });
    for (const url of ['/cgi-bin/ok?Q', '/cgi-bin/bad', '/cgi-bin/slow', '/none']) {
      await (await site.get(url)).text();
      await recorded(url);
    }
    const urls = async (query: string) =>
      (await api(`/api/requests?${query}`)).requests.map(({ url }: { url: string }) => url).toSorted();
    assert.deepEqual(await urls('path=CGI-BIN/O'), ['/cgi-bin/ok?Q']);
    assert.deepEqual(await urls('status=4xx,500'), ['/cgi-bin/bad', '/none']);
    assert.deepEqual(await urls('method=head'), ['/page.txt']);
    assert.deepEqual(await urls('script=slow'), ['/cgi-bin/slow']);
    assert.deepEqual(await urls('minMs=400'), ['/cgi-bin/slow']);
    assert.deepEqual(await urls('maxMs=399&script=slow'), []);
    assert.deepEqual(await urls('text=NEEDLE'), ['/cgi-bin/ok?Q']);
    assert.deepEqual(await urls('text=nonsense'), ['/cgi-bin/bad']);
  });

  it('refuses a filter that it does not know', async (t) => {
    const { inspector } = await startInspected(t, {});
    for (const query of ['pth=/', 'status=abc', 'minMs=x']) {
      const answer = await fetch(`${inspector}/api/requests?${query}`);
      assert.equal(answer.status, 400, query);
      assert.match(((await answer.json()) as { error: string }).error, /\w/);
    }
  });

  it('comes alive: what is there, what changes, what goes', async (t) => {
    const { site, inspector } = await startInspected(t, FILES, { inspector: { keep: 2 } });
    await (await site.get('/page.txt?first')).text();
    const events = eventsOf(`${inspector}/api/events`);
    const list = (await events.next()).value;
    assert.deepEqual([list?.name, list?.data.requests[0].url], ['list', '/page.txt?first']);
    for (const number of [2, 3, 4]) await (await site.get(`/page.txt?${number}`)).text();
    const shown = new Set<string>();
    const removed = new Set<string>();
    for await (const { data } of events) {
      for (const { url } of data.requests) shown.add(url);
      for (const id of data.removed) removed.add(id);
      if (shown.has('/page.txt?4') && removed.size === 2) break;
    }
    assert.ok(removed.has(list?.data.requests[0].id));
  });

  it('joins many changes into few messages', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    const events = eventsOf(`${inspector}/api/events`);
    await events.next();
    await Promise.all(Array.from({ length: 100 }, async (_, index) => (await site.get(`/page.txt?${index}`)).text()));
    const finished = new Set<string>();
    let messages = 0;
    for await (const { data } of events) {
      messages += 1;
      for (const { url, isFinished } of data.requests) if (isFinished) finished.add(url);
      if (finished.size === 100) break;
    }
    assert.ok(messages < 60, String(messages));
  });

  it('takes a request off a filtered list when it no longer fits', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    const events = eventsOf(`${inspector}/api/events?status=0`);
    await events.next();
    const answer = site.get('/cgi-bin/slow');
    const { value: appeared } = await events.next();
    assert.equal(appeared?.data.requests[0]?.url, '/cgi-bin/slow');
    await (await answer).text();
    const { value: left } = await events.next();
    assert.deepEqual(left?.data.hidden, [appeared?.data.requests[0]?.id]);
    await events.return();
  });
});

describe('the scripts of the site', () => {
  it('are listed with how they are run and how they did', async (t) => {
    const { site, api, recorded } = await startInspected(t, { ...FILES, 'cgi-bin/lost': '#!/no/such/thing\n' });
    for (const url of ['/cgi-bin/ok', '/cgi-bin/bad']) {
      await (await site.get(url)).text();
      await recorded(url);
    }
    const { scripts } = await api('/api/scripts');
    const [bad, lost, ok] = scripts;
    assert.deepEqual([bad.url, bad.runs, bad.failures, bad.last.status], ['/cgi-bin/bad', 1, 1, 500]);
    assert.match(lost.problem.title, /no\/such\/thing/);
    assert.deepEqual([ok.findings, bad.findings], [[], []]);
    assert.deepEqual(
      lost.findings.map(({ severity, lines }: { severity: string; lines: number[] }) => [severity, lines]),
      [['error', [1]]],
    );
    assert.deepEqual([ok.url, ok.how, ok.failures, ok.last.status], ['/cgi-bin/ok', '/bin/sh', 0, 200]);
  });
});
