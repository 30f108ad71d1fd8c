// Mail of scripts, over a real site: each is caught, and belongs to the request whose script sent it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import { type RunningMail, startMail } from '../../server/mail/smtp.ts';
import { startCgibox } from '../cli/cgibox-process.ts';
import { type FileContent, type Overrides, sh, startSite, type TestSite } from '../support/start-site.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');
const SENDMAIL = sh`exec "${process.execPath}" "${MAIN}" sendmail "$@"`;

/** As the form mailers of 1996 do it. */
const FORM_MAILER = `#!/usr/bin/perl -w
use strict; my $mailprog = '../bin/sendmail';
read(STDIN, my $buffer, $ENV{'CONTENT_LENGTH'}); my %form;
for (split /&/, $buffer) { my ($name, $value) = split /=/; $value =~ tr/+/ /;
  $value =~ s/%([a-fA-F0-9]{2})/pack("C", hex($1))/eg; $form{$name} = $value; }
open(MAIL, "|$mailprog -t") || die "Can't open $mailprog!\\n";
print MAIL "To: $form{recipient}\\nFrom: $form{email} ($form{realname})\\nSubject: $form{subject}\\n\\n";
print MAIL "$_: $form{$_}\\n" for sort keys %form;
close(MAIL); print "Content-type: text/html\\n\\nsent: $?\\n";
`;
const SMTP_MAILER = `#!/usr/bin/env python3
import os, smtplib
smtp = smtplib.SMTP('localhost', PORT)
smtp.sendmail('web@example.org', ['owner@example.org'], 'Subject: by SMTP\\n\\n' + os.environ['QUERY_STRING'])
smtp.quit()
print('Content-Type: text/plain\\n\\nsent')
`;
const FORM = 'recipient=owner@example.org&email=me@example.org&realname=Me&subject=Hello+you&text=a%26b';

async function siteWithMail(
  t: TestContext,
  files: (port: number) => Readonly<Record<string, FileContent>>,
  overrides: Overrides = {},
) {
  const mail = await startMail(Config.parse({ mail: { smtpPorts: [0] } }), { warn: (line) => assert.fail(line) });
  t.after(() => mail.stop());
  const site = await startSite(t, { 'bin/sendmail': SENDMAIL, ...files(mail.ports[0] ?? 0) }, overrides);
  mail.mailbox.askAboutSessions((session) => site.server.requestOfScript(session));
  return { site, mail };
}

const sentBy = ({ mailbox }: RunningMail, response: Response) =>
  mailbox.ofRequest(response.headers.get('x-request-id') ?? '');

describe('mail and cgibox serve', () => {
  it('is caught by the server that runs the script, and shown by its inspector', async (t) => {
    const { folder } = await startSite(t, { 'bin/sendmail': SENDMAIL, 'cgi-bin/formmail.pl': FORM_MAILER });
    const other = createServer();
    t.after(() => other.close());
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port: taken } = other.address() as { port: number };
    const environment = {
      CGIBOX_PORT: '0',
      CGIBOX_INSPECTOR_PORT: '0',
      CGIBOX_MAIL_SMTP_PORTS: `[${taken}, 0]`,
    };
    const server = startCgibox(t, ['serve', folder], { environment });
    const [, url = ''] = await server.saying(/address +(http:\S+)\//);
    await server.saying(new RegExp(`warning: mail to port ${taken} is not caught: another program uses that port`));
    await server.saying(/mail +SMTP on 127\.0\.0\.1:\d+; .*sendmail.*\n/);
    const [, inspector = ''] = await server.saying(/inspector +(http:\S+)\//);
    const response = await fetch(`${url}/cgi-bin/formmail.pl`, { method: 'POST', body: FORM });
    assert.equal(await response.text(), 'sent: 0\n');
    const { mail } = (await (await fetch(`${inspector}/api/mail`)).json()) as { mail: Record<string, unknown>[] };
    assert.deepEqual(
      mail.map(({ requestId, subject }) => [requestId, subject]),
      [[response.headers.get('x-request-id'), 'Hello you']],
    );
    server.child.kill('SIGTERM');
    assert.equal((await server.ended).code, 0);
  });
});

describe('mail of a script', () => {
  it('is caught beside the request, through sendmail', async (t) => {
    const { site, mail } = await siteWithMail(t, () => ({ 'cgi-bin/formmail.pl': FORM_MAILER }));
    const response = await site.get('/cgi-bin/formmail.pl', { method: 'POST', body: FORM });
    assert.equal(await response.text(), 'sent: 0\n');
    const [sent, ...more] = sentBy(mail, response);
    assert.deepEqual([sent?.via, sent?.envelope.to, more.length], ['sendmail', ['owner@example.org'], 0]);
    const message = await sent?.message();
    assert.deepEqual([message?.subject, message?.from], ['Hello you', '"Me" <me@example.org>']);
    assert.match(message?.text ?? '', /^text: a&b$/m);
  });

  it('is caught beside the request, through SMTP', async (t) => {
    const { site, mail } = await siteWithMail(t, (port) => ({
      'cgi-bin/mail.py': SMTP_MAILER.replace('PORT', String(port)),
    }));
    const responses = await Promise.all(['a', 'b', 'c'].map((query) => site.get(`/cgi-bin/mail.py?${query}`)));
    for (const [index, response] of responses.entries()) {
      assert.equal(await response.text(), 'sent\n');
      const [sent, ...more] = sentBy(mail, response);
      assert.deepEqual([sent?.via, more.length], ['smtp', 0]);
      assert.equal((await sent?.message())?.text?.trim(), ['a', 'b', 'c'][index]);
    }
  });

  it('carries a header that a visitor has injected to nobody', async (t) => {
    const { site, mail } = await siteWithMail(t, () => ({ 'cgi-bin/formmail.pl': FORM_MAILER }));
    const body = FORM.replace('me@example.org', 'me@example.org%0ABcc:+victim@example.org');
    const response = await site.get('/cgi-bin/formmail.pl', { method: 'POST', body });
    assert.deepEqual(sentBy(mail, response)[0]?.envelope.to, ['owner@example.org', 'victim@example.org']);
  });

  it('fails for the script alone where nobody catches it', async (t) => {
    const script = sh`echo "Content-Type: text/plain"; echo
      echo x | CGIBOX_MAIL_SMTP_PORTS=1 ../bin/sendmail a@b 2>&1; echo "exit $?"`;
    const site = await startSite(t, { 'bin/sendmail': SENDMAIL, 'cgi-bin/mail.sh': script });
    const answer = await (await site.get('/cgi-bin/mail.sh')).text();
    assert.match(answer, /^sendmail: no server of cgibox catches mail here.*\nexit 75\n$/);
  });
});

const WARM: Overrides = { cgi: { runner: 'forkserver', warm: ['perl', 'python3'] } };
const PERL_SMTP_MAILER = `#!/usr/bin/perl
use Net::SMTP;
$| = 1;
if ($ENV{QUERY_STRING} eq 'later') { print "Content-Type: text/plain\n\nsent\n"; exit if fork; close STDOUT; close STDERR; sleep 1; }
my $smtp = Net::SMTP->new('localhost', Port => PORT) or die $@;
$smtp->mail('web@example.org'); $smtp->to('owner@example.org');
$smtp->data("Subject: by SMTP\n\n$ENV{QUERY_STRING}\n"); $smtp->quit;
print "Content-Type: text/plain\n\nsent\n" if $ENV{QUERY_STRING} ne 'later';
`;

/** Asks until a resident interpreter runs the script: the first requests find it still loading. */
async function warmAnswer(site: TestSite, path: string, body?: string): Promise<Response> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const response = await site.get(path, body === undefined ? {} : { method: 'POST', body });
    await response.clone().text();
    const id = response.headers.get('x-request-id') ?? '';
    if (site.server.history?.get(id)?.exchange.runner === 'warm') return response;
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error(`never run warm: ${site.log.at(-1)}`);
}

