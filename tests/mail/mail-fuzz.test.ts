// Mail of anybody: random and mutated bytes through every reader. None throws, none hangs, and Bcc stays hidden.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressList } from '../../server/mail/address-list.ts';
import { readHeadline, readMessage } from '../../server/mail/message.ts';
import { readSendmailOptions } from '../../server/mail/sendmail-options.ts';
import { readSubmission, untilLoneDot } from '../../server/mail/submission.ts';
import { qualified } from '../../server/mail/tolerant-smtp.ts';

const PIECES = [
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: multipart/alternative; boundary="',
  'Content-Type: message/rfc822\r\n',
  'Content-Type: text/html; charset=utf-16\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  "Content-Disposition: attachment; filename*0*=utf-8''%",
  'Subject: =?utf-8?B?',
  'From: "',
  'To: a:b;',
  'Bcc: hidden@example.org',
  'bCC \t: hidden@example.org',
  'Date: ',
  '--b\r\n',
  '--b--',
  '<table><tr><td>',
  '=?=',
  '\r\n',
  '\r\n\r\n',
  '\n',
  ' ',
  '\0',
  '\xff\xfe',
  '.',
];
const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 8 })), {
  maxLength: 60,
});
const latin1 = text.map((parts) => parts.join('').replace(/[^\0-\xff]/g, '?'));

describe('readers of mail, with anything', { timeout: 60_000 }, () => {
  it('give a message for any bytes', async () => {
    const property = fc.asyncProperty(latin1, async (bytes) => {
      const raw = Buffer.from(bytes, 'latin1');
      const message = await readMessage(raw);
      assert.equal(typeof message.subject, 'string');
      assert.equal(typeof (await readHeadline(raw)).to, 'string');
      assert.ok(message.attachments.every(({ content }) => Buffer.isBuffer(content)));
    });
    await fc.assert(property, { numRuns: 400 });
  });

  it('hide Bcc behind a carriage return', () => {
    const { message } = readSubmission('To: a\rBcc: hidden@example.org\n\nbody\rof it', {
      fromHeader: true,
      from: 'x@y',
    });
    assert.equal(message, 'From: x@y\r\nTo: a Bcc: hidden@example.org\r\n\r\nbody\rof it');
  });

  it('hide Bcc however a message is written', () => {
    fc.assert(
      fc.property(latin1, (input) => {
        const { message } = readSubmission(untilLoneDot(input), { fromHeader: true, from: 'x@y' });
        const header = message.slice(0, message.indexOf('\r\n\r\n'));
        assert.doesNotMatch(header, /^bcc\s*:/im);
        assert.doesNotMatch(message, /(?<!\r)\n/, 'every line ends in CRLF');
      }),
      { numRuns: 2000 },
    );
  });

  it('read any command line of sendmail', () => {
    const word = fc.oneof(fc.constantFrom('-t', '-oi', '-f', '--', '-', '-bs', '-F', '-q'), fc.string());
    fc.assert(
      fc.property(fc.array(word), (words) => {
        assert.ok(['options', 'usage'].includes(readSendmailOptions(words).kind));
      }),
      { numRuns: 2000 },
    );
  });

  it('take no empty address out of a field', () => {
    const field = fc
      .array(fc.constantFrom('a@b', '<', '>', '"', '(', ')', ',', ';', ':', '\\', ' ', '@'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(field, (written) => {
        assert.ok(addressList(written).every((address) => address !== '' && address === address.trim()));
        assert.equal(typeof qualified(`MAIL FROM:${written}`), 'string');
      }),
      { numRuns: 2000 },
    );
  });
});
