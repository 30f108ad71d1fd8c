// The flags of cgibox smoke: what cannot be, and what means nothing together.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readArguments } from '../../server/cli/arguments.ts';
import { CgiboxError } from '../../server/errors.ts';

const read = (words: readonly string[]) => readArguments(['smoke', ...words], () => false);

describe('the words of cgibox smoke', () => {
  it('are plans and flags', () => {
    const command = read([
      'a.yaml',
      'b.yaml',
      '--site',
      'x',
      '--tag',
      'a',
      '--tag',
      'b',
      '--jobs',
      '3',
      '--junit',
      '-',
    ]);
    assert.ok(command.kind === 'smoke');
    assert.deepEqual(
      [command.files, command.options.site, command.tags, command.jobs, command.reports, command.timeoutSeconds],
      [['a.yaml', 'b.yaml'], 'x', ['a', 'b'], 3, { junit: '-' }, 30],
    );
  });

  for (const [words, message] of [
    ['--jobs 0', 'Cannot use "--jobs 0": it is no number from 1 to 64'],
    ['--jobs 1.5', 'Cannot use "--jobs 1.5": it is no number from 1 to 64'],
    ['--timeout soon', 'Cannot use "--timeout soon": it is no number from 0.1 to 86400'],
    ['--base-url ftp://x', 'Cannot use "--base-url ftp://x": it is no URL of a web server'],
    ['--against cold', 'Cannot use "--against cold": it is no URL of a web server'],
    ['--from http://x', 'Cannot do "--from" alone'],
    ['--har x.har', 'Cannot do "--har" alone'],
    ['a.yaml --record b.yaml', 'Cannot do a plan and "--record": one is run, the other written'],
    ['--base-url http://x --ephemeral', 'Cannot do "--ephemeral" with "--base-url": the site is not ours'],
    ['--update --watch', 'Cannot do "--update" with "--watch"'],
    ['--tap - --junit -', 'Cannot do two reports to stdout'],
    ['--clock 1999-13-40', 'Cannot set the clock to "1999-13-40": it is no date and time'],
    ['--epemeral', 'Cannot read "--epemeral": there is no such flag'],
  ] as const) {
    it(`are not ${words}`, () =>
      assert.throws(
        () => read(words.split(' ')),
        (error) => error instanceof CgiboxError && error.code === 'USAGE' && error.message === message,
      ));
  }
});
