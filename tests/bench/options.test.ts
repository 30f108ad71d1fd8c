// The flags of the benchmark: what they mean, and that a wrong one is named.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readOptions } from './options.ts';

describe('flags of npm run bench', () => {
  it('measures everything without a flag', () => {
    assert.deepEqual(readOptions([]), {
      seconds: 5,
      rounds: 3,
      clients: [8],
      streamMegabytes: 1024,
      variants: ['default'],
      scripts: undefined,
      servers: undefined,
      install: false,
      write: true,
    });
  });

  it('takes lists with commas', () => {
    const options = readOptions(['--clients', '1,8,64', '--scripts=sh,perl', '--no-write']);
    assert.ok(options !== 'help');
    assert.deepEqual([options.clients, options.scripts, options.write], [[1, 8, 64], ['sh', 'perl'], false]);
  });

  it('refuses a number that is none', () => {
    assert.throws(() => readOptions(['--seconds', 'soon']), {
      message: 'Cannot use --seconds "soon": it must be a whole number of at least 1',
    });
    assert.throws(() => readOptions(['--clients', '8,0']), RangeError);
  });

  it('refuses a flag that it does not know', () => {
    assert.throws(() => readOptions(['--fast']), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
  });
});
