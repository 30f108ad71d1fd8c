import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANSWER_BYTES, answerReader, encodeLaunch } from '../../server/cgi/fork-protocol.ts';
import { shell } from '../support/forked-launcher.ts';

const SLOTS = { stdin: undefined, stdout: 3, stderr: 4 };

function answer(...numbers: readonly number[]): Buffer {
  const frame = Buffer.alloc(ANSWER_BYTES);
  numbers.forEach((number, index) => {
    frame.writeInt32LE(number, index * 4);
  });
  return frame;
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
    const frame = encodeLaunch(258, SLOTS, command);
    assert.equal(frame?.toString('latin1', 16), '/w\0/\xe9\0\0\xff\0A\0\x80');
    assert.deepEqual([...(frame?.subarray(0, 16) ?? [])], [24, 0, 0, 0, 2, 1, 0, 0, 255, 3, 4, 0, 2, 0, 0, 0]);
  });

  it('is refused where any word holds a NUL', () => {
    const words = [{ file: '/a\0b' }, { args: ['\0'] }, { workingDirectory: '\0' }, { environment: { A: 'b\0C=d' } }];
    for (const word of words) assert.equal(encodeLaunch(1, SLOTS, shell('', word)), undefined);
    assert.equal(encodeLaunch(1, SLOTS, shell('', { environment: { 'A\0': '' } })), undefined);
  });
});

describe('answers of a fork server', () => {
  it('are the same however the bytes are cut', () => {
    const bytes = Buffer.concat([answer(2, 7, 4321), answer(3, 8, 13), answer(4, 7, 0, 9, 1), answer(1, 0, 5, 6)]);
    const expected = [
      { kind: 'started', id: 7, pid: 4321 },
      { kind: 'failed', id: 8, errno: 13 },
      { kind: 'exited', id: 7, code: 0, signal: 9, hasGroup: true },
      { kind: 'pipe', slot: 0, readEnd: 5, writeEnd: 6 },
    ];
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const read = answerReader();
      const answers = [...read(bytes.subarray(0, cut)), ...read(bytes.subarray(cut))];
      assert.deepEqual(answers, expected, `cut at byte ${cut}`);
    }
  });

  it('are refused where no fork server says such a thing', () => {
    assert.throws(() => answerReader()(answer(77)), /frame of kind 77/);
  });
});
