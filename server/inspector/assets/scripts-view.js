// All scripts of the site: where they answer, how they are run, and how they did.
import { getJson } from './api.js';
import { fill, h, link } from './dom.js';
import { count, duration, statusKind } from './format.js';

export async function scriptsView() {
  const element = h('section', { class: 'page', 'aria-label': 'Scripts', tabindex: '-1' });
  try {
    const { scripts } = await getJson('/api/scripts');
    fill(
      element,
      h('h1', {}, 'Scripts'),
      h('p', { class: 'soft' }, `${count(scripts.length, 'script')} of the site, as a request finds them.`),
      scripts.length > 0 && table(scripts),
    );
  } catch (error) {
    fill(element, h('div', { class: 'empty', role: 'alert' }, h('p', {}, error.message)));
  }
  return element;
}

function table(scripts) {
  const heads = ['URL', 'Run by', 'Requests', 'Mean', 'Last'];
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      { class: 'scripts' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((text) => h('th', { scope: 'col' }, text)),
        ),
      ),
      h('tbody', {}, scripts.map(row)),
    ),
  );
}

function row({ url, file, how, problem, findings, runs, failures, last, meanMs }) {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('code', {}, url), h('span', { class: 'soft small' }, file)),
    h(
      'td',
      {},
      how,
      problem === null
        ? undefined
        : h(
            'p',
            { class: 'bad' },
            problem.title,
            problem.mend.map((line) => h('pre', {}, line)),
          ),
      findings.length > 0 && doctorSays(findings),
    ),
    h(
      'td',
      {},
      runs === 0
        ? h('span', { class: 'soft' }, 'none yet')
        : [String(runs), failures > 0 ? h('span', { class: 'bad' }, ` ${failures} failed`) : ''],
    ),
    h('td', {}, meanMs === null ? '' : duration(meanMs)),
    h(
      'td',
      {},
      last === null
        ? ''
        : link(
            `/r/${last.id}`,
            { class: `badge ${statusKind({ ...last, cause: null, isFinished: true })}` },
            String(last.status),
          ),
    ),
  );
}

function doctorSays(findings) {
  return h(
    'details',
    {},
    h('summary', {}, `doctor: ${count(findings.length, 'finding')}`),
    findings.map(({ severity, title, why, mend, lines }) =>
      h(
        'div',
        { class: severity === 'error' ? 'bad' : '' },
        h('p', {}, `${severity}: ${title}${lines.length > 0 ? ` (line ${lines.join(', ')})` : ''}`),
        h('p', { class: 'soft small' }, why),
        mend.map((line) => h('pre', {}, line)),
      ),
    ),
  );
}
