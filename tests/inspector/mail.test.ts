// Mail beside the request that sent it, through the API; HTML of strangers in a sandbox.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sh } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const RAW = [
  'From: Form <form@example.org>',
  'To: owner@example.org',
  'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html',
  '',
  '<p>Hi <img src="cid:pic"><script>alert(1)</script></p>',
  '--b',
  'Content-Type: image/png',
  'Content-ID: <pic>',
  'Content-Disposition: attachment; filename="../../x.png"',
  'Content-Transfer-Encoding: base64',
  '',
  'iVBORw0KGgo=',
  '--b--',
  '',
].join('\r\n');

describe('mail in the inspector', () => {
  it('is shown beside its request, read, and saved', async (t) => {
    const { site, mailbox, recorded, api, inspector } = await startInspected(t, {
      'cgi-bin/form': sh`echo "Content-Type: text/plain"; echo; echo sent`,
    });
    await site.get('/cgi-bin/form');
    const { id } = await recorded('/cgi-bin/form');
    const envelope = { from: 'form@example.org', to: ['owner@example.org'] };
    mailbox.add({ at: Date.now(), requestId: id, via: 'sendmail', envelope, raw: Buffer.from(RAW) });
    const { mail } = await api(`/api/requests/${id}`);
    assert.deepEqual([mail.length, mail[0].subject, mail[0].via], [1, 'Grüße', 'sendmail']);
    assert.equal((await api('/api/mail')).mail[0].requestId, id);
    const shown = await api(`/api/mail/${mail[0].id}`);
    assert.deepEqual(shown.attachments, [{ name: '../../x.png', type: 'image/png', bytes: 8 }]);
    const raw = await fetch(`${inspector}/api/mail/${shown.id}/raw`);
    assert.equal(await raw.text(), RAW);
    const part = await fetch(`${inspector}/api/mail/${shown.id}/attachments/0`);
    assert.equal(part.headers.get('content-disposition'), 'attachment; filename=".._.._x.png"');
    assert.equal((await part.arrayBuffer()).byteLength, 8);
  });

  it('shows HTML only in a sandbox, with its own pictures', async (t) => {
    const { mailbox, inspector } = await startInspected(t, {});
    const envelope = { from: '', to: ['a@example.org'] };
    const { id } = mailbox.add({ at: 0, requestId: undefined, via: 'smtp', envelope, raw: Buffer.from(RAW) });
    const html = await fetch(`${inspector}/api/mail/${id}/html`);
    assert.match(html.headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/);
    assert.match(await html.text(), /<img src="data:image\/png;base64,iVBORw0KGgo=">/);
  });

  it('shows a picture as often as memory allows, and says where it stopped', async (t) => {
    const { mailbox, inspector, api } = await startInspected(t, {});
    const raw = RAW.replace('<p>Hi', '<img src="cid:pic">'.repeat(1000)).replace('iVBORw0KGgo=', 'QUFB'.repeat(25_000));
    const envelope = { from: '', to: ['a@example.org'] };
    const { id } = mailbox.add({ at: 0, requestId: undefined, via: 'smtp', envelope, raw: Buffer.from(raw) });
    const html = await (await fetch(`${inspector}/api/mail/${id}/html`)).text();
    assert.ok(html.length > 30e6 && html.length < 34e6, `${html.length} characters`);
    assert.match(html, /<img src="cid:pic"><script>/);
    assert.deepEqual((await api(`/api/mail/${id}`)).errors, [
      'the pictures in the HTML come to more than 32 MB: not everywhere shown is cid:pic',
    ]);
  });

  it('lists the first twenty recipients and how many there are; one mail has all', async (t) => {
    const { mailbox, api } = await startInspected(t, {});
    const to = Array.from({ length: 1500 }, (_, index) => `u${index}@example.org`);
    const { id } = mailbox.add({
      at: 0,
      requestId: undefined,
      via: 'smtp',
      envelope: { from: '', to },
      raw: Buffer.from('x'),
    });
    const [listed] = (await api('/api/mail')).mail;
    assert.deepEqual([listed.envelope.to, listed.recipients], [to.slice(0, 20), 1500]);
    const shown = await api(`/api/mail/${id}`);
    assert.deepEqual([shown.envelope.to.length, shown.recipients], [1500, 1500]);
  });

  it('answers 404 for what is not there, and is cleared', async (t) => {
    const { mailbox, inspector } = await startInspected(t, {});
    mailbox.add({ at: 0, requestId: undefined, via: 'smtp', envelope: { from: '', to: [] }, raw: Buffer.from('x') });
    for (const path of ['/api/mail/none', '/api/mail/none/html', '/api/mail/none/attachments/0'])
      assert.equal((await fetch(inspector + path)).status, 404, path);
    assert.equal((await fetch(`${inspector}/api/mail`, { method: 'DELETE' })).status, 204);
    assert.equal(mailbox.list().length, 0);
  });
});
