// What the inspector tells its reader: that a body was cut, that something was copied, that more is coming, in colours
// that can be read (WCAG 2.2 §1.4.3).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startInspected } from '../inspector/start-inspected.ts';
import { sh } from '../support/start-site.ts';
import { openPage, whySkipped } from './browser.ts';

const skip = whySkipped();
const FILES = {
  'cgi-bin/count': sh`echo "Content-Type: text/plain"; echo; exec wc -c`,
  'cgi-bin/bad': sh`echo "no such luck" >&2; exit 3`,
};
const RAW = Buffer.from('Subject: first\r\nContent-Type: text/html\r\n\r\n<p>One lamp</p>\r\n');
const mailOf = (requestId: string | undefined, raw: Buffer) => ({
  at: Date.now(),
  requestId,
  via: 'smtp' as const,
  envelope: { from: 'shop@example.org', to: ['owner@example.org'] },
  raw,
});

describe('a body that was cut', { skip }, () => {
  it('is said above everything, and can only be replaced', async (t) => {
    const { site, inspector, recorded } = await startInspected(t, FILES, { inspector: { keepBytes: 1024 * 1024 } });
    await site.get('/cgi-bin/count', { method: 'POST', body: 'x'.repeat(300_000) });
    const { id } = await recorded('/cgi-bin/count');
    const { page } = await openPage(t);
    await page.goto(`${inspector}/r/${id}`);
    await page.getByRole('note').filter({ hasText: 'Only the first 65536 of 300000 bytes' }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Replay', exact: true }).isDisabled());
    await page.keyboard.press('r');
    await page.locator('#toast', { hasText: 'cannot be sent again as it was' }).waitFor();
    await page.keyboard.press('y');
    assert.deepEqual(await page.locator('.menu li').allTextContents(), [
      'Copy as text for a bug report',
      'Copy as HAR',
    ]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'send it with another body' }).click();
    await page.getByText('only the first 65536 were kept: write another one here').waitFor();
    await page.getByLabel('Body').fill('short');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('#stdout', { hasText: '5' }).waitFor();
  });
});

describe('the menu of copies', { skip }, () => {
  it('closes with a click beside it', async (t) => {
    const { site, inspector, recorded } = await startInspected(t, FILES);
    await site.get('/cgi-bin/count');
    const { id } = await recorded('/cgi-bin/count');
    const { page } = await openPage(t);
    await page.goto(`${inspector}/r/${id}`);
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: 'Copy as HAR' }).waitFor();
    await page.locator('h1').click();
    await page.getByRole('button', { name: 'Copy as HAR' }).waitFor({ state: 'hidden' });
  });
});

describe('a command that mends', { skip }, () => {
  it('is copied with a click, and says so in its place', async (t) => {
    const { site, inspector, recorded } = await startInspected(t, FILES);
    await site.get('/cgi-bin/bad');
    const { id, failure } = await recorded('/cgi-bin/bad');
    const { page } = await openPage(t);
    await page.goto(`${inspector}/r/${id}`);
    await page.locator('.mend button').first().click();
    await page.locator('.mend button', { hasText: 'Copied' }).waitFor();
    assert.equal(await page.evaluate<string>('navigator.clipboard.readText()'), failure.mend[0]);
    await page
      .locator('.mend button', { hasText: /^Copy$/ })
      .first()
      .waitFor();
  });
});

describe('the page of scripts', { skip }, () => {
  it('is there before doctor has read the site', async (t) => {
    const { inspector } = await startInspected(t, FILES);
    const { page } = await openPage(t);
    const waiting = Promise.withResolvers<void>();
    await page.route('**/api/scripts', async (route) => {
      await waiting.promise;
      await route.continue();
    });
    await page.goto(`${inspector}/scripts`);
    await page.getByText('Doctor reads the site').waitFor();
    await page.getByRole('rowheader', { name: '/cgi-bin/count' }).waitFor();
    waiting.resolve();
    await page.getByText(/Doctor (has \d+ finding|finds nothing)/).waitFor();
  });

  it('says where scripts are looked for when there is none', async (t) => {
    const { inspector } = await startInspected(t, {});
    const { page } = await openPage(t);
    await page.goto(`${inspector}/scripts`);
    await page.getByText('No script was found.').waitFor();
    await page.getByText(/cgi\.scriptAlias/).waitFor();
  });
});

