// sendmail as a real process, between a shell and a real sink: exit codes, and what arrives.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import type { Mail } from '../../server/mail/mailbox.ts';
import { type RunningMail, startMail } from '../../server/mail/smtp.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Its parent is this process: that is where it finds the sink. */
async function sendmail(words: readonly string[], input: string, environment: object = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, 'sendmail', ...words], {
    env: { PATH: process.env.PATH, ...environment } as NodeJS.ProcessEnv,
  });
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(Buffer.from(input, 'latin1'));
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

async function sink(t: TestContext): Promise<RunningMail> {
  const running = await startMail(Config.parse({ mail: { smtpPorts: [] } }), { warn: (line) => assert.fail(line) });
  t.after(() => running.stop());
  return running;
}

function only({ mailbox }: RunningMail): Mail {
  const [mail, ...more] = mailbox.list();
  assert.deepEqual(more, []);
  assert.ok(mail);
  return mail;
}

const GOOD = { code: 0, stdout: '', stderr: '' };

const SMTP_DIALOG = 'EHLO x\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nSubject: hi\n\nBody\n.\nQUIT\n';

describe('sendmail', () => {
  it('hands on a dot after a CR alone as it is', async (t) => {
    const mail = await sink(t);
    assert.deepEqual(await sendmail(['-i', 'a@b'], 'From: a@b\n\none\r.two\n.three\n'), GOOD);
    assert.equal(only(mail).raw.toString('latin1'), 'From: a@b\r\n\r\none\r.two\r\n.three\r\n');
  });

  it('hands a message to the server above it, without any port', async (t) => {
    const mail = await sink(t);
    const message =
      'To: Alice <alice@example.org>, bob\nBcc: hidden@example.org\nSubject: caf\xe9\n\n.dot\n..\n.\nlast';
    assert.deepEqual(await sendmail(['-oi', '-t'], message, { UNIQUE_ID: 'request-1' }), GOOD);
    const { via, requestId, envelope, raw } = only(mail);
    assert.deepEqual([via, requestId], ['sendmail', 'request-1']);
    assert.deepEqual(envelope.to, ['alice@example.org', 'bob@localhost', 'hidden@example.org']);
    assert.match(
      raw.toString('latin1'),
      /^From: \S+@localhost\r\nTo: Alice <alice@example.org>, bob\r\nSubject: caf\xe9\r\n\r\n\.dot\r\n\.\.\r\n\.\r\nlast\r\n$/,
    );
  });

  it('takes sender, name and recipients from its arguments', async (t) => {
    const mail = await sink(t);
    const words = ['-f', 'Web <web@example.org>', '-F', 'The "Web"', 'a@b, c@d', 'e'];
    assert.deepEqual(await sendmail(words, 'Subject: x\n\nBody\n.\nnot this\n'), GOOD);
    assert.deepEqual(only(mail).envelope, { from: 'web@example.org', to: ['a@b', 'c@d', 'e@localhost'] });
    assert.equal(only(mail).raw.toString(), 'From: "The \\"Web\\"" <web@example.org>\r\nSubject: x\r\n\r\nBody\r\n');
    assert.equal(only(mail).requestId, undefined);
  });

  it('sends with the null sender where that is asked for', async (t) => {
    const mail = await sink(t);
    assert.deepEqual(await sendmail(['-f', '<>', 'a@b'], 'x\n'), GOOD);
    assert.equal(only(mail).envelope.from, '');
  });

  it('takes addresses and names in UTF-8', async (t) => {
    const mail = await sink(t);
    assert.deepEqual(await sendmail(['-F', 'Jürgen', 'Élan@example.org'], '\n'), GOOD);
    assert.deepEqual(only(mail).envelope.to, ['Élan@example.org']);
    assert.match(only(mail).raw.toString(), /^From: "Jürgen" </);
  });

  it('writes no line of its own into the header where a name or a sender holds a line end', async (t) => {
    const mail = await sink(t);
    const words = ['-t', '-F', 'A\nBcc: hidden@x\r\n\r\nbody', '-f', 'a@b\nX-Injected'];
    assert.deepEqual(await sendmail(words, 'To: c@d\nSubject: x\n\nBody\n'), GOOD);
    assert.equal(
      only(mail).raw.toString(),
      'From: "A Bcc: hidden@x    body" <a@b X-Injected>\r\nTo: c@d\r\nSubject: x\r\n\r\nBody\r\n',
    );
  });

  it('hands over a message for more than a thousand recipients', async (t) => {
    const mail = await sink(t);
    const to = Array.from({ length: 1200 }, (_, index) => `user${index}@example.org`);
    assert.deepEqual(await sendmail(['-t'], `Bcc: ${to.join(',\n ')}\nSubject: x\n\n`), GOOD);
    assert.deepEqual(only(mail).envelope.to, to);
  });

  it('ends at a lone dot though its stdin stays open', { timeout: 10_000 }, async (t) => {
    const mail = await sink(t);
    const child = spawn(process.execPath, [MAIN, 'sendmail', 'a@b']);
    child.stdin.write('Subject: x\n\nBody\n');
    child.stdin.write('.\n');
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    assert.match(only(mail).raw.toString(), /Body\r\n$/);
  });

  it('speaks SMTP on its own streams with -bs', async (t) => {
    const mail = await sink(t);
    const dialog = SMTP_DIALOG.replaceAll('\n', '\r\n');
    const { code, stdout, stderr } = await sendmail(['-bs'], dialog, { UNIQUE_ID: 'request-2' });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(
      stdout
        .split('\r\n')
        .map((line) => line.slice(0, 4))
        .filter((start) => start !== '250-'),
      ['220 ', '250 ', '250 ', '250 ', '354 ', '250 ', '221 ', ''],
    );
    assert.deepEqual([only(mail).via, only(mail).requestId], ['sendmail', 'request-2']);
  });

  it('takes lines that end in LF alone with -bs', async (t) => {
    const mail = await sink(t);
    const { code, stderr } = await sendmail(['-bs'], SMTP_DIALOG);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(only(mail).raw.toString(), 'Subject: hi\r\n\r\nBody\r\n');
  });

  it('does not wait for ever with -bs where stdin ends early, and says what is lost', {
    timeout: 10_000,
  }, async (t) => {
    const mail = await sink(t);
    assert.equal((await sendmail(['-bs'], 'EHLO x\r\nMAIL FROM:<a@b>\r\nRSET\r\n')).code, 0);
    const { code, stderr } = await sendmail(['-bs'], SMTP_DIALOG.slice(0, SMTP_DIALOG.indexOf('.\nQUIT')));
    assert.deepEqual([code, stderr], [75, 'sendmail: the session ended before the message was taken\n']);
    assert.deepEqual(mail.mailbox.list(), []);
  });
});

