// Whole pages against expected files; how to write them anew: see failure-page.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageForm } from '../../server/http/page.ts';
import { type RefusalPageInput, refusalPage } from '../../server/http/refusal-page.ts';
import type { Refusal } from '../../server/site/resource.ts';
import { expectPage } from '../support/expected-page.ts';

const page = (parts: Partial<RefusalPageInput>) =>
  refusalPage({ status: 403, requestUri: '/a/b', reason: undefined, accept: undefined, id: 'r-1', ...parts });
const textOf = (parts: Partial<RefusalPageInput>) => page(parts).body.toString('utf8');

const EVERY_REASON: Readonly<Record<Refusal, RegExp>> = {
  malformedTarget: /not written as HTTP/,
  malformedPercentEncoding: /two hexadecimal digits/,
  nulInPath: /NUL/,
  encodedSlash: /encoded slash/,
  dotFile: /begins with a dot/,
  editorLeftover: /Backup copies/,
  configurationFile: /configuration/,
  smokePlan: /test plans/,
  siteDeny: /site\.deny/,
  htaccessDeny: /\.htaccess/,
  scriptSource: /source of a script/,
  scriptFolder: /folder of scripts/,
  notAScript: /no script/,
  linkOutside: /symbolic link/,
  notARegularFile: /Devices/,
  unreadable: /no permission/,
  listingOff: /site\.listing/,
};

describe('refusal page', () => {
  for (const [form, accept] of [
    ['html', 'text/html'],
    ['txt', '*/*'],
    ['json', 'application/json'],
  ] as const) {
    it(`names the URL and the reason as ${form}`, () => {
      expectPage(page({ reason: 'dotFile', requestUri: '/.htpasswd', accept }), `refusal-403.${form}`);
      expectPage(page({ status: 404, accept }), `refusal-404.${form}`);
      expectPage(page({ status: 301, location: '/a/b/?x=1&y', accept }), `refusal-301.${form}`);
    });
  }

  for (const [reason, words] of Object.entries(EVERY_REASON)) {
    it(`has words for ${reason}`, () => {
      assert.match(textOf({ reason: reason as Refusal }), words);
    });
  }

  for (const status of [400, 403, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 503, 505]) {
    it(`has a sentence for ${status}`, () => {
      assert.match(textOf({ status }), new RegExp(`^${status} [A-Z].*: /a/b\\n\\n[A-Z].+\\.\\n\\nRequest r-1\\n$`));
    });
  }

  it('does not promise that a script takes TRACE', () => {
    assert.match(textOf({ status: 405 }), /only scripts take other methods, and nothing takes TRACE\./);
  });

  it('escapes the URL, and needs none', () => {
    const html = textOf({ requestUri: '/<script>alert(1)</script>\x1b\xe4', accept: 'text/html' });
    assert.ok(html.includes('<code>/&lt;script&gt;alert(1)&lt;/script&gt;\\x1bä</code>'));
    assert.equal(textOf({ status: 400, requestUri: undefined }).split('\n')[0], '400 Bad Request');
  });

  it('links to no other scheme than HTTP', () => {
    assert.doesNotMatch(textOf({ status: 302, location: 'javascript:alert(1)', accept: 'text/html' }), /href/);
  });
});

describe('form of a page (RFC 9110 §12.5.1)', () => {
  const wishes: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'html'],
    ['application/json, text/plain, */*', 'json'],
    ['application/json;q=0.5, text/html', 'html'],
    ['text/html;q=0, */*', 'text'],
    ['TEXT/HTML', 'html'],
    ['image/png', 'text'],
    ['image/avif,image/webp,*/*;q=0.8', 'text'],
    ['text/*', 'text'],
    ['text/html;q=7', 'text'],
    [';;,,/,\xff;q=', 'text'],
  ];
  for (const [accept, form] of wishes) {
    it(`is ${form} for ${JSON.stringify(accept)}`, () => assert.equal(pageForm(accept), form));
  }
});