describe('the page of mail', { skip }, () => {
  it('leaves what is read alone when another one comes, and forgets all when asked', async (t) => {
    const { site, inspector, mailbox, recorded } = await startInspected(t, FILES);
    await site.get('/cgi-bin/count');
    const { id } = await recorded('/cgi-bin/count');
    const { id: first } = mailbox.add(mailOf(id, RAW));
    const { page } = await openPage(t);
    await page.goto(`${inspector}/mail/${first}`);
    await page.getByRole('link', { name: 'GET /cgi-bin/count' }).waitFor();
    await page.evaluate(`document.querySelector('iframe.mail').dataset.kept = 'yes'`);
    mailbox.add(mailOf(undefined, Buffer.from('Subject: second\r\n\r\nx\r\n')));
    await page.locator('.row', { hasText: 'second' }).waitFor();
    assert.equal(await page.locator('iframe.mail').getAttribute('data-kept'), 'yes');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('No mail yet.').waitFor();
    assert.deepEqual(mailbox.list(), []);
  });
});

/** Each visible text with its colours, where the contrast is less than 4.5 (3 for large text). */
const FAINT = `(() => {
  const light = (c) => { const [r, g, b] = c.map((v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const back = (element) => { for (let at = element; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor); if (c.length === 3 || c[3] > 0.99) return c.slice(0, 3); } return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255]; };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    const style = getComputedStyle(parentElement);
    if (textContent.trim() === '' || !parentElement.checkVisibility({ opacityProperty: true }) || parentElement.closest(':disabled, #toast, .offscreen')) continue;
    const [a, b] = [light(parse(style.color).slice(0, 3)), light(back(parentElement))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return faint;
})()`;

describe('colours', { skip }, () => {
  for (const scheme of ['light', 'dark'] as const)
    it(`can be read in every view: ${scheme}`, async (t) => {
      const { site, inspector, mailbox, recorded } = await startInspected(t, FILES);
      await site.get('/cgi-bin/bad?x=1', { headers: { Cookie: 'a=1' } });
      await site.get('/cgi-bin/count?x=2', { method: 'POST', body: 'x' });
      await site.get('/nothing');
      const { id } = await recorded('/cgi-bin/count?x=2');
      const { id: bad } = await recorded('/cgi-bin/bad?x=1');
      const { id: mail } = mailbox.add(mailOf(id, RAW));
      const { page } = await openPage(t, { scheme });
      const pages = [
        ...['/', `/r/${bad}`, `/r/${id}`, `/r/${id}/edit`, `/compare/${bad}/${id}`, '/scripts', `/mail/${mail}`].map(
          (path) => inspector + path,
        ),
        ...['/cgi-bin/bad', '/nothing', '/cgi-bin/', '/'].map((path) => site.url + path),
      ];
      for (const address of pages) {
        await page.goto(address);
        await page.locator('h1, .row').locator('visible=true').first().waitFor();
        await page.evaluate(`for (const part of document.querySelectorAll('details.section')) part.open = true`);
        assert.deepEqual(await page.evaluate(FAINT), [], address);
      }
    });

  it('of help for screen readers are nowhere to be seen', async (t) => {
    const { inspector } = await startInspected(t, FILES);
    const { page } = await openPage(t, { width: 380 });
    await page.goto(inspector);
    const box = await page.locator('#filter-help').boundingBox();
    assert.ok(box !== null && box.width <= 1 && box.height <= 1, JSON.stringify(box));
  });
});
