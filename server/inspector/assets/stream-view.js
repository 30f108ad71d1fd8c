// A stream as a block: its text, how much of it there is, and where the whole can be had.
import { h } from './dom.js';
import { size } from './format.js';

/** `parts` are text or elements for the block; `href` saves the raw bytes. */
export function streamBlock(label, stream, { parts = [stream.text], href } = {}) {
  if (stream.totalBytes === 0) return h('p', { class: 'soft' }, 'empty');
  const isScrolled =
    parts
      .map((part) => part.textContent ?? part)
      .join('')
      .split('\n').length > 12;
  return [
    h('pre', { class: 'stream', ...(isScrolled && { tabindex: '0', role: 'region', 'aria-label': label }) }, parts),
    h(
      'p',
      { class: 'hint' },
      amount(stream),
      href === undefined ? '' : [' · ', h('a', { href, download: '' }, 'save raw')],
    ),
  ];
}

export function amount({ totalBytes, keptBytes, shownBytes, encoding }) {
  const notes = [size(totalBytes), encoding === 'binary' ? 'binary, as a hex dump' : encoding];
  if (keptBytes < totalBytes) notes.push(`only the first ${size(keptBytes)} were kept`);
  if (shownBytes < keptBytes) notes.push(`the first ${size(shownBytes)} are shown`);
  return notes.join(' · ');
}

/** A section that opens and closes; what matters is open. */
export function section(title, { isOpen = true, summary = '', id } = {}, ...children) {
  return h(
    'details',
    { class: 'section', ...(isOpen && { open: true }), ...(id !== undefined && { id }) },
    h('summary', {}, h('h2', {}, title), h('span', { class: 'soft' }, summary)),
    ...children,
  );
}

/** Name and value in two columns. */
export function fieldTable(label, fields, third) {
  if (fields.length === 0) return h('p', { class: 'soft' }, 'none');
  const rows = fields.map((field) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, field.name),
      h(
        'td',
        {},
        field.isMasked ? h('span', { class: 'masked', title: 'Hidden: press s to show' }, field.value) : field.value,
      ),
      third === undefined ? undefined : h('td', { class: 'origin' }, third(field)),
    ),
  );
  return h('div', { class: 'scroll' }, h('table', { class: 'fields', 'aria-label': label }, h('tbody', {}, rows)));
}
