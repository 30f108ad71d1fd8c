// The list while much happens, everything by keyboard, what is copied, and narrow screens.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { startInspected } from '../inspector/start-inspected.ts';
import { sh } from '../support/start-site.ts';
import { openPage, whySkipped } from './browser.ts';

const skip = whySkipped();
const FILES = {
  'cgi-bin/echo': sh`echo "Content-Type: text/plain"; echo; echo "$REQUEST_METHOD $QUERY_STRING $HTTP_X_NOTE"; cat`,
  'cgi-bin/bad': sh`echo nonsense`,
  'public/page.txt': 'page',
};

// For the browser, as text: the types of the DOM are not those of this program.
const OPEN_ALL = `for (const part of document.querySelectorAll('details.section')) part.open = true`;
const NAMELESS = `[...document.querySelectorAll('a, button, input, textarea, summary')]
  .filter((control) => (control.textContent + (control.ariaLabel ?? '') + [...(control.labels ?? [])].map((label) => label.textContent)).trim() === '')
  .map((control) => control.outerHTML)`;

async function bash(command: string): Promise<string> {
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await buffer(child.stdout)).toString('latin1');
}

describe('the live list', { skip }, () => {
  it('follows 200 requests without a reload, and can be paused, filtered and cleared', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    const { page, complaints } = await openPage(t);
    await page.goto(inspector);
    await page.getByText('No request yet.').waitFor();
    await Promise.all(Array.from({ length: 200 }, async (_, at) => (await site.get(`/page.txt?${at}`)).text()));
    await page.getByText('200 requests').waitFor();
    // The last ones may still go on when they are counted.
    await page.locator('.row .badge.good').nth(199).waitFor();
    assert.equal(await page.locator('.row .badge.good').count(), 200);
    await page.getByRole('button', { name: 'Pause' }).click();
    await (await site.get('/cgi-bin/bad')).text();
    await page.getByRole('button', { name: 'Resume (1 new)' }).click();
    await page.getByText('201 requests').waitFor();
    await page.getByRole('searchbox', { name: 'Filter requests' }).fill('status:5xx');
    await page.getByText('1 request', { exact: true }).waitFor();
    assert.match((await page.locator('.row').textContent()) ?? '', /\/cgi-bin\/bad/);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('No request fits the filter.').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('says what is wrong with a filter, keeps the list, and is well when the filter is', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    const { page } = await openPage(t);
    await (await site.get('/page.txt')).text();
    await page.goto(inspector);
    await page.getByText('1 request', { exact: true }).waitFor();
    const field = page.getByRole('searchbox', { name: 'Filter requests' });
    const problem = page.getByRole('alert');
    await field.fill('status:nope');
    await problem.filter({ hasText: 'must be like 500, 5xx' }).waitFor();
    assert.equal(await page.locator('#connection').textContent(), '');
    assert.equal(await page.locator('.row').count(), 1);
    await field.fill('x'.repeat(20_000));
    await problem.filter({ hasText: 'too long' }).waitFor();
    await field.fill('status:200');
    await problem.waitFor({ state: 'hidden' });
    await (await site.get('/page.txt?again')).text();
    await page.getByText('2 requests').waitFor();
  });

  it('shows a request while it goes on, without taking the focus away', async (t) => {
    const { site, inspector } = await startInspected(t, {
      'cgi-bin/slow': sh`echo "Content-Type: text/plain"; echo; sleep 2; echo "the end"`,
    });
    const { page } = await openPage(t);
    await page.goto(inspector);
    const answer = site.get('/cgi-bin/slow').then((response) => response.text());
    await page.locator('.row').click();
    await page.locator('#stdout').waitFor();
    await page.getByRole('button', { name: 'Compare' }).focus();
    await page.locator('#stdout', { hasText: 'the end' }).waitFor();
    assert.equal(await answer, 'the end\n');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Compare');
  });

  it('says so when an open record is no longer kept', async (t) => {
    const { site, inspector } = await startInspected(t, FILES, { inspector: { keep: 1 } });
    await site.get('/cgi-bin/echo');
    const { page } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row').click();
    await page.locator('#stdout').waitFor();
    await site.get('/page.txt');
    await page.getByText('This record is no longer kept').waitFor();
    assert.match((await page.locator('#stdout').textContent()) ?? '', /GET/);
  });
});

