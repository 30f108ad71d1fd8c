// What went wrong, why, and what mends it: as the failure page has it, with a button for each command.
import { copyLine } from './copy-menu.js';
import { button, h } from './dom.js';

export function failureCard({ title, why, heading, mend, output, source }) {
  return h(
    'div',
    { class: 'failure', role: 'group', 'aria-label': 'What went wrong' },
    h('h2', {}, title),
    h('p', {}, why),
    mend.length === 0 ? undefined : h('h3', {}, heading),
    mend.map((line) =>
      h(
        'div',
        { class: 'mend' },
        h('pre', {}, line),
        button('Copy', (event) => copyLine(line, event.currentTarget), { 'aria-label': `Copy: ${line}` }),
      ),
    ),
    output === null ? undefined : [h('h3', {}, 'What the script wrote'), numbered(output)],
    source === null
      ? undefined
      : [h('h3', {}, `Source: ${source.file}${source.line === null ? '' : `:${source.line}`}`), numbered(source.lines)],
  );
}

function numbered(lines) {
  return h(
    'pre',
    { class: 'numbered', tabindex: '0' },
    lines.map(({ text, kind }) => h('span', { class: kind }, `${text}\n`)),
  );
}
