// The sink, as real clients see it: Perl's Net::SMTP, Python's smtplib, and bytes on a socket where they matter.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Config } from '../../server/config/schema.ts';
import { startMail } from '../../server/mail/smtp.ts';
import { qualified } from '../../server/mail/tolerant-smtp.ts';
import { DIALOG, only, startSink, talk } from './running-sink.ts';

const run = promisify(execFile);
const configOf = (mail: object) => Config.parse({ mail });

describe('the SMTP sink (RFC 5321)', () => {
  it('takes mail of Net::SMTP, with the example of its manual', async (t) => {
    const mail = await startSink(t);
    const script = `use Net::SMTP; my $smtp = Net::SMTP->new('localhost', Port => $ARGV[0], Timeout => 10) or die $@;
      $smtp->mail('www-data') or die; $smtp->to('postmaster', 'a@b') or die; $smtp->data();
      $smtp->datasend("To: postmaster\\n", "\\n", "A simple test message\\n", ".dot\\n"); $smtp->dataend() or die; $smtp->quit;`;
    await run('perl', ['-e', script, String(mail.port)], { env: { ...process.env, UNIQUE_ID: 'request-1' } });
    const { via, requestId, envelope, raw } = only(mail);
    assert.deepEqual([via, requestId], ['smtp', 'request-1']);
    assert.deepEqual(envelope, { from: 'www-data@localhost', to: ['postmaster@localhost', 'a@b'] });
    assert.equal(raw.toString(), 'To: postmaster\r\n\r\nA simple test message\r\n.dot\r\n');
  });

  it('takes mail of smtplib, with any user name and password', async (t) => {
    const mail = await startSink(t);
    const script = `import smtplib, sys
from email.message import EmailMessage
for method in ('auth_plain', 'auth_login', 'auth_cram_md5'):
    smtp = smtplib.SMTP('localhost', int(sys.argv[1]), timeout=10)
    smtp.ehlo(); smtp.user, smtp.password = 'anyone', 'anything'
    smtp.auth(method[5:].replace('_', '-').upper(), getattr(smtp, method))
    message = EmailMessage(); message['Subject'] = 'é'; message['From'] = 'jürgen@example.org'; message['To'] = 'c@d'
    message.set_content('grün'); smtp.send_message(message); smtp.quit()`;
    await run('python3', ['-c', script, String(mail.port)]);
    const mails = mail.mailbox.list();
    assert.equal(mails.length, 3);
    const message = await mails[0]?.message();
    assert.deepEqual([message?.subject, message?.text?.trim()], ['é', 'grün']);
    assert.equal(mails[0]?.envelope.from, 'jürgen@example.org');
  });

  it('offers 8BITMIME, SMTPUTF8, SIZE and AUTH, but no STARTTLS', async (t) => {
    const mail = await startSink(t);
    const said = await talk(mail.port, 'EHLO x\nQUIT\n');
    for (const word of ['8BITMIME', 'SMTPUTF8', 'SIZE 26214400', 'AUTH PLAIN LOGIN'])
      assert.ok(said.includes(word), word);
    assert.doesNotMatch(said, /STARTTLS/);
  });

  it('keeps 8-bit bytes as they came', async (t) => {
    const mail = await startSink(t);
    await talk(mail.port, DIALOG.replace('Hello', 'caf\xe9 \xa4\x00'));
    assert.equal(only(mail).raw.toString('latin1'), 'Subject: hi\r\n\r\ncaf\xe9 \xa4\x00\r\n');
  });

  it('takes several mails over one connection', async (t) => {
    const mail = await startSink(t);
    const one = DIALOG.replace('EHLO x\n', '').replace('QUIT\n', '');
    await talk(mail.port, `HELO x\n${one}RSET\n${one}QUIT\n`);
    assert.equal(mail.mailbox.list().length, 2);
  });

  it('takes no path for the id of a request', async (t) => {
    const mail = await startSink(t);
    for (const ident of ['..+2Fevents', '../mail', 'request-3'])
      await talk(mail.port, DIALOG.replace('MAIL', `XFORWARD SOURCE=LOCAL IDENT=${ident}\nMAIL`));
    assert.deepEqual(
      mail.mailbox.list().map(({ requestId }) => requestId),
      ['request-3', undefined, undefined],
    );
    const script = `use Net::SMTP; my $s = Net::SMTP->new('127.0.0.1', Port => shift); $s->mail('a'); $s->to('b'); $s->data("x\\n"); $s->quit`;
    await run('perl', ['-e', script, String(mail.port)], { env: { ...process.env, UNIQUE_ID: '../mail' } });
    assert.deepEqual([mail.mailbox.list().length, mail.mailbox.list()[0]?.requestId], [4, undefined]);
  });

  it('leaves a mail without a known process unassigned', async (t) => {
    const mail = await startSink(t);
    await talk(mail.port, DIALOG);
    assert.equal(only(mail).requestId, process.env.UNIQUE_ID);
  });

  it('refuses what is larger than its limit, and goes on', async (t) => {
    const mail = await startSink(t);
    assert.match(await talk(mail.port, 'EHLO x\nMAIL FROM:<a@b> SIZE=99999999\nQUIT\n'), /^552 /m);
    const large = `${'x'.repeat(998)}\n`.repeat(27_000);
    assert.match(await talk(mail.port, DIALOG.replace('Hello\n', large)), /^552 .*size/m);
    await talk(mail.port, DIALOG);
    assert.equal(only(mail).raw.toString(), 'Subject: hi\r\n\r\nHello\r\n');
  });

  it('is not put off by nonsense', async (t) => {
    const mail = await startSink(t);
    const nonsense = [
      '\0\0\0\n',
      'GET / HTTP/1.1\n\n',
      'MAIL FROM:<>\n',
      `EHLO ${'x'.repeat(100_000)}\n`,
      'SHELL\nWIZ\n',
    ];
    for (const text of [
      ...nonsense,
      'EHLO x\nMAIL FROM:<a b\r>\nRCPT TO:<>\nDATA\n',
      'XFORWARD\nXFORWARD IDENT=+0D+0A\n',
    ])
      await talk(mail.port, `${text}QUIT\n`);
    await talk(mail.port, DIALOG.slice(0, DIALOG.indexOf('.\nQUIT'))); // it leaves in the middle of its message
    assert.equal(mail.mailbox.list().length, 0);
    await talk(mail.port, DIALOG);
    assert.equal(mail.mailbox.list().length, 1);
  });

  it('ends at once though a client is in the middle of a mail', { timeout: 5000 }, async (t) => {
    const mail = await startSink(t);
    const socket = connect(mail.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'data');
    socket.write('EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject');
    await mail.stop();
    socket.destroy();
  });
});

