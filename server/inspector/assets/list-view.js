// The live list: newest on top, changed in place as requests go on. Rows are kept, so that focus and selection stay.
import { getJson, remove } from './api.js';
import { button, fill, h, link, toast } from './dom.js';
import { filterBar, filterQuery } from './filter-bar.js';
import { clock, count, duration, meaning, size, statusKind, statusText } from './format.js';
import { openSmokeDialog } from './smoke-dialog.js';

const RECONNECT_MS = 1000;

export class ListView {
  #rows = new Map();
  #requests = new Map();
  #waiting = [];
  #isPaused = false;
  #stream;
  #query = '';
  #selected;
  #listen;

  /** `listen` is told what is news: `changed(id)`, `removed(id)`, `mail(mail)`. */
  constructor(listen) {
    this.#listen = listen;
    this.list = h('ol', { class: 'rows', 'aria-label': 'Requests, newest first' });
    this.empty = h('div', { class: 'empty' });
    this.total = h('span', { class: 'soft' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.pauseButton = button('Pause', () => this.togglePause(), { 'aria-pressed': 'false', title: 'Pause (p)' });
    const clearButton = button('Clear', () => this.clear(), { title: 'Forget all requests (C)' });
    const har = h(
      'a',
      { class: 'button', href: '/api/har', download: 'cgibox.har', title: 'Save the requests shown as HAR' },
      'Save HAR',
    );
    this.har = har;
    const smoke = button('Smoke test', () => this.saveAsSmokeTest(), {
      title: 'Save the requests shown as a smoke test (T)',
    });
    const tools = h(
      'div',
      { class: 'tools' },
      this.total,
      h('span', { class: 'grow' }),
      har,
      smoke,
      this.pauseButton,
      clearButton,
    );
    const bar = filterBar((text) => this.filter(text));
    this.element = h(
      'section',
      { class: 'list', 'aria-label': 'Requests' },
      bar,
      this.problem,
      tools,
      this.list,
      this.empty,
    );
    this.connect();
  }

  connect() {
    this.#stream?.close();
    const stream = new EventSource(`/api/events?${this.#query}`);
    this.#stream = stream;
    stream.addEventListener('list', ({ data }) => this.#replace(JSON.parse(data).requests));
    stream.addEventListener('changes', ({ data }) => this.#take(JSON.parse(data)));
    stream.addEventListener('mail', ({ data }) => this.#listen.mail(JSON.parse(data)));
    const connection = document.getElementById('connection');
    stream.addEventListener('open', () => {
      fill(connection, '');
      this.problem.textContent = '';
    });
    stream.addEventListener('error', () => {
      // A stream that is refused is not tried again by the browser: the filter is wrong, or the server says no.
      if (stream.readyState === EventSource.CLOSED) void this.#explain(stream);
      else fill(connection, h('span', { class: 'bad' }, 'not connected, trying again'));
    });
  }

  /** The list stays as it was; the words of the server stand under the field. */
  async #explain(stream) {
    const problem = await getJson(`/api/requests?${this.#query}`).then(
      () => undefined,
      (error) => (error.status === 431 ? 'The filter is too long.' : error.message),
    );
    if (stream !== this.#stream) return;
    if (problem === undefined) setTimeout(() => stream === this.#stream && this.connect(), RECONNECT_MS);
    else this.problem.textContent = problem;
  }

  filter(text) {
    this.#query = filterQuery(text).toString();
    this.har.href = `/api/har?${this.#query}`;
    this.connect();
  }

  /** Of the requests that the filter shows. */
  saveAsSmokeTest() {
    const total = this.#rows.size;
    if (total === 0) return toast('There is no request to make a test of.');
    openSmokeDialog({
      path: this.#query === '' ? '/api/smoke' : `/api/smoke?${this.#query}`,
      what: total === 1 ? 'The request is' : `The ${total} requests are`,
      name: '',
    });
  }

  togglePause() {
    this.#isPaused = !this.#isPaused;
    this.pauseButton.setAttribute('aria-pressed', String(this.#isPaused));
    if (!this.#isPaused) for (const change of this.#waiting.splice(0)) this.#apply(change);
    this.#count();
  }

  async clear() {
    await remove('/api/requests');
    toast('All requests are forgotten.');
  }

  /** Marks the row of the request that is shown. */
  select(id) {
    this.#rows.get(this.#selected)?.element.removeAttribute('aria-current');
    this.#selected = id;
    const row = this.#rows.get(id);
    row?.element.setAttribute('aria-current', 'true');
    row?.element.scrollIntoView({ block: 'nearest' });
  }

  /** Moves by rows from the one that has focus, or is selected. Gives back the request there. */
  move(by) {
    const links = [...this.list.querySelectorAll('a')];
    const at = links.findIndex((row) => row === document.activeElement || row.dataset.id === this.#selected);
    const next = links[at === -1 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
    next?.focus();
    return next?.dataset.id;
  }

  /** The last request to the same URL before this one: what it is compared with. */
  before({ id, url, at }) {
    const others = [...this.#requests.values()].filter((other) => other.id !== id && other.at <= at);
    return others.filter((other) => other.url === url).at(-1) ?? others.at(-1);
  }

  #replace(requests) {
    this.#waiting = [];
    this.#rows.clear();
    this.#requests.clear();
    this.list.replaceChildren();
    for (const request of requests) this.#show(request);
    this.select(this.#selected);
    this.#count();
  }

  #take(change) {
    for (const id of change.removed) this.#listen.removed(id);
    for (const { id } of change.requests) this.#listen.changed(id);
    for (const id of change.hidden) this.#listen.changed(id);
    if (this.#isPaused) this.#waiting.push(change);
    else this.#apply(change);
    this.#count();
  }

  #apply({ requests, removed, hidden }) {
    for (const request of requests) this.#show(request);
    for (const id of [...removed, ...hidden]) {
      this.#rows.get(id)?.element.remove();
      this.#rows.delete(id);
      this.#requests.delete(id);
    }
    this.#count();
  }

  #show(request) {
    const known = this.#rows.get(request.id);
    const row = known ?? newRow(request);
    this.#requests.set(request.id, request);
    row.update(request);
    if (known !== undefined) return;
    this.#rows.set(request.id, row);
    this.list.prepend(row.element);
    if (request.id === this.#selected) this.select(request.id);
  }

  #count() {
    const news = new Set(this.#waiting.flatMap(({ requests }) => requests.map(({ id }) => id)));
    this.pauseButton.textContent = this.#isPaused ? `Resume${news.size > 0 ? ` (${news.size} new)` : ''}` : 'Pause';
    this.total.textContent = count(this.#rows.size, 'request');
    this.empty.hidden = this.#rows.size > 0;
    if (this.#rows.size > 0) return;
    if (this.#query !== '') fill(this.empty, h('p', {}, 'No request fits the filter.'));
    else
      fill(
        this.empty,
        h('p', {}, 'No request yet.'),
        h(
          'p',
          { class: 'soft' },
          'Open a page of your site: its requests appear here at once, with all that its scripts said.',
        ),
      );
  }
}

function newRow({ id, at, method, url }) {
  const badge = h('span', { class: 'badge' });
  const took = h('span', { class: 'took' });
  const note = h('span', { class: 'note' });
  const target = link(
    `/r/${id}`,
    { class: 'row', dataset: { link: '', id } },
    badge,
    h('span', { class: 'method' }, method),
    h('span', { class: 'url', title: url }, url),
    took,
    note,
    h('time', { datetime: new Date(at).toISOString() }, clock(at)),
  );
  const element = h('li', {}, target);
  return {
    element,
    update(request) {
      const kind = statusKind(request);
      badge.className = `badge ${kind}`;
      badge.textContent = statusText(request);
      took.textContent = duration(request.durationMs);
      note.textContent = noteOf(request);
      note.className = kind === 'failed' ? 'note bad' : 'note';
    },
  };
}

function noteOf({ diagnosis, exit, ending, tolerated, stderrBytes, replayOf, script, resource, bytes, isFinished }) {
  const notes = [
    replayOf === null ? '' : '↻ replay',
    diagnosis ?? '',
    diagnosis === null && exit !== null && exit !== 0 ? `exit ${exit}` : '',
    ending === 'clientGone' ? 'client gone' : '',
    ending === 'truncated' ? 'answer cut' : '',
    tolerated.length > 0 ? `tolerated: ${tolerated.join(', ')}` : '',
    diagnosis === null && stderrBytes > 0 ? 'wrote to stderr' : '',
  ].filter((note) => note !== '');
  if (notes.length > 0) return notes.join(' · ');
  if (script === null) return meaning(resource);
  return isFinished ? size(bytes) : '';
}
