// All scripts of the site: where they answer, how they are run, and how they did.
import { getJson } from './api.js';
import { fill, h, link } from './dom.js';
import { count, duration, statusKind } from './format.js';

/** The scripts are there at once; what doctor says of them comes when it has read the site. */
export async function scriptsView() {
  const element = h('section', { class: 'page', 'aria-label': 'Scripts', tabindex: '-1' });
  const status = h('p', { class: 'soft', role: 'status' }, 'Doctor reads the site …');
  try {
    show(element, (await getJson('/api/scripts?doctor=no')).scripts, status);
    void getJson('/api/scripts').then(
      ({ scripts }) => show(element, scripts, findingsOf(scripts)),
      () => fill(status, 'Doctor could not read the site: "cgibox doctor" says why.'),
    );
  } catch (error) {
    fill(element, h('div', { class: 'empty', role: 'alert' }, h('p', {}, error.message)));
  }
  return element;
}

function show(element, scripts, status) {
  const open = new Set([...element.querySelectorAll('details[open]')].map(({ dataset }) => dataset.url));
  fill(
    element,
    h('h1', {}, 'Scripts'),
    scripts.length > 0
      ? [
          h('p', { class: 'soft' }, `${count(scripts.length, 'script')} of the site, as a request finds them.`),
          status,
          table(scripts),
        ]
      : nothing(),
  );
  for (const part of element.querySelectorAll('details')) part.open = open.has(part.dataset.url);
}

function findingsOf(scripts) {
  const number = scripts.reduce((sum, { findings }) => sum + findings.length, 0);
  return h(
    'p',
    { class: 'soft', role: 'status' },
    number === 0 ? 'Doctor finds nothing wrong with them.' : `Doctor has ${count(number, 'finding')}.`,
  );
}

function nothing() {
  return h(
    'div',
    { class: 'empty' },
    h('p', {}, 'No script was found.'),
    h(
      'p',
      { class: 'soft' },
      'Scripts are the files of the folders that cgi.scriptAlias names, and those in the document root with an extension of cgi.addHandler. "cgibox config" shows both.',
    ),
  );
}

const [RUN_BY, REQUESTS, MEAN, LAST] = ['Run by', 'Requests', 'Mean', 'Last'];

function table(scripts) {
  const heads = ['URL', RUN_BY, REQUESTS, MEAN, LAST];
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
    cell(
      RUN_BY,
      how,
      problem === null
        ? undefined
        : h(
            'p',
            { class: 'bad' },
            problem.title,
            problem.mend.map((line) => h('pre', {}, line)),
          ),
      findings.length > 0 && doctorSays(findings, url),
    ),
    cell(
      REQUESTS,
      runs === 0
        ? h('span', { class: 'soft' }, 'none yet')
        : [String(runs), failures > 0 ? [', ', h('span', { class: 'bad' }, `${failures} failed`)] : ''],
    ),
    cell(MEAN, meanMs === null ? undefined : duration(meanMs)),
    cell(
      LAST,
      last === null
        ? undefined
        : link(
            `/r/${last.id}`,
            { class: `badge ${statusKind({ ...last, cause: null, isFinished: true })}` },
            String(last.status),
          ),
    ),
  );
}

/** Where the table is a list, its head stands before each value. */
function cell(head, ...children) {
  return h('td', { dataset: { head } }, ...children);
}

function doctorSays(findings, url) {
  return h(
    'details',
    { dataset: { url } },
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
