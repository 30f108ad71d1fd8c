// Edit and replay: a recorded request as a form. What is not touched goes out as the very bytes that came.
import { getJson, postJson } from './api.js';
import { button, fill, h, link } from './dom.js';

export async function editView(id, go) {
  const element = h('section', { class: 'detail', 'aria-label': 'Edit and replay', tabindex: '-1' });
  try {
    fill(element, form(await getJson(`/api/requests/${id}`), go));
  } catch (error) {
    fill(
      element,
      link('/', { class: 'back shown' }, '← All requests'),
      h('div', { class: 'empty', role: 'alert' }, h('p', {}, error.message)),
    );
  }
  return element;
}

function form({ id, request }, go) {
  const recorded = {
    method: request.method,
    target: request.target,
    fields: fieldsText(request.fields),
    body: bodyText(request.body),
  };
  const inputs = {
    method: input('edit-method', recorded.method),
    target: input('edit-target', recorded.target),
    fields: area('edit-fields', recorded.fields, 8),
    body: area('edit-body', recorded.body ?? '', 10),
  };
  const problem = h('p', { class: 'bad', role: 'alert' });
  const send = async () => {
    problem.textContent = '';
    try {
      const edits = editsOf(inputs, recorded, request.body);
      go(`/r/${(await postJson(`/api/requests/${id}/replay`, edits)).id}`);
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  return h(
    'form',
    {
      class: 'edit',
      onsubmit: (event) => {
        event.preventDefault();
        void send();
      },
      onkeydown: (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
      },
    },
    link(`/r/${id}`, { class: 'back shown' }, '← Back to the request'),
    h('h1', {}, 'Edit and replay'),
    controls(inputs, { body: request.body, cut: request.cut, isShown: recorded.body !== undefined }),
    problem,
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'submit', class: 'main' }, 'Send'),
      button('Cancel', () => go(`/r/${id}`)),
      h('span', { class: 'hint' }, 'Ctrl+Enter sends'),
    ),
  );
}

function controls({ method, target, fields, body }, recorded) {
  return [
    h('div', { class: 'pair' }, label('Method', method), label('Path and query', target)),
    label('Header fields', fields),
    h(
      'p',
      { class: 'hint' },
      'One per line. Hidden values (••••) are sent as recorded. Content-Length follows the body.',
    ),
    label('Body', body),
    recorded.isShown
      ? undefined
      : h(
          'p',
          { class: 'hint' },
          recorded.cut === null
            ? `The body (${recorded.body.totalBytes} bytes) is binary or too large to edit: it is sent as recorded, unless you write another one here.`
            : `The body was ${recorded.body.totalBytes} bytes, and only the first ${recorded.body.keptBytes} were kept: write another one here.`,
        ),
  ];
}

/** Only what was changed: the server sends the recorded bytes of the rest. */
function editsOf({ method, target, fields, body }, recorded, recordedBody) {
  return {
    ...(method.value !== recorded.method && { method: method.value }),
    ...(target.value !== recorded.target && { target: target.value }),
    ...(fields.value !== recorded.fields && { fields: fieldsOf(fields.value) }),
    ...(body.value !== (recorded.body ?? '') && { body: { text: withLineEnds(body.value, recordedBody) } }),
  };
}

function input(id, value) {
  return h('input', { id, value, autocomplete: 'off', spellcheck: 'false' });
}

function area(id, text, rows) {
  const element = h('textarea', { id, rows: String(rows), spellcheck: 'false', autocomplete: 'off', wrap: 'off' });
  element.value = text;
  return element;
}

function label(text, control) {
  return h('label', { for: control.id }, h('span', {}, text), control);
}

function fieldsText(fields) {
  return fields.map(({ name, value }) => `${name}: ${value}`).join('\n');
}

function fieldsOf(text) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`"${line}" is no header field: write Name: value`);
      return { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
    });
}

/** Undefined where a text field could not hold it whole. */
function bodyText({ text, encoding, shownBytes, totalBytes }) {
  if (encoding !== 'utf-8' || shownBytes < totalBytes) return undefined;
  return text.replaceAll('␍\n', '\n');
}

function withLineEnds(text, { text: recorded }) {
  return recorded.includes('␍\n') ? text.replace(/\r?\n/g, '\r\n') : text;
}
