import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANSWER_BYTES, answerReader, encodeLaunch, encodeRelease } from '../../server/cgi/fork-protocol.ts';
import { shell } from '../support/forked-launcher.ts';

interface Frame {
  readonly kind: number;
  readonly number?: number;
  readonly isEnd?: boolean;
  readonly numbers: readonly number[];
  readonly bytes?: string;
}

function answer({ kind, number = 0, isEnd = false, numbers, bytes = '' }: Frame): Buffer {
  const head = Buffer.alloc(ANSWER_BYTES);
  head.set([kind, number, isEnd ? 1 : 0]);
  numbers.forEach((value, index) => {
    head.writeInt32LE(value, 4 + index * 4);
  });
  head.writeUInt32LE(bytes.length, 20);
  return Buffer.concat([head, Buffer.from(bytes, 'latin1')]);
}

describe('a launch as a frame', () => {
  it('keeps every byte, with NUL between the words', () => {
    const command = {
      ...shell(''),
      file: '/\xe9',
      args: ['', '\xff'],
      environment: { A: '\x80' },
      workingDirectory: '/w',
    };
    const frame = encodeLaunch(258, command);
    assert.equal(frame?.toString('latin1', 16), '/w\0/\xe9\0\0\xff\0A\0\x80');
    assert.deepEqual([...(frame?.subarray(0, 16) ?? [])], [24, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 2, 0, 0, 0]);
  });

  it('is refused where any word holds a NUL', () => {
    const words = [{ file: '/a\0b' }, { args: ['\0'] }, { workingDirectory: '\0' }, { environment: { A: 'b\0C=d' } }];
    for (const word of words) assert.equal(encodeLaunch(1, shell('', word)), undefined);
    assert.equal(encodeLaunch(1, shell('', { environment: { 'A\0': '' } })), undefined);
  });
});

describe('a release as a frame', () => {
  it('names the script and the descriptor', () => {
    assert.deepEqual([...encodeRelease(258, 2)], [12, 0, 0, 0, 1, 2, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]);
  });
});

describe('answers of a fork server', () => {
  it('are the same however the bytes are cut', () => {
    const bytes = Buffer.concat([
      answer({ kind: 1, numbers: [7, 4321, -1] }),
      answer({ kind: 1, numbers: [8, 4322, 9] }),
      answer({ kind: 2, numbers: [9, 13] }),
      answer({ kind: 3, number: 1, numbers: [7], bytes: 'caf\xe9' }),
      answer({ kind: 3, number: 2, isEnd: true, numbers: [7] }),
      answer({ kind: 4, number: 1, numbers: [7, 12] }),
      answer({ kind: 5, numbers: [7, 0, 9, 1] }),
    ]);
    const expected = [
      { kind: 'started', id: 7, pid: 4321, stdin: undefined },
      { kind: 'started', id: 8, pid: 4322, stdin: 9 },
      { kind: 'failed', id: 9, errno: 13 },
      { kind: 'output', id: 7, number: 1, isEnd: false, bytes: Buffer.from('caf\xe9', 'latin1') },
      { kind: 'output', id: 7, number: 2, isEnd: true, bytes: Buffer.alloc(0) },
      { kind: 'handOver', id: 7, number: 1, descriptor: 12 },
      { kind: 'exited', id: 7, code: 0, signal: 9, hasGroup: true },
    ];
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const read = answerReader();
      const answers = [...read(bytes.subarray(0, cut)), ...read(bytes.subarray(cut))];
      assert.deepEqual(answers, expected, `cut at byte ${cut}`);
    }
  });

  it('are refused where no fork server says such a thing', () => {
    assert.throws(() => answerReader()(answer({ kind: 77, numbers: [] })), /frame of kind 77/);
  });
});
