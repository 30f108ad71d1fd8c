// The HTML report of cgibox smoke in Chromium: it shows failures at once, and complains of nothing.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { HELLO, siteFolder, smoke } from '../smoke/smoking.ts';
import { openPage, whySkipped } from './browser.ts';

describe('the HTML report of smoke', { skip: whySkipped() }, () => {
  it('opens from the disk, failures first, nothing loaded', async (t) => {
    const bad =
      '#!/bin/sh\necho "Content-Type: text/html"; echo; echo "<script>alert(1)</script>"; echo "Fatal: gone" >&2\n';
    const folder = siteFolder(t, { 'cgi-bin/bad.sh': bad, 'cgi-bin/hello.sh': HELLO });
    assert.equal((await smoke(t, folder, ['--html', 'report.html'])).code, 1);
    for (const view of [{}, { width: 360, scheme: 'dark' }] as const) {
      const { page, complaints } = await openPage(t, view);
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(`file://${join(folder, 'report.html')}`);
      assert.equal(await page.locator('h1').textContent(), '1 passed, 1 failed');
      assert.ok(await page.getByText('stderr looks like an error').first().isVisible());
      assert.ok(await page.getByText('<script>alert(1)</script>').isVisible());
      assert.ok(!(await page.locator('details.passed pre').last().isVisible()));
      await page.locator('summary', { hasText: 'hello.sh' }).focus();
      await page.keyboard.press('Enter');
      assert.ok(await page.locator('details.passed pre').last().isVisible());
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      assert.ok(!isTooWide, 'it fits the screen');
      assert.deepEqual([complaints, asked.length], [[], 1]);
    }
  });
});
