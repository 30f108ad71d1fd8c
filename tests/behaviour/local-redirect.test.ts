import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, httpAnswer } from '../support/http-answer.ts';
import { environmentOf, SHOW_ENVIRONMENT } from '../support/script-environment.ts';
import { sh, startSite } from '../support/start-site.ts';

const to = (location: string, ...fields: string[]) =>
  sh`${fields.map((field) => `echo "${field}";`).join(' ')} echo "Location: ${location}"; echo`;

describe('local redirect (RFC 3875 §6.2.2)', () => {
  it('answers with the page it points to, and the client never learns of it', async (t) => {
    const site = await startSite(t, { 'cgi-bin/go': to('/welcome.txt'), 'public/welcome.txt': 'hello' });
    const response = await site.get('/cgi-bin/go');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('location'), null);
    assert.equal(await response.text(), 'hello');
  });

  it('runs the script it points to, with query, PATH_INFO and where it came from', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/go': to('/cgi-bin/env/p%20q//r?x=%20'),
      'cgi-bin/env': SHOW_ENVIRONMENT,
    });
    const { environment } = await environmentOf(site, GET('/cgi-bin/go/first?asked=1'));
    const { SCRIPT_NAME, PATH_INFO, QUERY_STRING, REQUEST_URI, REDIRECT_STATUS, REDIRECT_URL, REDIRECT_QUERY_STRING } =
      environment;
    assert.deepEqual(
      { SCRIPT_NAME, PATH_INFO, QUERY_STRING, REQUEST_URI, REDIRECT_STATUS, REDIRECT_URL, REDIRECT_QUERY_STRING },
      {
        SCRIPT_NAME: '/cgi-bin/env',
        PATH_INFO: '/p q//r',
        QUERY_STRING: 'x=%20',
        REQUEST_URI: '/cgi-bin/go/first?asked=1',
        REDIRECT_STATUS: '200',
        REDIRECT_URL: '/cgi-bin/go/first',
        REDIRECT_QUERY_STRING: 'asked=1',
      },
    );
  });

  it('is a GET without body after a POST', async (t) => {
    const site = await startSite(t, { 'cgi-bin/go': to('/cgi-bin/env'), 'cgi-bin/env': SHOW_ENVIRONMENT });
    const post =
      'POST /cgi-bin/go HTTP/1.1\r\nHost: a\r\nContent-Type: text/x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody';
    const { environment } = await environmentOf(site, post);
    assert.equal(environment.REQUEST_METHOD, 'GET');
    assert.equal('CONTENT_LENGTH' in environment || 'CONTENT_TYPE' in environment, false);
  });

  it('is a HEAD without body after a HEAD', async (t) => {
    const site = await startSite(t, { 'cgi-bin/go': to('/welcome.txt'), 'public/welcome.txt': 'hello' });
    const answer = httpAnswer(await site.raw(GET('/cgi-bin/go').replace('GET', 'HEAD')));
    assert.deepEqual([answer.status, answer.all('content-length'), answer.body], [200, ['5'], '']);
  });

  it('is a HEAD for the script it points to, too', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/go': to('/cgi-bin/method'),
      'cgi-bin/method': sh`echo "X-Method: $REQUEST_METHOD"; echo "Content-Type: text/plain"; echo`,
    });
    const answer = httpAnswer(await site.raw(GET('/cgi-bin/go').replace('GET', 'HEAD')));
    assert.deepEqual([answer.status, answer.all('x-method')], [200, ['HEAD']]);
  });

  it('keeps the cookies that were set on the way, for a file and for a script', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/go': to('/cgi-bin/on', 'Set-Cookie: a=1'),
      'cgi-bin/file': to('/welcome.txt', 'Set-Cookie: f=1', 'Set-Cookie: g=2'),
      'cgi-bin/on': sh`echo "Set-Cookie: b=2"; echo "Content-Type: text/plain"; echo`,
      'public/welcome.txt': 'hello',
    });
    assert.deepEqual(httpAnswer(await site.raw(GET('/cgi-bin/go'))).all('set-cookie'), ['a=1', 'b=2']);
    assert.deepEqual(httpAnswer(await site.raw(GET('/cgi-bin/file'))).all('set-cookie'), ['f=1', 'g=2']);
  });

  it('keeps cookies in the order they were set in, however their name is written: the later value counts', async (t) => {
    const files = {
      'cgi-bin/go': to('/cgi-bin/on', 'set-cookie: s=old', 'SET-COOKIE: t=1'),
      'cgi-bin/on': sh`echo "Set-Cookie: s=new"; echo "Content-Type: text/plain"; echo`,
    };
    const site = await startSite(t, files, { site: { headers: { 'set-cookie': 'owner=1' } } });
    const answer = httpAnswer(await site.raw(GET('/cgi-bin/go')));
    assert.deepEqual(answer.all('set-cookie'), ['owner=1', 's=old', 't=1', 's=new']);
  });

  it('is refused as its target is: a denied page stays denied, an absent one absent', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/denied': to('/.htpasswd'),
      'cgi-bin/out': to('/../cgi-bin/env'),
      'cgi-bin/absent': to('/none'),
      'cgi-bin/source': to('/cgi-bin/../cgi-bin/absent%00'),
      'public/.htpasswd': 'secret',
    });
    assert.equal((await site.get('/cgi-bin/denied')).status, 403);
    assert.equal((await site.get('/cgi-bin/absent')).status, 404);
    assert.equal((await site.get('/cgi-bin/out')).status, 404);
    assert.equal((await site.get('/cgi-bin/source')).status, 500);
  });

  it('is followed ten times, and an eleventh is a page that says so', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/down': sh`[ "$QUERY_STRING" = 0 ] && exec printf 'Content-Type: text/plain\n\nlanded'
        printf 'Location: /cgi-bin/down?%d\n\n' $((QUERY_STRING - 1))`,
    });
    assert.equal(await (await site.get('/cgi-bin/down?10')).text(), 'landed');
    assert.equal((await site.get('/cgi-bin/down?11')).status, 500);
    assert.equal((await site.logged('/cgi-bin/down?11')).cause, 'localRedirectLoop');
  });

  it('waits until the script has finished its work', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/slow': sh`echo "Location: /saved.txt"; echo; sleep 0.3; echo done > ../public/saved.txt`,
    });
    assert.equal(await (await site.get('/cgi-bin/slow')).text(), 'done\n');
  });
});
