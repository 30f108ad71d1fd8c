import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSendmailOptions, type SendmailOptions } from '../../server/mail/sendmail-options.ts';

function read(...words: string[]): SendmailOptions {
  const options = readSendmailOptions(words);
  assert.equal(options.kind, 'options');
  return options as SendmailOptions;
}

describe('the command line of sendmail (sendmail(8))', () => {
  it('reads the lines that old scripts write', () => {
    assert.equal(read('-t').fromHeader, true);
    assert.deepEqual(read('-oi', '-t', '-f', 'a@b').sender, 'a@b');
    assert.deepEqual(read('-fa@b', '-FMy Name', 'x'), {
      kind: 'options',
      mode: 'deliver',
      fromHeader: false,
      ignoreDots: false,
      sender: 'a@b',
      fullName: 'My Name',
      recipients: ['x'],
    });
    assert.deepEqual(read('-i', '-r', 's', '--', '-odd@x').recipients, ['-odd@x']);
  });

  it('takes letters that are joined', () => {
    const options = read('-tif', 'me', 'you');
    assert.deepEqual([options.fromHeader, options.ignoreDots, options.sender], [true, true, 'me']);
    assert.deepEqual(options.recipients, ['you']);
  });

  it('takes flags without effect, and their values', () => {
    const words = ['-odb', '-oem', '-oeq', '-v', '-U', '-n', '-B8BITMIME', '-N', 'never', '-R', 'hdrs', '-V', 'x'];
    assert.deepEqual(read(...words, '-O', 'Timeout=1', '-h', '3', '-C/etc/x', '-d8', '-Am', 'you').recipients, ['you']);
  });

  it('has no queue and no aliases', () => {
    for (const words of [['-q'], ['-q15m'], ['-bp'], ['-bi']]) assert.equal(read(...words).mode, 'nothing');
    assert.equal(read('-q', 'you').mode, 'deliver');
    assert.equal(read('-bs').mode, 'smtp');
    assert.equal(read('-bm', 'you').mode, 'deliver');
  });

  it('says what it cannot read', () => {
    const problems = [['-Z'], ['-bd'], ['-f'], ['-tZ']].map((words) => readSendmailOptions(words));
    assert.deepEqual(problems, [
      { kind: 'usage', problem: 'there is no flag -Z' },
      { kind: 'usage', problem: '-bd is not done here: -bm and -bs are' },
      { kind: 'usage', problem: '-f needs a value' },
      { kind: 'usage', problem: 'there is no flag -Z' },
    ]);
  });
});
