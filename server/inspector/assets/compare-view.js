// Two requests side by side: what differs, and nothing else.
import { getJson } from './api.js';
import { fill, h, link } from './dom.js';
import { clock, count, statusKind, statusText } from './format.js';
import { section } from './stream-view.js';

export async function compareView(a, b) {
  const element = h('section', { class: 'detail', 'aria-label': 'Comparison', tabindex: '-1' });
  try {
    fill(element, comparison(await getJson(`/api/compare/${a}/${b}`)));
  } catch (error) {
    fill(
      element,
      link('/', { class: 'back' }, '← All requests'),
      h('div', { class: 'empty', role: 'alert' }, h('p', {}, error.message)),
    );
  }
  return element;
}

function comparison({ a, b, facts, fields, environment, requestBody, header, output, stderr }) {
  return [
    link('/', { class: 'back' }, '← All requests'),
    h('h1', {}, 'Two requests compared'),
    h('div', { class: 'two' }, side('A', a), side('B', b)),
    values('Outcome', facts),
    diff('Output', output),
    diff('Header of the script', header),
    diff('stderr', stderr),
    values('Environment', environment),
    values('Header fields of the request', fields),
    diff('Body of the request', requestBody),
  ];
}

function side(name, summary) {
  return link(
    `/r/${summary.id}`,
    { class: 'side' },
    h('b', {}, name),
    ' ',
    h('span', { class: `badge ${statusKind(summary)}` }, statusText(summary)),
    ` ${summary.method} ${summary.url} `,
    h('span', { class: 'soft' }, clock(summary.at)),
  );
}

function values(title, changed) {
  if (changed.length === 0) return section(title, { isOpen: false, summary: 'the same' });
  const cell = (head, value) => h('td', { dataset: { head } }, value ?? h('span', { class: 'soft' }, 'absent'));
  const rows = changed.map(({ name, a, b }) =>
    h('tr', {}, h('th', { scope: 'row' }, name), cell('A', a), cell('B', b)),
  );
  const head = h(
    'tr',
    {},
    ['', 'A', 'B'].map((text) => h('th', { scope: 'col' }, text)),
  );
  return section(
    title,
    { summary: `${count(changed.length, 'difference')}` },
    h('div', { class: 'scroll' }, h('table', { class: 'fields' }, h('thead', {}, head), h('tbody', {}, rows))),
  );
}

function diff(title, { isSame, parts }) {
  if (isSame) return section(title, { isOpen: false, summary: 'the same' });
  if (parts === null) return section(title, {}, h('p', {}, 'Too different to be shown line by line.'));
  return section(
    title,
    { summary: 'differs' },
    h('pre', { class: 'stream diff', tabindex: '0', role: 'region', 'aria-label': title }, parts.flatMap(shownPart)),
  );
}

const SIGNS = { same: '  ', onlyA: '- ', onlyB: '+ ' };

function shownPart({ kind, text }) {
  const lines = text.replace(/\n$/, '').split('\n');
  const shown =
    kind === 'same' && lines.length > 8
      ? [...lines.slice(0, 3), `… ${lines.length - 6} same lines`, ...lines.slice(-3)]
      : lines;
  return shown.map((line) => h('span', { class: kind }, `${SIGNS[kind]}${line}\n`));
}
