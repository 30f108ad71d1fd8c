import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressList } from '../../server/mail/address-list.ts';
import { readSubmission, untilLoneDot } from '../../server/mail/submission.ts';

const RULES = { fromHeader: true, from: 'www@localhost' };

describe('addresses of a field (RFC 5322 §3.4)', () => {
  it('takes addresses out of names, comments, quotes and groups', () => {
    const cases: Readonly<Record<string, readonly string[]>> = {
      'a@b': ['a@b'],
      ' Alice <a@b>, bob ,': ['a@b', 'bob'],
      '"Doe, John" <j@d> (the (one), you know), <k@d>': ['j@d', 'k@d'],
      'Friends: a@b, "x;y" <c@d>;, e@f': ['a@b', 'c@d', 'e@f'],
      'undisclosed-recipients:;': [],
      '<@relay.example:user@host>': ['user@host'],
      '"a \\" , b"@c': ['"a \\" , b"@c'],
      '"never closed <a@b>': ['a@b'],
      '': [],
      '((((': [],
    };
    for (const [field, addresses] of Object.entries(cases)) assert.deepEqual(addressList(field), addresses, field);
  });

  it('reads a field of a megabyte in no time', { timeout: 5000 }, () => {
    for (const piece of ['(', '<', '"', 'a@b,', '\\', ':', '@:'])
      assert.ok(addressList(piece.repeat(1_000_000 / piece.length)).length >= 0);
  });
});

describe('a message on the stdin of sendmail', () => {
  it('gives recipients, and keeps Bcc for itself', () => {
    const text = 'To: a@b,\n c@d\nSubject: x\nBCC: secret@e,\n more@f\nCc: g@h\n\nBody\n';
    const { message, recipients } = readSubmission(text, RULES);
    assert.deepEqual(recipients, ['a@b', 'c@d', 'secret@e', 'more@f', 'g@h']);
    assert.equal(message, 'From: www@localhost\r\nTo: a@b,\r\n c@d\r\nSubject: x\r\nCc: g@h\r\n\r\nBody\r\n');
  });

  it('leaves Bcc and recipients alone without -t', () => {
    const { message, recipients } = readSubmission('From: me\nTo: a\nBcc: b\n\n', { ...RULES, fromHeader: false });
    assert.deepEqual(recipients, []);
    assert.equal(message, 'From: me\r\nTo: a\r\nBcc: b\r\n\r\n');
  });

  it('sends a message again to those of its Resent fields', () => {
    const text = 'Resent-To: new@x\nResent-Bcc: hidden@x\nTo: old@x\nFrom: f\n\n';
    const { message, recipients } = readSubmission(text, RULES);
    assert.deepEqual(recipients, ['new@x', 'hidden@x']);
    assert.equal(message, 'Resent-To: new@x\r\nTo: old@x\r\nFrom: f\r\n\r\n');
  });

  it('takes a first line that is no field for the body', () => {
    assert.equal(
      readSubmission('Hello: no\nyou there\n', RULES).message,
      'From: www@localhost\r\nHello: no\r\n\r\nyou there\r\n',
    );
    assert.equal(readSubmission('just words\n', RULES).message, 'From: www@localhost\r\n\r\njust words\r\n');
    assert.equal(readSubmission('', RULES).message, 'From: www@localhost\r\n\r\n');
  });

  it('keeps bytes and CRLF, and drops the line of an mbox', () => {
    const { message } = readSubmission('From me Mon Jan 1\r\nFrom: a\r\nSubject: \xe9\r\n\r\n\xa4\r\n', RULES);
    assert.equal(message, 'From: a\r\nSubject: \xe9\r\n\r\n\xa4\r\n');
  });

  it('ends at a dot that is alone on its line', () => {
    assert.equal(untilLoneDot('a\n.\nb\n'), 'a\n');
    assert.equal(untilLoneDot('a\r\n.\r\nb'), 'a\r\n');
    assert.equal(untilLoneDot('.\nb'), '');
    assert.equal(untilLoneDot('a\n.'), 'a\n');
    assert.equal(untilLoneDot('a\n..\n.b\n'), 'a\n..\n.b\n');
  });
});