async function untilSentBy(mail: RunningMail, response: Response) {
  for (let attempt = 0; attempt < 300 && sentBy(mail, response).length === 0; attempt += 1)
    await new Promise((settle) => setTimeout(settle, 20));
  return sentBy(mail, response);
}

describe('mail of a warm script, whose process was started without UNIQUE_ID', () => {
  const files = (port: number) => ({
    'cgi-bin/mail.py': SMTP_MAILER.replace('/usr/bin/env python3', '/usr/bin/python3').replace('PORT', String(port)),
    'cgi-bin/mail.pl': PERL_SMTP_MAILER.replace('PORT', String(port)),
    'cgi-bin/formmail.pl': FORM_MAILER,
  });

  for (const name of ['mail.pl', 'mail.py'])
    it(`is caught beside the request, through SMTP: ${name}`, async (t) => {
      const { site, mail } = await siteWithMail(t, files, WARM);
      await warmAnswer(site, `/cgi-bin/${name}?first`);
      const responses = await Promise.all(
        ['a', 'b', 'c'].map((query) => warmAnswer(site, `/cgi-bin/${name}?${query}`)),
      );
      for (const [index, response] of responses.entries()) {
        const [sent, ...more] = sentBy(mail, response);
        assert.deepEqual([sent?.via, more.length], ['smtp', 0]);
        assert.equal((await sent?.message())?.text?.trim(), ['a', 'b', 'c'][index]);
      }
    });

  it('is caught beside the request when a child sends it after the answer', async (t) => {
    const { site, mail } = await siteWithMail(t, files, WARM);
    await warmAnswer(site, '/cgi-bin/mail.pl?first');
    const response = await warmAnswer(site, '/cgi-bin/mail.pl?later');
    assert.equal(await response.text(), 'sent\n');
    assert.equal((await untilSentBy(mail, response)).length, 1);
  });

  it('is caught beside the request, through sendmail', async (t) => {
    const { site, mail } = await siteWithMail(t, files, WARM);
    const response = await warmAnswer(site, '/cgi-bin/formmail.pl', FORM);
    assert.equal(await response.text(), 'sent: 0\n');
    const [sent, ...more] = sentBy(mail, response);
    assert.deepEqual([sent?.via, sent?.envelope.to, more.length], ['sendmail', ['owner@example.org'], 0]);
  });
});

describe('mail of a cold script', () => {
  it('is caught beside the request though the script has cleared its environment', async (t) => {
    const clearing = `#!/bin/sh\nexec env -i perl -e 'use Net::SMTP; my $s = Net::SMTP->new("localhost", Port => PORT) or die; $s->mail("a"); $s->to("b"); $s->data("x\\n"); $s->quit; print "Content-Type: text/plain\\n\\nsent\\n"'\n`;
    const { site, mail } = await siteWithMail(t, (port) => ({
      'cgi-bin/mail.sh': clearing.replace('PORT', String(port)),
    }));
    const response = await site.get('/cgi-bin/mail.sh');
    assert.equal(await response.text(), 'sent\n');
    assert.equal(sentBy(mail, response).length, 1);
  });
});
