// A folder as `python -m http.server --cgi` served it: cgi-bin and htbin in the document root, listings, index files.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { startFolder } from '../support/start-site.ts';

async function start(t: TestContext) {
  return startFolder(t, await copiedFolder(t, 'tests/fixtures/http-server-site'));
}

describe("the script folders of Python's CGIHTTPServer", () => {
  it('runs a script of cgi-bin with the rest of the path', async (t) => {
    const site = await start(t);
    assert.equal(await (await site.get('/cgi-bin/who.py/a//b?x=1')).text(), '/cgi-bin/who.py /a//b x=1\n');
  });

  it('runs a script of htbin', async (t) => {
    const site = await start(t);
    assert.equal(await (await site.get('/htbin/when.sh')).text(), 'script /htbin/when.sh\n');
  });

  it('refuses a script folder, and a data file in it', async (t) => {
    const site = await start(t);
    for (const url of ['/cgi-bin/', '/htbin/', '/cgi-bin/notes.txt']) {
      const response = await site.get(url);
      assert.equal(response.status, 403, url);
      assert.ok(!(await response.text()).includes('a data file'), url);
    }
  });
});

describe('the folders of http.server', () => {
  it('answers a folder with index.html, else index.htm', async (t) => {
    const site = await start(t);
    assert.match(await (await site.get('/')).text(), /The front page/);
    assert.match(await (await site.get('/old/')).text(), /Old pages/);
  });

  it('redirects a folder without its slash, query kept', async (t) => {
    const site = await start(t);
    const response = await site.get('/papers?a=1', { redirect: 'manual' });
    assert.equal(response.status, 301);
    assert.match(response.headers.get('location') ?? '', /^(http:\/\/[^/]+)?\/papers\/\?a=1$/);
  });

  it('lists a folder without an index, names encoded and escaped', async (t) => {
    const site = await start(t);
    const response = await site.get('/papers/');
    const page = await response.text();
    assert.equal(response.status, 200);
    assert.match(page, /href="[^"]*first\.txt"/);
    assert.match(page, /href="[^"]*drafts\/"/);
    assert.match(page, /href="[^"]*second%20(?:%26|&amp;)%20third\.txt"/);
    assert.match(page, /second &(amp|#38); third\.txt/);
    assert.ok(!page.includes('.hidden'));
  });

  it('sends every file that the listing names', async (t) => {
    const site = await start(t);
    const page = await (await site.get('/papers/')).text();
    const links = [...page.matchAll(/href="([^"]*\.txt)"/g)].map((match) => (match[1] ?? '').replaceAll('&amp;', '&'));
    assert.equal(links.length, 2);
    for (const link of links) {
      assert.equal((await fetch(new URL(link, `${site.url}/papers/`))).status, 200, link);
    }
  });

  it('answers 404 for what is not there', async (t) => {
    const site = await start(t);
    for (const url of ['/nothing', '/papers/nothing', '/cgi-bin/nothing.py', '/index.html/']) {
      assert.equal((await site.get(url)).status, 404, url);
    }
  });
});
