// Mail of scripts in the browser: by sendmail and by SMTP, beside the request that sent it; its HTML in a sandbox.
// Screenshots for the README come from here too: CGIBOX_WRITE_SCREENSHOTS=1 writes them.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { startCgibox } from '../cli/cgibox-process.ts';
import { sh, startSite } from '../support/start-site.ts';
import { openPage, whySkipped } from './browser.ts';

const skip = whySkipped();
const PROJECT = join(import.meta.dirname, '../..');
const SENDMAIL = sh`exec "${process.execPath}" "${join(PROJECT, 'server/main.ts')}" sendmail "$@"`;
const FORM_MAILER = `#!/usr/bin/perl
use strict; my %form; read(STDIN, my $body, $ENV{CONTENT_LENGTH} || 0);
for (split /&/, $body) { my ($name, $value) = split /=/; $value =~ tr/+/ /; $value =~ s/%(..)/chr hex $1/eg; $form{$name} = $value }
open(my $mail, '|-', '../bin/sendmail', '-t') or die "no sendmail: $!";
print $mail "To: owner\\@example.org\\nFrom: $form{email}\\nSubject: $form{subject}\\nContent-Type: text/html\\n\\n<h2>$form{subject}</h2><p>$form{text}</p><script>parent.document.title='owned'</script>\\n";
close $mail; print "Content-Type: text/plain\\n\\nThank you.\\n";
`;
const SMTP_MAILER = `#!/usr/bin/env python3
import os, smtplib
smtp = smtplib.SMTP('localhost', int(os.environ['MAIL_PORT']))
smtp.sendmail('shop@example.org', ['owner@example.org'], 'Subject: Order 7\\n\\nOne lamp.')
smtp.quit()
print('Content-Type: text/plain\\n\\nordered')
`;

async function saveScreenshot(page: Page, name: string): Promise<void> {
  const file = join(import.meta.dirname, 'screenshots', `${name}.png`);
  await page.mouse.move(0, 0);
  const image = await page.screenshot(process.env.CGIBOX_WRITE_SCREENSHOTS === '1' ? { path: file } : {});
  assert.ok(image.length < 200 * 1024, `${name}: ${image.length} bytes`);
}

describe('mail in the browser', { skip }, () => {
  it('is seen beside the request that sent it, by sendmail and by SMTP', async (t) => {
    const { folder } = await startSite(t, {
      'bin/sendmail': SENDMAIL,
      'cgi-bin/formmail.pl': FORM_MAILER,
      'cgi-bin/order.py': SMTP_MAILER,
      'cgibox.yaml': 'mail: {smtpPorts: [0]}\ncgi: {passEnvironment: [MAIL_PORT]}\n',
    });
    for (const part of ['public', 'cgi-bin']) await cp(join(PROJECT, part), join(folder, part), { recursive: true });
    const probe = startCgibox(t, ['serve', folder, '--port', '0']);
    const [, mailPort = ''] = await probe.saying(/SMTP on 127\.0\.0\.1:(\d+)/);
    probe.child.kill('SIGTERM');
    await probe.ended;
    const environment = { MAIL_PORT: mailPort, CGIBOX_MAIL_SMTP_PORTS: `[${mailPort}]` };
    const server = startCgibox(t, ['serve', folder, '--port', '0'], { environment });
    const [, url = ''] = await server.saying(/address +(http:\S+)\//);
    const [, inspector = ''] = await server.saying(/inspector +(http:\S+)\//);
    for (const path of [
      '/',
      '/cgi-bin/hello.pl',
      '/cgi-bin/form.pl?name=Alice',
      '/cgi-bin/redirect.sh',
      '/nothing',
      '/cgi-bin/hello.sh',
    ])
      await (await fetch(url + path, { redirect: 'manual' })).text();
    const body = 'email=visitor@example.org&subject=A+question&text=Is+it+%3Cb%3Eopen%3C/b%3E+on+Sunday';
    assert.equal(await (await fetch(`${url}/cgi-bin/formmail.pl`, { method: 'POST', body })).text(), 'Thank you.\n');
    assert.equal(await (await fetch(`${url}/cgi-bin/order.py`)).text(), 'ordered\n');
    const { page, complaints } = await openPage(t, { height: 760 });

    await page.goto(inspector);
    await page.locator('.row', { hasText: '/cgi-bin/order.py' }).click();
    await page.getByRole('link', { name: 'Order 7' }).waitFor();
    await page.locator('.row', { hasText: '/cgi-bin/formmail.pl' }).click();
    await page.getByRole('link', { name: 'A question' }).click();
    await page.getByRole('heading', { name: 'A question' }).waitFor();
    const frame = page.frameLocator('iframe.mail');
    await frame.getByRole('heading', { name: 'A question' }).waitFor();
    await saveScreenshot(page, 'mail');
    assert.equal(await page.title(), 'cgibox inspector');
    await page.getByRole('link', { name: 'POST /cgi-bin/formmail.pl' }).click();
    await page.getByText('Mail it sent').waitFor();
    assert.deepEqual(
      complaints.filter((text) => !/sandboxed/.test(text)),
      [],
    );

    await page.goto(`${url.replace('127.0.0.1', 'localhost')}/cgi-bin/fails.py`);
    await page.getByRole('link', { name: 'Open it in the inspector' }).waitFor();
    await saveScreenshot(page, 'failure-page');
    await page.getByRole('link', { name: 'Open it in the inspector' }).click();
    await page.locator('.failure').waitFor();
    await saveScreenshot(page, 'request');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('.row', { hasText: '/cgi-bin/form.pl' }).click();
    await page.locator('#stdout').waitFor();
    await page.locator('#time').evaluate('(element) => element.scrollIntoView()');
    await saveScreenshot(page, 'streams-dark');
    server.child.kill('SIGTERM');
    await server.ended;
  });
});
