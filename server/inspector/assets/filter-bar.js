// The filter of the list: words to search for, and terms such as status:5xx or ms>200.
import { button, h } from './dom.js';

const TERM = /(status|method|path|script):("[^"]*"|\S+)|ms([<>])(\d+(?:\.\d+)?)|"([^"]*)"|(\S+)/gi;

/** "status:5xx ms>200 some words" → the query of /api/events. */
export function filterQuery(text) {
  const query = new URLSearchParams();
  const words = [];
  for (const [, name, value, sign, milliseconds, quoted, word] of text.matchAll(TERM)) {
    if (name !== undefined) query.set(name.toLowerCase(), value.replaceAll('"', ''));
    else if (sign !== undefined) query.set(sign === '>' ? 'minMs' : 'maxMs', milliseconds);
    else words.push(quoted ?? word);
  }
  if (words.length > 0) query.set('text', words.join(' '));
  return query;
}

export const FILTER_HELP =
  'status:404,5xx  method:POST  path:/cgi-bin  script:form  ms>200  ms<50: all terms must hold. Other words are searched for in URL, fields, diagnosis and streams.';

const QUICK = [
  ['All', ''],
  ['Failed', 'status:5xx'],
  ['Refused', 'status:4xx'],
  ['POST', 'method:POST'],
  ['Slow', 'ms>1000'],
];

/** The bar. `changed` gets the text a moment after it was typed. */
export function filterBar(changed) {
  const input = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Filter: words, status:5xx, path:/form, ms>200',
    'aria-label': 'Filter requests',
    'aria-describedby': 'filter-help',
    title: FILTER_HELP,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  let waiting;
  const apply = (text) => {
    clearTimeout(waiting);
    for (const quick of quicks) quick.setAttribute('aria-pressed', String(quick.dataset.filter === text.trim()));
    changed(text);
  };
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => apply(input.value), 200);
  });
  const quicks = QUICK.map(([label, text]) =>
    button(
      label,
      () => {
        input.value = text;
        apply(text);
      },
      { class: 'chip', dataset: { filter: text }, 'aria-pressed': String(text === '') },
    ),
  );
  return h(
    'div',
    { class: 'filter', role: 'search' },
    input,
    h('div', { class: 'chips', role: 'group', 'aria-label': 'Quick filters' }, quicks),
    h('p', { id: 'filter-help', class: 'offscreen' }, FILTER_HELP),
  );
}
