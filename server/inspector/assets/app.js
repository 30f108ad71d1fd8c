// Chooses the view for the address, and keeps the list alive beside it. No framework, no build: these files are all there is.
import { compareView } from './compare-view.js';
import { DetailView } from './detail-view.js';
import { fill, h, toast } from './dom.js';
import { editView } from './edit-view.js';
import { listenToKeys, showHelp } from './keys.js';
import { ListView } from './list-view.js';
import { mailView, refreshMailList } from './mail-view.js';
import { scriptsView } from './scripts-view.js';

const main = document.getElementById('main');
const list = new ListView({
  changed: (id) => detail.changed(id),
  removed: (id) => {
    if (id === detail.id) detail.gone();
  },
  mail: (mail) => {
    if (location.pathname.startsWith('/mail')) void refreshMailList();
    else toast(`Mail caught: ${mail.subject || '(no subject)'}`);
  },
});
const detail = new DetailView({ go, before: (summary) => list.before(summary) });
const panes = h('div', { class: 'panes' }, list.element, detail.element);

function go(path) {
  if (path !== location.pathname) history.pushState(null, '', path);
  return show();
}

const ROUTES = [
  [/^\/r\/([^/]+)\/edit$/, (id) => beside(editView(id, go), id)],
  [/^\/r\/([^/]+)$/, (id) => requestView(id)],
  [/^\/compare\/([^/]+)\/([^/]+)$/, (a, b) => beside(compareView(a, b), b)],
  [/^\/scripts$/, () => whole(scriptsView())],
  [/^\/mail(?:\/([^/]+))?$/, (id) => whole(mailView(id))],
  [/^\//, () => listView()],
];

function show() {
  const { pathname } = location;
  const [pattern, view] = ROUTES.find(([route]) => route.test(pathname));
  const [, ...parts] = pattern.exec(pathname);
  const current = currentView(pathname);
  for (const entry of document.querySelectorAll('[data-view]')) {
    if (entry.dataset.view === current) entry.setAttribute('aria-current', 'page');
    else entry.removeAttribute('aria-current');
  }
  return view(...parts);
}

function currentView(pathname) {
  if (pathname.startsWith('/scripts')) return 'scripts';
  return pathname.startsWith('/mail') ? 'mail' : 'requests';
}

function listView() {
  detail.close();
  list.select(undefined);
  showPanes(detail.element, false);
}

async function requestView(id) {
  list.select(id);
  showPanes(detail.element, true);
  await detail.show(id);
  list.select(id);
}

/** A view in the place of the detail; the list stays. */
async function beside(coming, id) {
  const path = location.pathname;
  const element = await coming;
  if (path !== location.pathname) return;
  detail.close();
  list.select(id);
  showPanes(element, true);
  (element.querySelector('input') ?? element).focus();
}

async function whole(coming) {
  const path = location.pathname;
  detail.close();
  const element = await coming;
  if (path === location.pathname) fill(main, element);
}

function showPanes(right, hasDetail) {
  panes.classList.toggle('has-detail', hasDetail);
  if (panes.lastElementChild !== right) panes.replaceChild(right, panes.lastElementChild);
  if (main.firstElementChild !== panes) fill(main, panes);
}

function move(by) {
  const id = list.move(by);
  // On a wide screen the request is shown at once; on a narrow one the list would disappear under the reader.
  if (id !== undefined && matchMedia('(min-width: 60rem)').matches) {
    history.replaceState(null, '', `/r/${id}`);
    list.select(id);
    showPanes(detail.element, true);
    void detail.show(id);
  }
}

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  const target = event.target.closest('a[data-link]');
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (target === null || !isPlain) return;
  event.preventDefault();
  go(target.getAttribute('href'));
});
addEventListener('popstate', show);
listenToKeys({
  j: () => move(1),
  k: () => move(-1),
  Escape: () => go(location.pathname.endsWith('/edit') ? location.pathname.slice(0, -'/edit'.length) : '/'),
  '/': () => document.getElementById('filter')?.focus(),
  r: () => detail.replay(),
  e: () => detail.edit(),
  d: () => detail.compare(),
  m: () => detail.mark(),
  y: () => detail.openCopyMenu(),
  s: () => detail.toggleSecrets(),
  t: () => detail.saveAsSmokeTest(),
  T: () => list.saveAsSmokeTest(),
  p: () => list.togglePause(),
  C: () => list.clear(),
  1: () => go('/'),
  2: () => go('/scripts'),
  3: () => go('/mail'),
  '?': showHelp,
});
show();
