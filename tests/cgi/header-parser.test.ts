// The header parser: any bytes, cut anywhere, give one answer; nothing that it lets through can forge a header line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type HeaderOutcome, headerParser } from '../../server/cgi/header-parser.ts';

const LIMIT = 300;
const SEED = 3875;

/** The outcome, and every byte behind the header. */
function parse(chunks: readonly Uint8Array[], limit = LIMIT): unknown {
  const parser = headerParser(limit);
  for (const [index, chunk] of chunks.entries()) {
    const outcome = parser.push(chunk);
    if (outcome.kind === 'complete') return complete(outcome, chunks.slice(index + 1));
    if (outcome.kind !== 'more') return outcome;
  }
  return parser.end();
}

function complete(outcome: Extract<HeaderOutcome, { kind: 'complete' }>, rest: readonly Uint8Array[]) {
  return { ...outcome, body: Buffer.concat([outcome.body, ...rest]).toString('latin1') };
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Bytes that are often nearly a header. */
const output = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          'Content-Type: text/plain',
          'Status: 200',
          '\r\n',
          '\n',
          '\r',
          ':',
          ' ',
          '<!--: spam',
          'HTTP/1.1 200',
          '\0',
        )
        .map(latin1),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

describe('the header parser (RFC 3875 §6.3)', () => {
  it('gives one answer however any bytes are cut', () => {
    const cuts = fc.array(fc.nat({ max: 500 }), { maxLength: 6 });
    fc.assert(
      fc.property(output, cuts, (bytes, at) => {
        const places = [0, ...at.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        assert.deepEqual(parse(chunks), parse([bytes]));
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });

  it('gives one answer when every byte comes alone', () => {
    fc.assert(
      fc.property(output, (bytes) => {
        const single = [...bytes].map((byte) => Buffer.of(byte));
        assert.deepEqual(parse(single), parse([bytes]));
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  it('lets no name or value through that could forge a line', () => {
    fc.assert(
      fc.property(output, (bytes) => {
        const outcome = headerParser(LIMIT).push(bytes);
        if (outcome.kind !== 'complete') return;
        for (const [name, value] of outcome.fields) {
          assert.match(name, /^[!-9;-~]+$/);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          assert.doesNotMatch(value, /[\u0000-\u0008\u000a-\u001f\u007f]/);
        }
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });

  for (const end of ['\n', '\r\n'])
    it(`takes a header of exactly the limit, and none above, with ${JSON.stringify(end)}`, () => {
      const text = `A: ${'x'.repeat(LIMIT - 3 - 2 * end.length)}${end}${end}`;
      assert.equal(text.length, LIMIT);
      assert.equal(headerParser(LIMIT).push(latin1(text)).kind, 'complete');
      assert.equal(headerParser(LIMIT - 1).push(latin1(text)).kind, 'tooLarge');
    });

  it('takes a thousand fields, and not one more', () => {
    const header = (count: number) => `${'A: b\n'.repeat(count)}\n`;
    assert.equal(headerParser(64 * 1024).push(latin1(header(1000))).kind, 'complete');
    const outcome = headerParser(64 * 1024).push(latin1(header(1001)));
    assert.deepEqual(outcome, { kind: 'tooLarge', limit: '1000 fields' });
  });

  it('refuses a line without end as soon as it is too long', () => {
    const parser = headerParser(LIMIT);
    assert.equal(parser.push(latin1('x'.repeat(LIMIT))).kind, 'more');
    assert.equal(parser.push(latin1('x')).kind, 'tooLarge');
  });

  it('reads a long header that comes byte by byte in reasonable time', () => {
    const parser = headerParser(1024 * 1024);
    const byte = Buffer.of(120);
    const before = performance.now();
    for (let count = 0; count < 64 * 1024; count += 1) parser.push(byte);
    assert.ok(performance.now() - before < 5000);
  });

  it('reads megabytes of carriage returns and blanks in one pass', () => {
    const many = 4_000_000;
    const carriageReturns = latin1(`${'\r'.repeat(many)}!`);
    const blanks = latin1(`X-A: ${' '.repeat(many)}b${'\t'.repeat(many)}\nContent-Type: a/b\n\n`);
    assert.equal((parse([carriageReturns], 5 * many) as HeaderOutcome).kind, 'malformed');
    const outcome = parse([blanks], 5 * many) as Extract<HeaderOutcome, { kind: 'complete' }>;
    assert.deepEqual(outcome.fields, [
      ['X-A', 'b'],
      ['Content-Type', 'a/b'],
    ]);
  });
});