describe('exit codes of sendmail (sysexits.h)', () => {
  it('are 64 for what was called wrongly', async (t) => {
    await sink(t);
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'sendmail: recipient names must be specified, as arguments or with -t in the header\n'],
      [['-t'], 'sendmail: no recipient addresses found in the header\n'],
      [['-Z', 'a@b'], 'sendmail: there is no flag -Z\n'],
      [['-bd'], 'sendmail: -bd is not done here: -bm and -bs are\n'],
    ];
    for (const [words, stderr] of cases)
      assert.deepEqual(await sendmail(words, 'Subject: x\n\n'), { code: 64, stdout: '', stderr });
  });

  it('are 0 for the queue, which is always empty', async () => {
    assert.deepEqual(await sendmail(['-q'], ''), GOOD);
    assert.deepEqual(await sendmail(['-bp'], ''), GOOD);
  });

  it('are 67 for an address that is none, and the others get the mail', async (t) => {
    const mail = await sink(t);
    const { code, stderr } = await sendmail(['no address', 'a@b', 'x\r\nDATA@y'], 'x\n');
    assert.equal(code, 67);
    assert.match(stderr, /^sendmail: no address: .+\n/);
    assert.deepEqual(only(mail).envelope.to.includes('a@b'), true);
    assert.equal((await sendmail(['no address'], 'x\n')).code, 67);
    assert.equal(mail.mailbox.list().length, 1);
  });

  it('are 69 for a message that is too large', async (t) => {
    const mail = await sink(t);
    const { code, stderr } = await sendmail(['a@b'], `${'x'.repeat(998)}\n`.repeat(27_000));
    assert.deepEqual([code, mail.mailbox.list()], [69, []]);
    assert.match(stderr, /message exceeds fixed maximum message size/);
    assert.equal((await sendmail(['a@b'], 'x'.repeat(34_000_000))).stderr, 'sendmail: the message is too large\n');
  });

  it('are 75 where no server catches mail', async () => {
    const { code, stderr } = await sendmail(['a@b'], 'x\n', { CGIBOX_MAIL_SMTP_PORTS: '1' });
    assert.equal(code, 75);
    assert.match(stderr, /^sendmail: no server of cgibox catches mail here: start cgibox/);
  });

  it('are 75 rather than to give mail to another mail server', async (t) => {
    const heard: string[] = [];
    const other = createServer((socket) => {
      socket.write('220 mx.example.org ESMTP Postfix\r\n');
      socket.on('data', (data) => heard.push(data.toString()));
      socket.on('error', () => {});
    });
    t.after(() => other.close());
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as { port: number };
    assert.equal((await sendmail(['a@b'], 'x\n', { CGIBOX_MAIL_SMTP_PORTS: `[${port}]` })).code, 75);
    assert.deepEqual(heard, []);
  });

  it('are found through a port where no server is above', async (t) => {
    const mail = await startMail(Config.parse({ mail: { smtpPorts: [0] } }), { warn: (line) => assert.fail(line) });
    t.after(() => mail.stop());
    const orphan = '{ setsid "$@" <&3 & } 3<&0';
    const words = ['-c', orphan, 'sh', process.execPath, MAIN, 'sendmail', 'a@b'];
    const child = spawn('sh', words, {
      env: { PATH: process.env.PATH, CGIBOX_MAIL_SMTP_PORTS: JSON.stringify(mail.ports) },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    const arrived = new Promise<Mail>((resolve) => mail.mailbox.onMail(resolve));
    child.stdin.end('Subject: from a daemon\n\n');
    assert.equal((await (await arrived).headline()).subject, 'from a daemon');
  });
});
