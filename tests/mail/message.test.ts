import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readHeadline, readMessage } from '../../server/mail/message.ts';

const bytes = (...lines: readonly string[]) => Buffer.from(lines.join('\r\n'), 'latin1');

describe('a mail as people read it (RFC 5322, MIME)', () => {
  it('has subject, addresses, date, text and every field', async () => {
    const message = await readMessage(
      bytes(
        'From: =?iso-8859-1?q?Andr=E9?= <andre@example.org>',
        'To: a@b, "Doe, John" <c@d>',
        'Date: Tue, 02 Jan 2001 03:04:05 +0100 (CET)',
        'Subject: =?utf-8?B?w6k=?= and',
        ' more',
        'X-Odd:',
        '',
        'Body',
        '',
      ),
    );
    assert.equal(message.from, '"André" <andre@example.org>');
    assert.equal(message.to, 'a@b, "Doe, John" <c@d>');
    assert.equal(message.subject, 'é and more');
    assert.equal(message.date, Date.UTC(2001, 0, 2, 2, 4, 5));
    assert.equal(message.text, 'Body\n');
    assert.deepEqual(message.headers.at(-2), ['Subject', '=?utf-8?B?w6k=?= and more']);
    assert.deepEqual(message.headers.at(-1), ['X-Odd', '']);
    assert.deepEqual(message.errors, []);
  });

  it('has HTML and attachments beside the text', async () => {
    const message = await readMessage(
      bytes(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: text/html; charset=iso-8859-1',
        '',
        '<p>caf\xe9 <img src="cid:x">',
        '--b',
        'Content-Type: image/gif; name="../../a b.gif"',
        'Content-Transfer-Encoding: base64',
        'Content-ID: <x>',
        '',
        'R0lGODlh',
        '--b--',
      ),
    );
    assert.equal(message.html?.trim(), '<p>café <img src="cid:x">');
    assert.deepEqual(
      message.attachments.map(({ name, type, contentId, content }) => [name, type, contentId, content.toString()]),
      [['../../a b.gif', 'image/gif', 'x', 'GIF89a']],
    );
  });

  it('has a text where there is only HTML', async () => {
    const { text } = await readMessage(bytes('Content-Type: text/html', '', '<p>Hello <b>you</b></p>'));
    assert.equal(text, 'Hello you');
  });

  it('invents no date', async () => {
    assert.equal((await readMessage(bytes('Date: yesterday', '', ''))).date, undefined);
    assert.equal((await readMessage(bytes('Subject: x', '', ''))).date, undefined);
  });

  it('is read without a header, and without anything', async () => {
    assert.equal((await readMessage(bytes('', 'Body'))).text?.trim(), 'Body');
    assert.deepEqual(await readHeadline(Buffer.alloc(0)), { subject: '', from: '', to: '' });
    assert.deepEqual((await readMessage(Buffer.alloc(0))).headers, []);
  });
});

describe('hostile mail', { timeout: 30_000 }, () => {
  const nested = (depth: number) =>
    Array.from(
      { length: depth },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    );

  it('is bounded in parts, and still says whose it is', async () => {
    for (const depth of [50, 5000]) {
      const message = await readMessage(bytes('Subject: deep', ...nested(depth), '', 'end'));
      assert.equal(message.subject, 'deep', `depth ${depth}`);
    }
    const many = '--b\r\n\r\nx\r\n'.repeat(20_000);
    const { subject, errors } = await readMessage(
      bytes('Subject: many', 'Content-Type: multipart/mixed; boundary=b', '', many),
    );
    assert.equal(subject, 'many');
    assert.equal(errors.length, 1);
  });

  it('is read with ten thousand fields', async () => {
    const fields = Array.from({ length: 10_000 }, (_, index) => `X-${index}: ${'y'.repeat(40)}`);
    const message = await readMessage(bytes('Subject: fields', ...fields, '', 'Body'));
    assert.equal(message.subject, 'fields');
    assert.ok(message.errors.length === 1 || message.headers.length === 10_001);
  });

  it('is read with NUL, broken base64, broken words and unknown character sets', async () => {
    const message = await readMessage(
      bytes(
        'Subject: =?x-none?Q?=ZZ?= \0 =?utf-8?B?%%%?=',
        'From: <<<>>> "',
        'Content-Type: text/plain; charset=x-klingon',
        'Content-Transfer-Encoding: base64',
        '',
        'SGVs\0*bG8=???',
        '\0\0',
      ),
    );
    assert.match(message.subject, /=ZZ|\?/);
    assert.match(message.text ?? '', /Hel/);
  });

  it('is read in bounded time with HTML that is nested or long', async () => {
    for (const html of ['<b>'.repeat(300_000), '<table><tr><td>'.repeat(60_000), '<a href="'.repeat(200_000)]) {
      const started = performance.now();
      await readMessage(bytes('Subject: html', 'Content-Type: text/html', '', html));
      assert.ok(performance.now() - started < 8000, html.slice(0, 8));
    }
  });

  it('is read in bounded time with a date of open comments', async () => {
    const started = performance.now();
    const { date } = await readMessage(bytes(`Date: Tue, 02 Jan 2001 03:04:05 +0100 ${'('.repeat(200_000)}`, '', ''));
    assert.ok(performance.now() - started < 8000);
    assert.equal(date, Date.UTC(2001, 0, 2, 2, 4, 5));
  });

  it('shows 8-bit fields without an encoding as they were meant', async () => {
    assert.equal((await readHeadline(Buffer.from('Subject: caf\u00e9\r\n\r\n', 'utf8'))).subject, 'café');
    assert.match((await readHeadline(bytes('Subject: caf\xe9', '', ''))).subject, /^caf./);
  });
});
