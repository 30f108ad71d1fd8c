import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, httpAnswer } from '../support/http-answer.ts';
import { sh, startSite } from '../support/start-site.ts';

const OK = sh`echo "Content-Type: text/plain"; echo; cat`;

describe('answers of the server itself', { concurrency: 8 }, () => {
  it('OPTIONS * is a 204 without content and without fields that describe one', async (t) => {
    const site = await startSite(t, {});
    const answer = httpAnswer(await site.raw(GET('*').replace('GET', 'OPTIONS')));
    assert.deepEqual([answer.status, answer.body], [204, '']);
    for (const name of ['content-type', 'content-length', 'transfer-encoding']) assert.deepEqual(answer.all(name), []);
    assert.match(answer.all('allow').join(), /GET, HEAD, POST/);
  });

  it('an expectation that nobody knows is a 417 with a page, an id and a log line', async (t) => {
    const site = await startSite(t, { 'cgi-bin/x': OK });
    const answer = httpAnswer(await site.raw(GET('/cgi-bin/x', 'Expect: tea')));
    assert.deepEqual([answer.status, answer.all('connection')], [417, ['close']]);
    assert.match(answer.body, /does not meet the expectation/);
    assert.equal((await site.logged('/cgi-bin/x')).id, answer.all('x-request-id')[0]);
  });

  it('an expectation of nothing is none, and one that is told twice is one', async (t) => {
    const site = await startSite(t, { 'cgi-bin/x': OK });
    assert.equal(httpAnswer(await site.raw(GET('/cgi-bin/x', 'Expect:'))).status, 200);
    const twice = ['Expect: 100-continue', 'Expect: 100-Continue', 'Content-Length: 2'];
    const bytes = await site.raw(`${GET('/cgi-bin/x', ...twice).replace('GET', 'POST')}hi`);
    assert.match(bytes.toString('latin1'), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n.*hi/s);
  });

  it('TRACE is refused with the methods that the address does take', async (t) => {
    const site = await startSite(t, { 'cgi-bin/x': OK, 'public/a.txt': 'a' });
    const allowed = async (target: string) => {
      const answer = httpAnswer(await site.raw(GET(target).replace('GET', 'TRACE')));
      assert.equal(answer.status, 405);
      return answer.all('allow');
    };
    assert.deepEqual(await allowed('/a.txt'), ['GET, HEAD']);
    assert.deepEqual(await allowed('/cgi-bin/x'), ['GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']);
  });

  it('CONNECT and what no parser reads are answered with a Date', async (t) => {
    const site = await startSite(t, {});
    for (const request of [GET('a:1').replace('GET', 'CONNECT'), 'GET foo HTTP/1.1\r\nHost: a\r\n\r\n'])
      assert.match(
        httpAnswer(await site.raw(request))
          .all('date')
          .join(),
        / GMT$/,
      );
  });

  it('a form that is sent to a folder without its slash is sent to its index', async (t) => {
    const site = await startSite(t, { 'public/form/index.cgi': OK }, { cgi: { addHandler: ['.cgi'] } });
    const answer = httpAnswer(await site.raw(GET('/form?a=1').replace('GET', 'POST')));
    assert.deepEqual([answer.status, answer.all('location')], [308, ['/form/?a=1']]);
    const response = await site.get('/form?a=1', { method: 'POST', body: 'said' });
    assert.equal(await response.text(), 'said');
    assert.equal(httpAnswer(await site.raw(GET('/form'))).status, 301);
  });

  it('a field of site.headers takes the place of none that a page of the server has', async (t) => {
    const site = await startSite(t, {}, { site: { headers: { 'cache-control': 'max-age=60', 'X-Site': 'a' } } });
    const answer = httpAnswer(await site.raw(GET('/absent')));
    assert.deepEqual([answer.all('cache-control'), answer.all('x-site')], [['no-store'], ['a']]);
  });
});

describe('a local redirect to what is not served', { concurrency: 8 }, () => {
  const files = { 'cgi-bin/go': sh`echo "Location: /gone.html?x=1"; echo` };

  it('is answered with a page that names where it led to, not the script alone', async (t) => {
    const site = await startSite(t, files);
    const response = await site.get('/cgi-bin/go');
    assert.equal(response.status, 404);
    assert.match(
      await response.text(),
      /A script redirected to \/gone\.html\?x=1\. There is nothing at this address\./,
    );
    assert.deepEqual((await site.logged('/cgi-bin/go')).remarks, [
      '404 for /gone.html?x=1, where the script redirected to',
    ]);
  });

  it('is told to the log alone where visitors get plain pages', async (t) => {
    const site = await startSite(t, files, { site: { failurePage: 'plain' } });
    assert.doesNotMatch(await (await site.get('/cgi-bin/go')).text(), /gone/);
    assert.match(String((await site.logged('/cgi-bin/go')).remarks), /gone\.html/);
  });
});
