// Clients as they were written by hand for the mail servers of their time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { DIALOG, only, startSink, talk, talkBytes } from './running-sink.ts';

const LINES = 'Subject: hi\r\n\r\nHello\r\n';

describe('an SMTP client that ends its lines in LF alone', { timeout: 20_000 }, () => {
  it('has its mail taken, in CR LF', async (t) => {
    const mail = await startSink(t);
    const said = await talkBytes(mail.port, DIALOG.replace('Hello', '..dot\nHello'));
    assert.match(said, /^250 .*caught by cgibox[\s\S]*^221 /m);
    assert.equal(only(mail).raw.toString(), LINES.replace('Hello', '.dot\r\nHello'));
  });

  it('has it taken however its bytes are cut', async (t) => {
    const mail = await startSink(t);
    const socket = connect(mail.port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    for (const char of DIALOG) {
      socket.write(char);
      await new Promise((sent) => setTimeout(sent, 1));
    }
    socket.resume();
    await closed;
    assert.equal(only(mail).raw.toString(), LINES);
  });

  it('sends several mails', async (t) => {
    const mail = await startSink(t);
    const one = DIALOG.replace('EHLO x\n', '').replace('QUIT\n', '');
    await talkBytes(mail.port, `HELO x\n${one}${one}QUIT\n`);
    assert.deepEqual(
      mail.mailbox.list().map(({ raw }) => raw.toString()),
      [LINES, LINES],
    );
  });

  it('leaves another, with CR LF, its LF in a message', async (t) => {
    const mail = await startSink(t);
    await talkBytes(mail.port, DIALOG.replaceAll('\n', '\r\n').replace('Hello', 'a\n.\nb'));
    assert.equal(only(mail).raw.toString(), LINES.replace('Hello', 'a\n.\nb'));
  });
});

describe('an SMTP client that does not wait for the greeting', () => {
  it('has its mail taken', async (t) => {
    const mail = await startSink(t);
    const socket = connect(mail.port, '127.0.0.1').setEncoding('latin1');
    socket.write(DIALOG.replaceAll('\n', '\r\n'));
    let said = '';
    for await (const chunk of socket) said += chunk;
    assert.match(said, /^220 [\s\S]*^250 .*caught by cgibox[\s\S]*^221 /m);
    assert.equal(only(mail).raw.toString(), LINES);
  });
});

describe('a quoted local part (RFC 5321 §4.1.2)', () => {
  it('may hold a space, and what else an address may not', async (t) => {
    const mail = await startSink(t);
    const to = 'RCPT TO:<"a b"@c>\nRCPT TO:<"a@<b>"@c> NOTIFY=NEVER\nRCPT TO: "d \\" e"@f\nRCPT TO:<"g h">\n';
    const said = await talk(mail.port, DIALOG.replace('a@b', '"x y"@z').replace('RCPT TO:<c@d>\n', to));
    assert.doesNotMatch(said, /^[45]/m);
    assert.deepEqual(only(mail).envelope, {
      from: '"x y"@z',
      to: ['"a b"@c', '"a@<b>"@c', '"d \\" e"@f', '"g h"@localhost'],
    });
  });
});