describe('the keyboard', { skip }, () => {
  it('is enough for everything', async (t) => {
    const { site, inspector, history } = await startInspected(t, FILES);
    await site.get('/cgi-bin/echo?one', { headers: { Cookie: 'sid=hidden' } });
    await site.get('/cgi-bin/bad');
    const { page, complaints } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row').nth(1).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.locator('.failure').waitFor();
    await page.keyboard.press('j');
    await page.getByRole('button', { name: 'Show secrets' }).waitFor();
    await page.keyboard.press('s');
    await page.getByRole('button', { name: 'Hide secrets' }).waitFor();
    await page.keyboard.press('r');
    await page.getByText('Replay of').waitFor();
    assert.equal(history.list().length, 3);
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Two requests compared' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('status:5xx');
    await page.getByText('1 request', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.getByRole('heading', { name: 'Scripts' }).waitFor();
    await page.keyboard.press('3');
    await page.getByText('No mail yet.').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('compares any two requests', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    for (const query of ['one', 'two', 'three']) await (await site.get(`/cgi-bin/echo?${query}`)).text();
    const { page } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row', { hasText: 'three' }).click();
    await page.locator('#stdout').waitFor();
    await page.keyboard.press('m');
    await page.locator('.row', { hasText: 'one' }).click();
    await page.locator('h1', { hasText: 'one' }).waitFor();
    await page.keyboard.press('d');
    await page.locator('.diff .onlyA', { hasText: 'GET three' }).waitFor();
    await page.locator('.diff .onlyB', { hasText: 'GET one' }).waitFor();
  });

  it('edits and replays', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    await site.get('/cgi-bin/echo', { method: 'POST', body: 'old' });
    const { page, complaints } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row').waitFor();
    await page.keyboard.press('j');
    await page.locator('#stdout').waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Path and query').fill('/cgi-bin/echo?edited=1');
    await page.getByLabel('Body').fill('new body');
    await page.getByLabel('Header fields').press('Control+End');
    await page.keyboard.type('\nX-Note: added');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Replay of').waitFor();
    await page.getByText('POST edited=1 added').waitFor();
    // The page may have been drawn while the script had written its first line only.
    await page.locator('#stdout', { hasText: 'new body' }).waitFor();
    assert.deepEqual(complaints, []);
  });
});

describe('what is copied', { skip }, () => {
  it('does the same when it is run', async (t) => {
    const { site, inspector, recorded, history } = await startInspected(t, FILES);
    const url = '/cgi-bin/echo?a=b';
    const answer = await site.get(url, { method: 'POST', body: "it's <b>\n", headers: { 'X-Note': 'caf\xe9' } });
    const expected = Buffer.from(await answer.arrayBuffer()).toString('latin1');
    const { id } = await recorded(url);
    const { page } = await openPage(t);
    await page.goto(`${inspector}/r/${id}`);
    for (const [form, name] of [
      ['curl', 'curl command'],
      ['shell', 'shell command'],
    ]) {
      await page.locator('summary', { hasText: 'Copy' }).click();
      await page.getByRole('button', { name: `Copy as ${name}` }).click();
      await page.getByText(`Copied as ${name}`).waitFor();
      const command = await page.evaluate<string>('navigator.clipboard.readText()');
      const output = await bash(command.replace('--include', '--silent'));
      const body = form === 'shell' ? output.slice(output.indexOf('\n\n') + 2) : output;
      const { recording } = history.list().at(-1) ?? {};
      assert.equal(body, expected, `${command}\nthe server got: ${recording?.body.bytes().toString('latin1')}`);
    }
  });
});

describe('narrow screens and dark ones', { skip }, () => {
  for (const [width, scheme] of [
    [380, 'light'],
    [380, 'dark'],
    [1280, 'dark'],
  ] as const)
    it(`show every view without scrolling sideways: ${width} px, ${scheme}`, async (t) => {
      const { site, inspector, recorded } = await startInspected(t, FILES);
      await site.get(`/cgi-bin/bad?${'long'.repeat(60)}`, { headers: { 'X-Long': 'x'.repeat(300) } });
      await site.get('/cgi-bin/echo');
      const { id } = await recorded('/cgi-bin/echo');
      const { id: bad } = await recorded(`/cgi-bin/bad?${'long'.repeat(60)}`);
      const { page } = await openPage(t, { width, scheme });
      for (const path of ['/', `/r/${bad}`, `/r/${id}/edit`, `/compare/${bad}/${id}`, '/scripts', '/mail']) {
        await page.goto(inspector + path);
        await page.locator('.row, h1, .empty').locator('visible=true').first().waitFor();
        await page.evaluate(OPEN_ALL);
        const [content, window] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        );
        assert.equal(content, window, path);
      }
    });

  it('show nothing of what only a screen reader is to read', async (t) => {
    const { inspector } = await startInspected(t, FILES);
    const { page } = await openPage(t, { width: 1100 });
    await page.goto(inspector);
    const help = await page.locator('#filter-help').boundingBox();
    // It has a place, but clipped to a single pixel.
    assert.ok(help !== null && help.width * help.height <= 1, JSON.stringify(help));
    assert.equal(await page.locator('#filter').getAttribute('aria-describedby'), 'filter-help');
  });

  it('name every control', async (t) => {
    const { site, inspector, recorded } = await startInspected(t, FILES);
    await site.get('/cgi-bin/bad', { method: 'POST', body: 'x' });
    const { id } = await recorded('/cgi-bin/bad');
    const { page } = await openPage(t);
    for (const path of [`/r/${id}`, `/r/${id}/edit`, '/scripts']) {
      await page.goto(inspector + path);
      await page.locator('h1').waitFor();
      const nameless = await page.evaluate<string[]>(NAMELESS);
      assert.deepEqual(nameless, [], path);
    }
  });
});
