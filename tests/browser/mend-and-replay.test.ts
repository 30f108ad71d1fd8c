// The way of someone whose script fails: the page says why, the record shows everything, the mended script is replayed.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startInspected } from '../inspector/start-inspected.ts';
import { sh } from '../support/start-site.ts';
import { openPage, whySkipped } from './browser.ts';

const skip = whySkipped();
const BROKEN = '#!/usr/bin/perl\nuse No::Such::Thing;\nprint "Content-Type: text/html\\n\\n<h1>mended</h1>";\n';
const MENDED = BROKEN.replace('use No::Such::Thing;\n', '');

describe('a script that fails', { skip }, () => {
  it('is explained, mended on disk, and replayed with success', async (t) => {
    const { site } = await startInspected(t, { 'cgi-bin/guestbook.pl': BROKEN });
    const { page, complaints } = await openPage(t);
    const failed = await page.goto(`${site.url}/cgi-bin/guestbook.pl`);
    assert.equal(failed?.status(), 500);
    assert.match((await page.locator('h1').textContent()) ?? '', /No::Such::Thing/);
    await page.getByRole('link', { name: 'Open it in the inspector' }).click();
    await page.getByRole('group', { name: 'What went wrong' }).waitFor();
    assert.match((await page.locator('.failure').textContent()) ?? '', /No::Such::Thing/);
    assert.match((await page.locator('#stderr').textContent()) ?? '', /Can't locate No\/Such\/Thing\.pm/);
    await writeFile(join(site.folder, 'cgi-bin/guestbook.pl'), MENDED);
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.locator('.detail h1 .badge.good').waitFor();
    assert.match((await page.locator('#stdout').textContent()) ?? '', /<h1>mended<\/h1>/);
    assert.equal(await page.locator('.failure').count(), 0);
    assert.deepEqual(
      complaints.filter((text) => !text.includes('500')),
      [],
    );
  });

  it('gets its page reloaded as soon as its file has changed', async (t) => {
    const { site } = await startInspected(t, { 'cgi-bin/guestbook.pl': BROKEN });
    const { page } = await openPage(t);
    // The page is at localhost, the inspector at 127.0.0.1: two sites to a browser.
    const asked = page.waitForResponse(/\/changes$/);
    await page.goto(`${site.url.replace('127.0.0.1', 'localhost')}/cgi-bin/guestbook.pl`);
    assert.equal((await asked).status(), 200);
    await writeFile(join(site.folder, 'cgi-bin/guestbook.pl'), MENDED);
    await page.getByRole('heading', { name: 'mended' }).waitFor();
  });
});

describe('what a script prints', { skip }, () => {
  it('is never executed by the inspector', async (t) => {
    const hostile = '<script>document.title="owned"</script><img src=x onerror="document.title=\\"owned\\"">';
    const { site, inspector } = await startInspected(t, {
      'cgi-bin/hostile': sh`printf 'Content-Type: text/html\nX-H: ${hostile}\n\n${hostile}'; printf '${hostile}' >&2; exit 1`,
    });
    await site.get(`/cgi-bin/hostile?${encodeURIComponent(hostile)}`, {
      method: 'POST',
      body: hostile,
      headers: { 'X-H': hostile, Cookie: hostile },
    });
    const { page } = await openPage(t);
    await page.goto(inspector);
    await page.locator('.row').first().click();
    await page.getByRole('button', { name: 'Show secrets' }).click();
    await page.locator('#environment').waitFor();
    for (const path of ['/scripts', '/']) {
      await page.goto(inspector + path);
      await page.locator('h1, .row').first().waitFor();
    }
    await page.locator('.row').first().click();
    await page.locator('#stdout').waitFor();
    await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
    await page.waitForTimeout(300);
    assert.equal(await page.title(), 'cgibox inspector');
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.ok((await page.locator('#stdout').textContent())?.includes('<script>document.title'));
  });
});
