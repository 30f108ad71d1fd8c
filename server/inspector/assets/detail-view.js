// Everything about one request: why it failed, the bar of its time, each stream, environment, answer, mail.
import { getJson, postJson } from './api.js';
import { copyMenu } from './copy-menu.js';
import { button, fill, h, link, toast } from './dom.js';
import { failureCard } from './failure-card.js';
import { count, dateAndTime, duration, meaning, recipients, size, statusKind, statusText } from './format.js';
import { commandFacts, fact, runSections } from './run-view.js';
import { openRequestDialog } from './smoke-dialog.js';
import { fieldTable, section, streamBlock } from './stream-view.js';
import { timingBar } from './timing-bar.js';

export class DetailView {
  #id;
  #detail;
  #isRevealed = false;
  #shown;
  #marked;
  #go;
  #before;

  /** `go(path)` shows another view; `before(summary)` finds what a request is compared with. */
  constructor({ go, before }) {
    this.#go = go;
    this.#before = before;
    this.element = h('section', { class: 'detail', 'aria-label': 'Request', tabindex: '-1' });
  }

  get id() {
    return this.#id;
  }

  async show(id) {
    if (id !== this.#id) this.#isRevealed = false;
    this.#id = id;
    await this.#load();
  }

  close() {
    this.#id = undefined;
    this.#detail = undefined;
    this.#shown = undefined;
    fill(
      this.element,
      h(
        'div',
        { class: 'empty' },
        h('p', {}, 'Choose a request to see everything about it.'),
        h('p', { class: 'soft' }, 'j and k move, ? shows all keys.'),
      ),
    );
  }

  /** There is news of a request. */
  changed(id) {
    if (id === this.#id && this.#detail !== undefined) void this.#load();
  }

  /** The record was evicted or cleared; what is shown stays. */
  gone() {
    if (this.element.querySelector('.gone') !== null) return;
    this.element.prepend(
      h(
        'p',
        { class: 'gone', role: 'status' },
        'This record is no longer kept: it was cleared, or made room for newer ones. What you see is all that is left.',
      ),
    );
  }

  async toggleSecrets() {
    this.#isRevealed = !this.#isRevealed;
    await this.#load();
  }

  async replay() {
    if (this.#id === undefined) return;
    try {
      const { id } = await postJson(`/api/requests/${this.#id}/replay`, {});
      toast('Sent again: this is the new request.');
      this.#go(`/r/${id}`);
    } catch (error) {
      toast(error.message);
    }
  }

  edit() {
    if (this.#id !== undefined) this.#go(`/r/${this.#id}/edit`);
  }

  /** Sets one request aside, to compare another one with it. */
  mark() {
    if (this.#id === undefined) return;
    const isMarked = this.#marked === this.#id;
    this.#marked = isMarked ? undefined : this.#id;
    for (const mark of this.element.querySelectorAll('[aria-pressed][title*="(m)"]'))
      mark.setAttribute('aria-pressed', String(!isMarked));
    toast(isMarked ? 'No longer marked.' : 'Marked: open another request, and Compare shows what differs.');
  }

  compare() {
    const marked = this.#marked === this.#id ? undefined : this.#marked;
    const other = marked ?? this.#detail?.replayOf ?? (this.#detail && this.#before(this.#detail)?.id);
    if (other === undefined || other === null) return toast('There is no earlier request to compare it with.');
    const id = this.#id;
    this.#marked = undefined;
    this.#go(`/compare/${other}/${id}`);
  }

  saveAsSmokeTest() {
    if (this.#detail !== undefined) openRequestDialog(this.#detail);
  }

  openCopyMenu() {
    const menu = this.element.querySelector('.menu');
    if (menu === null) return;
    menu.open = true;
    menu.querySelector('ul button').focus();
  }

  async #load() {
    const id = this.#id;
    try {
      const detail = await getJson(`/api/requests/${id}${this.#isRevealed ? '?reveal=1' : ''}`);
      if (id !== this.#id) return;
      this.#detail = detail;
      this.#render(detail);
    } catch (error) {
      if (id !== this.#id) return;
      if (error.status === 404 && this.#detail?.id === id) return this.gone();
      this.#shown = undefined;
      fill(this.element, backLink(), h('div', { class: 'empty', role: 'alert' }, h('p', {}, error.message)));
    }
  }

  #render(detail) {
    const text = JSON.stringify(detail) + this.#isRevealed;
    const isUntouched = this.element.dataset.id === detail.id && this.#shown === text;
    if (isUntouched) return;
    this.#shown = text;
    const focused = this.element.contains(document.activeElement) ? document.activeElement.textContent : undefined;
    const open = new Map([...this.element.querySelectorAll('details.section')].map((part) => [part.id, part.open]));
    const isSame = this.element.dataset.id === detail.id;
    this.element.dataset.id = detail.id;
    fill(
      this.element,
      backLink(),
      this.#head(detail),
      detail.request.cut === null ? undefined : cutNote(detail),
      detail.failure === null ? undefined : failureCard(detail.failure),
      facts(detail),
      section('Time', { summary: duration(detail.durationMs), id: 'time' }, timingBar(detail)),
      detail.mail.length === 0 ? undefined : mailSection(detail.mail),
      detail.runs.map((run, index) =>
        runSections(run, { id: detail.id, index, which: detail.runs.length > 1 ? ` of run ${index + 1}` : '' }),
      ),
      requestSection(detail),
      responseSection(detail),
    );
    if (!isSame) this.element.scrollTop = 0;
    // What the reader opened or closed stays so while the request goes on.
    else
      for (const part of this.element.querySelectorAll('details.section')) part.open = open.get(part.id) ?? part.open;
    if (focused !== undefined) this.#focus(focused);
  }

  /** The control with this text, which was drawn anew. */
  #focus(text) {
    const controls = [...this.element.querySelectorAll('button, a, summary')];
    controls.find((control) => control.textContent === text)?.focus({ preventScroll: true });
  }

  #head(detail) {
    const hasSecrets = this.#isRevealed || JSON.stringify(detail).includes('"isMasked":true');
    const secrets = button(this.#isRevealed ? 'Hide secrets' : 'Show secrets', () => this.toggleSecrets(), {
      title: 'Cookies and credentials (s)',
      'aria-pressed': String(this.#isRevealed),
    });
    return h(
      'header',
      { class: 'head' },
      h(
        'h1',
        {},
        h('span', { class: `badge ${statusKind(detail)}` }, statusText(detail)),
        ' ',
        h('span', { class: 'method' }, detail.method),
        ' ',
        h('span', { class: 'url' }, detail.url),
      ),
      h(
        'div',
        { class: 'actions' },
        button('Replay', () => this.replay(), {
          class: 'main',
          title: detail.request.cut ?? 'Send it again (r)',
          disabled: detail.request.cut !== null,
        }),
        button('Edit and replay', () => this.edit(), { title: 'Change it, then send it (e)' }),
        button('Compare', () => this.compare(), { title: 'With the marked one, or the one before (d)' }),
        button('Mark', () => this.mark(), {
          title: 'To compare another one with it (m)',
          'aria-pressed': String(this.#marked === detail.id),
        }),
        copyMenu(detail, { hasSecrets }),
        button('Save as smoke test', () => this.saveAsSmokeTest(), {
          title: 'A plan that passes when it is run again (t)',
        }),
        hasSecrets ? secrets : undefined,
      ),
    );
  }
}

function backLink() {
  return link('/', { class: 'back' }, '← All requests');
}

function cutNote({ id, request }) {
  return h(
    'p',
    { class: 'gone', role: 'note' },
    request.cut,
    ' You may ',
    link(`/r/${id}/edit`, {}, 'send it with another body'),
    '.',
  );
}

function facts(detail) {
  const run = detail.runs.at(-1);
  return h(
    'dl',
    { class: 'facts' },
    fact('When', dateAndTime(detail.at)),
    fact('Took', `${duration(detail.durationMs)}, ${size(detail.bytes)} sent${endingOf(detail)}`),
    fact('From', `${detail.request.remoteAddress}, port ${detail.request.remotePort}`),
    detail.replayOf === null ? undefined : fact('Replay of', link(`/r/${detail.replayOf}`, {}, detail.replayOf)),
    run === undefined ? fact('Answered by', meaning(detail.resource)) : commandFacts(run),
    detail.allRemarks.map((remark) => fact('Remark', remark)),
    fact('Id', h('code', {}, detail.id)),
  );
}

function endingOf({ ending }) {
  if (ending === 'clientGone') return ', the client left before the end';
  return ending === 'truncated' ? ', cut before its end' : '';
}

function requestSection({ id, request }) {
  const { method, target, protocol, fields, body } = request;
  return section(
    'Request',
    {
      isOpen: body.totalBytes > 0,
      summary: `${count(fields.length, 'field')}, body ${size(body.totalBytes)}`,
      id: 'request',
    },
    h('pre', { class: 'stream line' }, `${method} ${target} ${protocol}`),
    fieldTable('Header fields of the request', fields),
    h('h3', {}, 'Body'),
    streamBlock('Body of the request', body, { href: `/api/requests/${id}/streams/body` }),
  );
}

function responseSection({ id, response, runs }) {
  const { head, page } = response;
  return section(
    'Response as sent',
    { isOpen: false, summary: size(response.bytesSent), id: 'response' },
    head === null
      ? h('p', { class: 'soft' }, runs.length > 0 ? 'Written by the script itself (NPH), or not sent.' : 'none')
      : h('pre', { class: 'stream' }, head),
    page === null
      ? h(
          'p',
          { class: 'hint' },
          runs.length > 0 ? 'The body is what follows the header block of stdout.' : 'The body of a file is not kept.',
        )
      : streamBlock('Page of the server', page, { href: `/api/requests/${id}/streams/page` }),
  );
}

function mailSection(mail) {
  const items = mail.map((one) => {
    const { id, subject, from, envelope, via } = one;
    return h(
      'li',
      {},
      link(`/mail/${id}`, {}, subject || '(no subject)'),
      h('span', { class: 'soft' }, ` ${from || envelope.from} → ${recipients(one)}, by ${via}`),
    );
  });
  return section('Mail it sent', { summary: String(mail.length), id: 'mail-sent' }, h('ul', {}, items));
}
