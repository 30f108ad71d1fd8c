// Whatever a script wrote, the page is whole, inert and bounded. Seeded: a failure can be run again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cause } from '../../server/diagnosis/cause.ts';
import { explain } from '../../server/diagnosis/explain.ts';
import { failurePage } from '../../server/http/failure-page.ts';

const bytes = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
      fc.constantFrom(
        '<script>',
        '</pre>',
        '\r\n',
        '\n',
        ' at x.pl line 3',
        "Can't locate ",
        ' in @INC',
        ': Permission denied',
      ),
      fc.constantFrom(
        'File "x", line 2\n',
        'SyntaxError: ',
        ': not found',
        '\x1b[2J',
        '\xe2\x80\xae',
        'Content-Type: ',
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));
const cause: fc.Arbitrary<Cause> = fc.oneof(
  bytes.map((interpreter) => ({ kind: 'interpreterMissing' as const, interpreter })),
  fc.tuple(fc.nat(9), bytes).map(([line, reason]) => ({ kind: 'headerMalformed' as const, line: line + 1, reason })),
  bytes.map((value) => ({ kind: 'locationMalformed' as const, line: 1, value })),
  fc.constant({ kind: 'noOutput' as const, exit: { kind: 'exited' as const, code: 255 } }),
);
const input = fc
  .record({
    id: fc.constant('r-1'),
    requestUri: bytes,
    cause,
    evidence: fc.record({
      scriptFile: bytes.map((name) => `/site/${name}`),
      scriptName: bytes,
      stderr: bytes,
      output: bytes,
    }),
    detail: fc.constant('full' as const),
  })
  .map((given) => ({ ...given, explanation: explain(given.cause, given.evidence) }));
const run = { numRuns: 400, seed: 3875 };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;

describe('failure page of arbitrary bytes', () => {
  it('has no tag as HTML that is not its own', () => {
    fc.assert(
      fc.property(input, (given) => {
        const html = failurePage({ ...given, accept: 'text/html' }).body.toString('utf8');
        assert.doesNotMatch(
          html.slice(html.indexOf('<body>')),
          /<(?!\/?(?:main|body|html|p|h1|h2|pre|mark|span|footer)[ >])/,
        );
        assert.doesNotMatch(html, ACTS);
      }),
      run,
    );
  });

  it('moves no terminal as text', () => {
    fc.assert(
      fc.property(input, (given) => {
        assert.doesNotMatch(failurePage({ ...given, accept: undefined }).body.toString('utf8'), ACTS);
      }),
      run,
    );
  });

  it('is lawful JSON', () => {
    fc.assert(
      fc.property(input, (given) => {
        const json = failurePage({ ...given, accept: 'application/json' }).body.toString('utf8');
        assert.equal(JSON.parse(json).status, 500);
        assert.doesNotMatch(json, ACTS);
      }),
      run,
    );
  });
});
