import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Mailbox } from '../../server/mail/mailbox.ts';

const received = (subject: string, requestId?: string) => ({
  at: 1,
  requestId,
  via: 'smtp' as const,
  envelope: { from: 'a@b', to: ['c@d'] },
  raw: Buffer.from(`Subject: ${subject}\r\n\r\n`),
});
const subjects = async (mailbox: Mailbox) =>
  Promise.all(mailbox.list().map(async (mail) => (await mail.headline()).subject));

const LONG = `a subject ${'that is longer '.repeat(40)}than all that may be kept`;

describe('the mailbox', () => {
  it('keeps the last ones, newest first', async () => {
    const mailbox = new Mailbox(2);
    for (const subject of ['one', 'two', 'three']) mailbox.add(received(subject));
    assert.deepEqual(await subjects(mailbox), ['three', 'two']);
    mailbox.setKeep(1);
    assert.deepEqual(await subjects(mailbox), ['three']);
  });

  it('keeps no more than so many bytes, but always the newest', async () => {
    const mailbox = new Mailbox(100, 450);
    for (const subject of ['one', 'two', LONG]) {
      mailbox.add(received(subject));
    }
    assert.deepEqual(await subjects(mailbox), [LONG]);
    mailbox.add(received('x'));
    mailbox.add(received('y'));
    assert.deepEqual(await subjects(mailbox), ['y', 'x']);
  });

  it('counts the addresses of the envelope', async () => {
    const mailbox = new Mailbox(100, 10_000);
    const to = Array.from({ length: 40 }, (_, index) => `recipient-${index}@example.org`);
    for (const subject of ['one', 'two', 'three']) mailbox.add({ ...received(subject), envelope: { from: '', to } });
    assert.deepEqual(await subjects(mailbox), ['three']);
  });

  it('finds mail by its id and by its request', () => {
    const mailbox = new Mailbox(10);
    const first = mailbox.add(received('1', 'r'));
    mailbox.add(received('2', 'other'));
    const third = mailbox.add(received('3', 'r'));
    assert.deepEqual(mailbox.ofRequest('r'), [first, third]);
    assert.equal(mailbox.get(third.id), third);
    assert.equal(mailbox.get('nobody'), undefined);
  });

  it('tells who listens, until they leave', () => {
    const mailbox = new Mailbox(10);
    const told: string[] = [];
    const leave = mailbox.onMail((mail) => told.push(mail.id));
    const { id } = mailbox.add(received('1'));
    leave();
    mailbox.add(received('2'));
    assert.deepEqual(told, [id]);
  });

  it('is empty after it was cleared', () => {
    const mailbox = new Mailbox(10);
    mailbox.add(received('1', 'r'));
    mailbox.clear();
    assert.deepEqual([mailbox.list(), mailbox.ofRequest('r')], [[], []]);
  });
});
