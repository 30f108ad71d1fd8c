import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CookieJar } from '../../server/smoke/cookie-jar.ts';

/** The Cookie field for `path`, after these Set-Cookie fields came for /cgi-bin/login.pl. */
function sent(cookies: readonly string[], path: string): string {
  const jar = new CookieJar();
  for (const cookie of cookies) jar.keep([['Set-Cookie', cookie]], '/cgi-bin/login.pl?x', Date.parse('2026-01-01'));
  return jar.header(path);
}

describe('cookies of a plan (RFC 6265 §5)', () => {
  for (const [cookies, path, expected] of [
    [['a=1'], '/cgi-bin/other.pl', 'a=1'],
    [['a=1'], '/other', ''],
    [['a=1; Path=/'], '/other?q', 'a=1'],
    [['a=1; path=/cgi'], '/cgi-bin/x', ''],
    [['a=1; Path=/', 'a=2; Path=/'], '/', 'a=2'],
    [['a=1; Path=/', 'b=2; Path=/x'], '/x/y', 'b=2; a=1'],
    [['a=1; Path=/', 'a=; Path=/; Max-Age=0'], '/', ''],
    [['a=1; Path=/; Expires=Thu, 01-Jan-1998 00:00:00 GMT'], '/', ''],
    [['a=1; Path=/; Max-Age=60; Expires=Thu, 01-Jan-1998 00:00:00 GMT'], '/', 'a=1'],
    [['a="b=c"; Path=/; HttpOnly; Secure; Domain=old.example'], '/', 'a="b=c"'],
    [['nonsense'], '/', ''],
  ] as const) {
    it(`${cookies.join(' | ')} for ${path}`, () => assert.equal(sent(cookies, path), expected));
  }
});
