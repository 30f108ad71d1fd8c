import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../server/config/schema.ts';
import { sh, startSite, type TestSite } from '../support/start-site.ts';

const SCRIPTS = {
  'cgi-bin/limit': sh`echo "Content-Type: text/plain"; echo; ulimit -f; echo "$ADDED"`,
  'cgi-bin/slow': sh`echo "Content-Type: text/plain"; echo; echo begun; sleep 1; ulimit -f`,
  'public/a.txt': 'page',
};

/** What `startSite` serves, with some keys changed. */
function changed(site: TestSite, change: (config: Config) => Partial<Config>): Config {
  return { ...site.config, ...change(site.config) };
}

describe('a changed configuration', () => {
  it('holds for the next request: variables, refusals, header fields', async (t) => {
    const site = await startSite(t, SCRIPTS);
    assert.match(await (await site.get('/cgi-bin/limit')).text(), /unlimited\n\n$/);
    await site.server.reconfigure(
      changed(site, (config) => ({
        cgi: { ...config.cgi, environment: { ADDED: 'now' } },
        site: { ...config.site, deny: ['/a.txt'], headers: { 'X-Now': '1' } },
      })),
    );
    const response = await site.get('/cgi-bin/limit');
    assert.equal(response.headers.get('x-now'), '1');
    assert.match(await response.text(), /\nnow\n$/);
    assert.equal((await site.get('/a.txt')).status, 403);
  });

  it('sets resource limits for further scripts, and leaves those that run alone', async (t) => {
    const site = await startSite(t, SCRIPTS);
    if (site.server.runner === 'direct') return t.skip('the direct runner sets no resource limits');
    const slow = site.get('/cgi-bin/slow').then((response) => response.text());
    await new Promise((settle) => setTimeout(settle, 300));
    await site.server.reconfigure(
      changed(site, ({ limits }) => ({ limits: { ...limits, fileSizeBytes: 512 * 1024 } })),
    );
    assert.match(await (await site.get('/cgi-bin/limit')).text(), /^(1024|512)\n/);
    assert.equal(await slow, 'begun\nunlimited\n');
  });

  it('sets the largest request header, larger and smaller', async (t) => {
    const site = await startSite(t, SCRIPTS);
    const ask = (bytes: number) => site.get('/a.txt', { headers: { 'X-Fill': 'x'.repeat(bytes) } });
    const limit = (requestHeaderBytes: number) =>
      site.server.reconfigure(changed(site, ({ limits }) => ({ limits: { ...limits, requestHeaderBytes } })));
    assert.equal((await ask(100_000)).status, 431);
    await limit(200_000);
    assert.equal((await ask(100_000)).status, 200);
    await limit(2000);
    assert.equal((await ask(3000)).status, 431);
  });

  it('sets how many requests the inspector keeps', async (t) => {
    const site = await startSite(t, SCRIPTS);
    for (const name of ['1', '2', '3']) await (await site.get(`/a.txt?${name}`)).text();
    const kept = () => site.server.history?.list().map(({ exchange }) => exchange.requestUri);
    assert.deepEqual(kept(), ['/a.txt?1', '/a.txt?2', '/a.txt?3']);
    await site.server.reconfigure(changed(site, ({ inspector }) => ({ inspector: { ...inspector, keep: 1 } })));
    assert.deepEqual(kept(), ['/a.txt?3']);
  });

  it('says what takes effect at the next start only', async (t) => {
    const site = await startSite(t, SCRIPTS);
    await site.server.reconfigure(changed(site, ({ server }) => ({ server: { ...server, graceSeconds: 9 } })));
    assert.match(site.warnings.join('\n'), /server\.\*.* next start/);
  });
});
