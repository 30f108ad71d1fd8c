// The script of a failure page: only its hash is allowed, it asks only the inspector, and it is there only where it works.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { reloadOnChange } from '../../server/http/reload-on-change.ts';
import { startInspected } from '../inspector/start-inspected.ts';
import { sh, startSite } from '../support/start-site.ts';

const FILES = { 'cgi-bin/bad': sh`echo bad` };
const HTML = { Accept: 'text/html' };

describe('the reload of a failure page', () => {
  it('is allowed by the hash of its very text', () => {
    const { html, policy } = reloadOnChange('http://127.0.0.1:8001/api/requests/1"><b>/changes');
    const text = /<script[^>]*>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(text).digest('base64');
    assert.equal(policy, `; script-src 'sha256-${hash}'; connect-src http://127.0.0.1:8001`);
    assert.match(
      html,
      /^<script data-changes="http:\/\/127\.0\.0\.1:8001\/api\/requests\/1&quot;&gt;&lt;b&gt;\/changes">/,
    );
  });

  it('is there after a GET by a name of this machine only', async (t) => {
    const { site } = await startInspected(t, FILES);
    const page = async (init: RequestInit) => (await site.get('/cgi-bin/bad', init)).text();
    assert.match(await page({ headers: HTML }), /<script data-changes=/);
    assert.doesNotMatch(await page({ headers: HTML, method: 'POST', body: 'x' }), /<script/);
    const elsewhere = await site.raw(
      'GET /cgi-bin/bad HTTP/1.1\r\nHost: www.example.org\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
    );
    assert.match(elsewhere.toString(), /Open it in the inspector/);
    assert.doesNotMatch(elsewhere.toString(), /<script/);
  });

  it('is absent, with the link, where the inspector is off or failed to start', async (t) => {
    const site = await startSite(t, FILES);
    assert.doesNotMatch(await (await site.get('/cgi-bin/bad', { headers: HTML })).text(), /<script|inspector/);
  });

  it('is absent, with the link, from a plain page', async (t) => {
    const { site } = await startInspected(t, FILES, { site: { failurePage: 'plain' } });
    assert.doesNotMatch(await (await site.get('/cgi-bin/bad', { headers: HTML })).text(), /<script|inspector/);
  });
});
