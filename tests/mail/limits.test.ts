// What one client, and all together, may make the server hold.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { IncomingMessage } from '../../server/mail/incoming-message.ts';
import { DIALOG, only, startSink, talk } from './running-sink.ts';

const MEGABYTE = 1024 * 1024;
const recipients = (count: number) => Array.from({ length: count }, (_, index) => `RCPT TO:<u${index}@d>\n`).join('');

describe('an SMTP envelope', () => {
  it('holds no address that is longer than any', async (t) => {
    const mail = await startSink(t);
    const to = (length: number) => `RCPT TO:<${'u'.repeat(length)}@d>\n`;
    const said = await talk(mail.port, DIALOG.replace('DATA', `${to(15_000)}${to(400)}DATA`));
    assert.match(said, /^501 .*Bad recipient address syntax/m);
    assert.deepEqual(
      only(mail).envelope.to.map(({ length }) => length),
      [3, 402],
    );
  });

  it('holds more than a thousand recipients', async (t) => {
    const mail = await startSink(t);
    assert.doesNotMatch(await talk(mail.port, DIALOG.replace('DATA', `${recipients(1500)}DATA`)), /^[45]/m);
    assert.equal(only(mail).envelope.to.length, 1501);
  });

  it('is bounded in the memory that its recipients take, and goes to those', async (t) => {
    const mail = await startSink(t);
    assert.match(
      await talk(mail.port, DIALOG.replace('DATA', `${recipients(30_000)}DATA`)),
      /^452 .*too many recipients/m,
    );
    const { length } = only(mail).envelope.to;
    assert.ok(length > 10_000 && length < 20_000, `${length} recipients`);
  });
});

describe('messages that are being received', () => {
  it('are held in few pieces, however small they come', () => {
    const message = new IncomingMessage({ bytes: 10 * MEGABYTE });
    for (let count = 0; count < 1_000_000; count += 1) message.add(Buffer.from('.\r\n'));
    assert.ok(message.pieces <= 2000, `${message.pieces} pieces`);
    assert.equal(message.whole().toString(), '.\r\n'.repeat(1_000_000));
  });

  it('are refused for now where all of them take too much, and the others arrive', async (t) => {
    const mail = await startSink(t);
    const sockets = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = connect(mail.port, '127.0.0.1').setEncoding('latin1');
        await once(socket, 'data');
        return socket;
      }),
    );
    const start = DIALOG.slice(0, DIALOG.indexOf('.\nQUIT')).replaceAll('\n', '\r\n');
    const text = start + `${'x'.repeat(998)}\r\n`.repeat(24 * 1024);
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.write(text, done))));
    const said = await Promise.all(
      sockets.map(async (socket) => {
        let answer = '';
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        socket.write('.\r\nQUIT\r\n');
        await once(socket, 'close');
        return answer;
      }),
    );
    const refused = said.filter((answer) => /^452 .*too much mail at once/m.test(answer)).length;
    assert.ok(refused >= 1 && refused <= 3, `${refused} refused`);
    assert.equal(said.filter((answer) => /^250 .*caught by cgibox/m.test(answer)).length, 5 - refused);
    assert.match(await talk(mail.port, DIALOG), /^250 .*caught by cgibox/m);
  });

  it('give back what they took', () => {
    const room = { bytes: 10 };
    const first = new IncomingMessage(room);
    first.add(Buffer.from('12345678'));
    const second = new IncomingMessage(room);
    second.add(Buffer.from('1'));
    second.add(Buffer.from('23'));
    assert.deepEqual([first.isDropped, second.isDropped, room.bytes], [false, true, 2]);
    first.drop();
    assert.equal(room.bytes, 10);
  });
});