describe('ports of the SMTP sink', () => {
  it('are a warning where they are taken, and the others are open', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const warnings: string[] = [];
    const mail = await startMail(configOf({ smtpPorts: [port, 0] }), { warn: (line) => warnings.push(line) });
    t.after(() => mail.stop());
    assert.deepEqual(warnings, [
      `mail to port ${port} is not caught: another program uses that port; end it, or change mail.smtpPorts (the site is not affected)`,
    ]);
    assert.equal(mail.ports.length, 1);
  });

  it('are closed with mail.enabled: false', async (t) => {
    const mail = await startSink(t, { enabled: false });
    assert.deepEqual([mail.ports, mail.mailbox.list()], [[], []]);
  });

  it('change at the next start, the number of mails at once', async (t) => {
    const warnings: string[] = [];
    const mail = await startMail(configOf({ smtpPorts: [0] }), { warn: (line) => warnings.push(line) });
    t.after(() => mail.stop());
    for (let count = 0; count < 3; count += 1) await talk(mail.ports[0] ?? 0, DIALOG);
    mail.reconfigure(configOf({ smtpPorts: [0], keep: 1 }));
    assert.deepEqual([mail.mailbox.list().length, warnings], [1, []]);
    mail.reconfigure(configOf({ smtpPorts: [1], keep: 1 }));
    assert.deepEqual(warnings, ['mail.enabled and mail.smtpPorts take effect at the next start']);
  });

  it('are on loopback only', async (t) => {
    const mail = await startSink(t);
    const { stdout } = await run('python3', ['-c', `import socket; print(socket.gethostbyname(socket.gethostname()))`]);
    const address = stdout.trim();
    if (address.startsWith('127.')) return t.skip('this machine has no other address');
    const socket = connect(mail.port, address);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });
});

describe('an address without a domain', () => {
  it('is one of this machine', () => {
    assert.equal(qualified('MAIL FROM:<root>'), 'MAIL FROM:<root@localhost>');
    assert.equal(qualified('RCPT TO: root SIZE=1'), 'RCPT TO: <root@localhost> SIZE=1');
    assert.equal(qualified('MAIL FROM:<> BODY=8BITMIME'), 'MAIL FROM:<> BODY=8BITMIME');
    assert.equal(qualified('MAIL FROM:a@b'), 'MAIL FROM:<a@b>');
    for (const odd of ['MAIL', 'MAIL FROM:', 'MAIL FROM:<a b>', 'RCPT TO:<a']) assert.equal(qualified(odd), odd);
  });
});

describe('a client that is a child of the script', () => {
  it('belongs to the request of the script', async (t) => {
    const mail = await startSink(t);
    const child = spawn(
      'sh',
      [
        '-c',
        'perl -MNet::SMTP -e \'my $s = Net::SMTP->new("127.0.0.1", Port => shift); $s->mail("a"); $s->to("b"); $s->data("x\\n"); $s->quit\' $PORT; exit 0',
      ],
      {
        env: { ...process.env, UNIQUE_ID: 'of-the-parent', PORT: String(mail.port) },
      },
    );
    await once(child, 'close');
    assert.equal(only(mail).requestId, 'of-the-parent');
  });
});
