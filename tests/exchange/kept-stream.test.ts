// What is kept of a stream: its first bytes, however they are cut, never more memory than is charged for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptStream } from '../../server/exchange/kept-stream.ts';

function stream(share = 1_000_000) {
  const charged = { bytes: 0 };
  const kept = new KeptStream({
    share: () => share,
    charge: (bytes) => {
      charged.bytes += bytes;
    },
  });
  return { kept, charged };
}

const DATA = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index % 251));

describe('a kept stream', () => {
  it('gives back what came, however it was cut', () => {
    for (const size of [1, 7, 511, 512, 513, 4095, 4096, 4097, 16_385, 60_000]) {
      const { kept, charged } = stream();
      for (let at = 0; at < DATA.length; at += size) kept.push(DATA.subarray(at, at + size));
      assert.ok(kept.bytes().equals(DATA), `pieces of ${size}`);
      assert.ok(
        charged.bytes >= DATA.length && charged.bytes < DATA.length * 1.5,
        `${charged.bytes} for pieces of ${size}`,
      );
    }
  });

  it('mixes large and small pieces in order', () => {
    const { kept } = stream();
    let at = 0;
    for (const size of [3, 5000, 10, 4096, 4095, 1, 30_000, 2]) {
      kept.push(DATA.subarray(at, at + size));
      at += size;
    }
    assert.ok(kept.bytes().equals(DATA.subarray(0, at)));
    assert.ok(kept.bytes(100).equals(DATA.subarray(0, 100)));
  });

  it('cuts at its share and counts the rest', () => {
    const { kept } = stream(5000);
    for (let at = 0; at < DATA.length; at += 1999) kept.push(DATA.subarray(at, at + 1999));
    assert.deepEqual([kept.keptBytes, kept.totalBytes, kept.isCut], [5000, DATA.length, true]);
    assert.ok(kept.bytes().equals(DATA.subarray(0, 5000)));
  });

  it('does not hold a large buffer for a small slice of it', () => {
    const { kept, charged } = stream();
    const large = Buffer.alloc(10_000_000);
    kept.push(large.subarray(0, 5000));
    assert.equal(charged.bytes, 5000);
  });

  it('remembers when bytes came, a bounded number of times', () => {
    const { kept } = stream();
    for (let at = 0; at < 20_000; at += 1) kept.pushAt(Buffer.from('x'), at);
    assert.equal(kept.arrivals.length, 4096);
    assert.deepEqual(kept.arrivals[10], { offset: 10, at: 10 });
  });
});
