// "Save as smoke test" in Chromium: from a request and from the filtered list, by mouse and by keyboard; what comes passes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startInspected } from '../inspector/start-inspected.ts';
import { smoke } from '../smoke/smoking.ts';
import { visitShop } from '../smoke/visit-shop.ts';
import { openPage, whySkipped } from './browser.ts';

const SHOP = readFileSync(new URL('../fixtures/session-site/cgi-bin/shop.pl', import.meta.url), 'utf8');
const NOW =
  '#!/bin/sh\nprintf "Content-Type: text/html\\n\\n<h1>Clock</h1>\\n<p>$$ %s $HTTP_COOKIE</p>\\n" "$(date)"\n';
const FILES = { 'cgi-bin/shop.pl': SHOP, 'cgi-bin/now.sh': NOW, 'public/page.txt': 'page' };

/** The test is rehearsed before. */
const PATIENT = { timeout: 120_000 };

describe('a smoke test from the inspector', { skip: whySkipped() }, () => {
  it('is saved from a request, and passes', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    await (await site.get('/cgi-bin/now.sh?a', { headers: { Cookie: 'sid=1' } })).text();
    const { page, complaints } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row').click();
    await page.getByRole('button', { name: 'Save as smoke test' }).click();
    const name = page.getByLabel('Name, in tests/smoke of the site');
    assert.equal(await name.inputValue(), 'now');
    await name.fill('../up');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'must be a file name' }).waitFor();
    await name.fill('clock');
    await page.keyboard.press('Enter');
    await page.getByText('1 request is in tests/smoke/clock.yaml, with 1 file beside it.').waitFor(PATIENT);
    await page.getByText('It holds cookies or credentials').waitFor();
    await page.getByRole('button', { name: 'Copy command' }).click();
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.equal(command, `cgibox smoke --site ${site.folder} tests/smoke/clock.yaml`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'is there already: choose another name' }).waitFor();
    assert.equal((await smoke(t, site.folder, ['tests/smoke/clock.yaml'])).code, 0);
    // The browser itself tells of every answer of 400 and more.
    assert.deepEqual(
      complaints.filter((line) => !/Failed to load resource/.test(line)),
      [],
    );
  });

  it('is copied as text, and passes where it is pasted', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    await (await site.get('/cgi-bin/now.sh', { headers: { Cookie: 'sid=1' } })).text();
    const { page, complaints } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row').waitFor();
    await page.keyboard.press('j');
    await page.locator('#stdout').waitFor();
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.getByText('Copied: paste it').waitFor(PATIENT);
    writeFileSync(join(site.folder, 'pasted.yaml'), await page.evaluate<string>('navigator.clipboard.readText()'));
    const { code, stdout } = await smoke(t, site.folder, ['pasted.yaml']);
    assert.equal(code, 0, stdout);
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.getByRole('dialog').waitFor();
    assert.ok(!existsSync(join(site.folder, 'tests')));
    assert.deepEqual(complaints, []);
  });

  it('is saved from the filtered list, on a narrow and dark screen', async (t) => {
    const { site, inspector } = await startInspected(t, FILES);
    await (await site.get('/page.txt')).text();
    await visitShop(site.url);
    const { page, complaints } = await openPage(t, { width: 380, scheme: 'dark' });
    await page.goto(inspector);
    await page.getByRole('searchbox', { name: 'Filter requests' }).fill('script:shop');
    await page.getByText('6 requests', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Smoke test' }).click();
    await page.getByText('The 6 requests are run').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('6 requests are in tests/smoke/shop.yaml').waitFor(PATIENT);
    const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.ok(!isTooWide, 'it fits the screen');
    const { code, stdout } = await smoke(t, site.folder, ['tests/smoke/shop.yaml']);
    assert.equal(code, 0, stdout);
    assert.deepEqual(complaints, []);
  });
});
