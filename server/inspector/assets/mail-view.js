// Caught mail: the list, and one mail with its text, HTML in a sandbox, headers and attachments.
import { getJson, remove } from './api.js';
import { button, fill, h, link, toast } from './dom.js';
import { clock, count, dateAndTime, recipients, size } from './format.js';
import { fact } from './run-view.js';
import { section } from './stream-view.js';

export async function mailView(id) {
  const list = h('section', { class: 'list', 'aria-label': 'Mail', dataset: { mails: id ?? '' } });
  const shown = h('section', { class: 'detail', 'aria-label': 'One mail', tabindex: '-1' });
  const element = h('div', { class: id === undefined ? 'panes' : 'panes has-detail' }, list, shown);
  const [one] = await Promise.all([id && oneMail(id).catch((error) => ({ error })), fillList(list)]);
  fill(shown, content(one));
  return element;
}

/** A mail has come: the list has it, and what is being read stays as it is. */
export async function refreshMailList() {
  const list = document.querySelector('[data-mails]');
  if (list !== null) await fillList(list);
}

async function fillList(list) {
  const { mail } = await getJson('/api/mail');
  const clear = async () => {
    await remove('/api/mail');
    toast('All mail is forgotten.');
    await fillList(list);
  };
  fill(
    list,
    mail.length === 0
      ? nothing()
      : [
          h(
            'div',
            { class: 'tools' },
            h('span', { class: 'soft' }, count(mail.length, 'mail')),
            h('span', { class: 'grow' }),
            button('Clear', clear, { title: 'Forget all mail' }),
          ),
          h(
            'ol',
            { class: 'rows', 'aria-label': 'Mail, newest first' },
            mail.map((item) => row(item, list.dataset.mails)),
          ),
        ],
  );
}

/** With the request that sent it, where that is known and still kept. */
async function oneMail(id) {
  const mail = await getJson(`/api/mail/${id}`);
  const sender =
    mail.requestId && (await getJson(`/api/requests/${encodeURIComponent(mail.requestId)}`).catch(() => undefined));
  return { ...mail, sender };
}

function nothing() {
  return h(
    'div',
    { class: 'empty' },
    h('p', {}, 'No mail yet.'),
    h(
      'p',
      { class: 'soft' },
      'What scripts send by sendmail or SMTP is caught and shown here. Nothing ever leaves this machine.',
    ),
  );
}

function row(mail, selected) {
  const { id, at, subject, from, envelope, via } = mail;
  return h(
    'li',
    { ...(id === selected && { 'aria-current': 'true' }) },
    link(
      `/mail/${id}`,
      { class: 'row' },
      h('span', { class: 'badge moved' }, via),
      h('span', { class: 'url' }, subject || '(no subject)'),
      h('span', { class: 'note' }, `${from || envelope.from} → ${recipients(mail)}`),
      h('time', { datetime: new Date(at).toISOString() }, clock(at)),
    ),
  );
}

function content(mail) {
  if (mail === undefined) return h('div', { class: 'empty' }, h('p', { class: 'soft' }, 'Choose a mail to read it.'));
  const back = link('/mail', { class: 'back' }, '← All mail');
  if (mail.error !== undefined)
    return [back, h('div', { class: 'empty', role: 'alert' }, h('p', {}, mail.error.message))];
  return [back, h('header', { class: 'head' }, h('h1', {}, mail.subject || '(no subject)')), facts(mail), parts(mail)];
}

function facts({ from, to, cc, envelope, at, requestId, sender, via, bytes, errors }) {
  return h(
    'dl',
    { class: 'facts' },
    fact('From', from || '(none)'),
    fact('To', to || '(none)'),
    cc === '' ? undefined : fact('Cc', cc),
    fact('Envelope', `${envelope.from || '<>'} → ${envelope.to.join(', ')}`),
    fact('Caught', `${dateAndTime(at)}, by ${via}, ${size(bytes)}`),
    fact('Sent by', senderOf(requestId, sender)),
    errors.map((error) => fact('Problem', h('span', { class: 'bad' }, error))),
  );
}

function senderOf(requestId, sender) {
  if (requestId === null) return 'not known: no request of this server was found for the process that connected';
  if (!sender) return 'a request whose record is no longer kept';
  return link(`/r/${encodeURIComponent(requestId)}`, {}, `${sender.method} ${sender.url}`);
}

function parts({ id, text, hasHtml, headers, attachments, subject }) {
  const files = attachments.map(({ name, type, bytes }, index) =>
    h(
      'li',
      {},
      h('a', { href: `/api/mail/${id}/attachments/${index}`, download: '' }, name),
      h('span', { class: 'soft' }, ` ${type}, ${size(bytes)}`),
    ),
  );
  // sandbox="": no script, no form, no navigation of ours; its own policy lets it load nothing either.
  const frame = () =>
    h('iframe', { src: `/api/mail/${id}/html`, sandbox: '', title: `HTML of the mail "${subject}"`, class: 'mail' });
  return [
    text === null
      ? undefined
      : section(
          'Text',
          { id: 'mail-text' },
          h('pre', { class: 'stream', tabindex: '0', role: 'region', 'aria-label': 'Text of the mail' }, text),
        ),
    hasHtml ? section('HTML', { id: 'mail-html' }, frame()) : undefined,
    files.length === 0 ? undefined : section('Attachments', { summary: String(files.length) }, h('ul', {}, files)),
    section(
      'Header',
      { isOpen: text === null && !hasHtml, summary: count(headers.length, 'field') },
      h(
        'pre',
        { class: 'stream' },
        headers.map(([name, value]) => `${name}: ${value}\n`),
      ),
    ),
    h('p', { class: 'hint' }, h('a', { href: `/api/mail/${id}/raw`, download: '' }, 'Save the raw message')),
  ];
}
