// One run of a script: how it was started, what it wrote, and the environment it saw.
import { h } from './dom.js';
import { count, size } from './format.js';
import { fieldTable, section, streamBlock } from './stream-view.js';

/** `which` is the number of the run where there are several, else "". */
export function runSections(run, { id, index, which }) {
  const { stdout, stderr, environment } = run;
  const raw = (name) => `/api/requests/${id}/streams/${name}?run=${index}`;
  return [
    section(
      `stderr${which}`,
      { isOpen: stderr.totalBytes > 0, summary: size(stderr.totalBytes), id: index === 0 ? 'stderr' : undefined },
      stderrBlock(stderr, raw('stderr')),
    ),
    section(
      `stdout, before parsing${which}`,
      { summary: size(stdout.totalBytes), id: index === 0 ? 'stdout' : undefined },
      streamBlock('stdout', stdout, { parts: outputParts(stdout), href: raw('stdout') }),
    ),
    section(
      `Environment${which}`,
      { isOpen: false, summary: count(environment.length, 'variable'), id: index === 0 ? 'environment' : undefined },
      fieldTable('Environment of the script', environment, ({ note }) => [originOf(note), ' ', note.meaning]),
    ),
  ];
}

export function commandFacts({ script, command, runner, pid, exit, tolerated }) {
  if (command === null) return [fact('Script', script.file), fact('Run', 'not started')];
  return [
    fact('Script', script.file),
    command.file === script.file && command.args.length === 0
      ? undefined
      : fact('Command', h('code', {}, [command.file, ...command.args].join(' '))),
    fact('In', command.workingDirectory),
    fact('Run by', `${runner}, pid ${pid}`),
    fact('Exit', exit === null ? 'not yet' : h('span', { class: exit === 0 ? '' : 'bad' }, String(exit))),
    tolerated.map(({ name, warning }) => fact('Tolerated', [h('b', {}, name), ' ', warning])),
  ];
}

export function fact(name, value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}

function originOf({ origin, link }) {
  if (link === null) return h('span', { class: 'tag' }, origin);
  return h('a', { class: 'tag', href: link, target: '_blank', rel: 'noreferrer' }, origin);
}

/** The header block stands out: most failures are in it, or in that there is none. */
function outputParts({ header, body }) {
  if (header === null) return [h('span', { class: 'noheader' }, body)];
  return [h('mark', { class: 'header', title: 'Header block' }, header), body];
}

function stderrBlock(stderr, href) {
  const lines = stderr.lines.map(({ at, text }) =>
    h('span', { class: 'line' }, h('span', { class: 'at' }, `${at.toFixed(1).padStart(8)} ms  `), `${text}\n`),
  );
  return streamBlock('stderr', stderr, { parts: lines, href });
}
