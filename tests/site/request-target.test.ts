// The request target: every form and every refusal of RFC 9112 §3.2, and the spellings that have leaked files elsewhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { percentEncodedPath } from '../../server/site/percent-encoding.ts';
import { requestTarget } from '../../server/site/request-target.ts';

function target(received: string) {
  const outcome = requestTarget(received);
  assert.equal(outcome.kind, 'target', received);
  return outcome.kind === 'target' ? outcome.target : assert.fail();
}

describe('request target (RFC 9112 §3.2)', () => {
  const accepted: readonly [received: string, path: string, query: string | undefined, raw?: string][] = [
    ['/', '/', undefined],
    ['/a/b', '/a/b', undefined],
    ['/a?', '/a', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['/a?%zz%', '/a', '%zz%'],
    ['/a?x=%2F%00', '/a', 'x=%2F%00'],
    ['/%7Ejoe/%e9', '/~joe/\u00e9', undefined],
    ['/\u00e9\u00ff', '/\u00e9\u00ff', undefined],
    ['/a+b', '/a+b', undefined],
    ['/%252F', '/%2F', undefined],
    ['/%2525', '/%25', undefined],
    ['/%3F%23', '/?#', undefined],
    ['/%2e%2E/..', '/../..', undefined],
    ['//a//b/', '//a//b/', undefined],
    ['/%0A', '/\n', undefined],
    ['/a\\b', '/a\\b', undefined],
    ['/http://h/', '/http://h/', undefined],
    ['http://host/a?b', '/a', 'b', '/a?b'],
    ['HTTPS://host:8443/a', '/a', undefined, '/a'],
    ['http://host', '/', undefined, '/'],
    ['http://host?q', '/', 'q', '/?q'],
    ['http://[::1]:80/x', '/x', undefined, '/x'],
    ['http://host//evil', '//evil', undefined, '//evil'],
  ];
  for (const [received, path, query, raw = received] of accepted) {
    it(`reads ${JSON.stringify(received)}`, () => {
      const { authority: _, ...rest } = target(received);
      assert.deepEqual(rest, { raw, path, query });
    });
  }

  const refused: readonly [received: string, status: number, reason: string][] = [
    ['', 400, 'malformedTarget'],
    ['*', 400, 'malformedTarget'],
    ['a', 400, 'malformedTarget'],
    ['host:80', 400, 'malformedTarget'],
    ['ftp://host/a', 400, 'malformedTarget'],
    ['file:///etc/passwd', 400, 'malformedTarget'],
    ['http:/a', 400, 'malformedTarget'],
    ['http:///a', 400, 'malformedTarget'],
    ['http://:80/a', 400, 'malformedTarget'],
    ['http://user@host/a', 400, 'malformedTarget'],
    ['http://ho\\st/a', 400, 'malformedTarget'],
    ['http://h\u00e9/a', 400, 'malformedTarget'],
    ['/a#b', 400, 'malformedTarget'],
    ['/a?b#c', 400, 'malformedTarget'],
    ['/a b', 400, 'malformedTarget'],
    ['/a\tb', 400, 'malformedTarget'],
    ['/a\r\nb', 400, 'malformedTarget'],
    ['/a\u0000', 400, 'malformedTarget'],
    ['/a\u007f', 400, 'malformedTarget'],
    ['/a\u0100', 400, 'malformedTarget'],
    ['/%', 400, 'malformedPercentEncoding'],
    ['/%4', 400, 'malformedPercentEncoding'],
    ['/%zz', 400, 'malformedPercentEncoding'],
    ['/%%2F', 400, 'malformedPercentEncoding'],
    ['/%u002f', 400, 'malformedPercentEncoding'],
    ['/a%00.html', 400, 'nulInPath'],
    ['/cgi-bin%2fx', 404, 'encodedSlash'],
    ['/cgi-bin/x/a%2Fb', 404, 'encodedSlash'],
    ['/..%5C..%5cx', 404, 'encodedSlash'],
    ['http://host/%2f', 404, 'encodedSlash'],
  ];
  for (const [received, status, reason] of refused) {
    it(`refuses ${JSON.stringify(received)} with ${status}`, () => {
      assert.deepEqual(requestTarget(received), { kind: 'refused', status, reason });
    });
  }

  it('keeps the authority of the absolute form', () => {
    assert.equal(target('http://Example.ORG:8080/a').authority, 'Example.ORG:8080');
    assert.equal(target('/a').authority, undefined);
  });

  it('never throws, and decodes what was encoded', () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(bytes, (text) => {
        requestTarget(text);
        const path = `/${text.replace(/[\0/\\]/g, '')}`;
        assert.equal(target(percentEncodedPath(path)).path, path);
      }),
      { seed: 3875, numRuns: 2000 },
    );
  });
});
