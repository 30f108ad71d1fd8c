// Where the time of a request went, from accept to the last byte: a bar, and the same in words.
import { h } from './dom.js';
import { duration } from './format.js';

export function timingBar(detail) {
  const phases = phasesOf(detail);
  const end = phases.at(-1)?.to ?? 0;
  if (end <= 0) return h('p', { class: 'soft' }, 'not answered yet');
  const bar = h(
    'div',
    { class: 'bar', 'aria-hidden': 'true' },
    phases.map((phase) => segment(phase, end)),
  );
  const legend = phases.map(({ kind, label, from, to }) =>
    h('li', {}, h('span', { class: `swatch ${kind}` }), `${label} `, h('b', {}, duration(to - from))),
  );
  return h('div', { class: 'timing' }, bar, h('ul', {}, legend, exits(detail)));
}

function phasesOf({ runs, durationMs }) {
  const phases = [];
  let at = 0;
  const add = (kind, label, to) => {
    if (to === undefined || to === null || to < at) return;
    phases.push({ kind, label, from: at, to });
    at = to;
  };
  runs.forEach(({ times }, index) => {
    const which = runs.length > 1 ? ` (run ${index + 1})` : '';
    add(
      'prepare',
      `read, find, wait, start${which}`,
      times.started ?? (times.exit === undefined ? undefined : times.found),
    );
    if (times.firstOutput === undefined) add('think', `script, which wrote nothing${which}`, times.exit);
    add('think', `script until its first byte${which}`, times.firstOutput);
    add('header', `its header${which}`, times.header);
    add('output', `its output${which}`, times.lastOutput);
  });
  add('send', runs.length === 0 ? 'answer' : 'rest of the answer', durationMs);
  return phases;
}

function segment({ kind, label, from, to }, end) {
  const part = h('span', { class: kind, title: `${label}: ${duration(to - from)}` });
  part.style.flexGrow = String(Math.max((to - from) / end, 0.004));
  return part;
}

function exits({ runs }) {
  return runs
    .filter(({ times }) => times.exit !== undefined)
    .map(({ times, exit }) => h('li', {}, `exit ${exit} after `, h('b', {}, duration(times.exit))));
}
