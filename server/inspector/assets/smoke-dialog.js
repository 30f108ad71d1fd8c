// "Save as smoke test": asks for a name, then tells what was written and what runs it; or copies the test as text.
import { getText, postJson } from './api.js';
import { copyText } from './copy-menu.js';
import { button, fill, h, toast } from './dom.js';

/**
 * Opens the dialog. `path` is the address of the API, with the filter as its query; `what` says of what, `name` is a
 * proposal, "" for one by the server.
 */
export function openSmokeDialog({ path, what, name }) {
  const dialog = document.getElementById('smoke');
  const field = h('input', { id: 'smoke-name', value: name, autocomplete: 'off', spellcheck: 'false' });
  const status = h('div', { role: 'status', class: 'smoke-status' });
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'smoke-title' }, 'Save as smoke test'),
    h(
      'p',
      {},
      `${what} run a few times on a copy of the site, until the test passes: what differs is captured or left out. The site itself is not asked.`,
    ),
    h('label', { for: 'smoke-name' }, 'Name, in tests/smoke of the site'),
    field,
    status,
    h(
      'div',
      { class: 'actions' },
      h('button', { class: 'main', value: 'save' }, 'Save'),
      button('Copy as text', () => work(copied)),
      button('Close', () => dialog.close()),
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void work(saved);
  });
  let isWorking = false;

  async function work(make) {
    if (isWorking) return;
    isWorking = true;
    fill(status, h('p', { class: 'soft' }, 'Rehearsing …'));
    try {
      fill(status, await make());
    } catch (error) {
      fill(status, h('p', { class: 'bad', role: 'alert' }, error.message));
    }
    isWorking = false;
  }

  async function copied() {
    const [address, query = ''] = path.split('?');
    const parameters = new URLSearchParams(query);
    // A test that leaves out the cookie would not pass.
    parameters.set('reveal', '1');
    await copyText(await getText(`${address}?${parameters}`));
    return h('p', {}, 'Copied: paste it into a plan in tests/smoke.');
  }

  async function saved() {
    const wanted = field.value.trim();
    return written(await postJson(path, wanted === '' ? {} : { name: wanted }));
  }

  fill(dialog, form);
  dialog.showModal();
  field.focus();
  field.select();
}

/** For one request. */
export function openRequestDialog({ id, url }) {
  openSmokeDialog({ path: `/api/requests/${id}/smoke`, what: 'The request is', name: proposedName(url) });
}

function written({ plan, files, requests, leftOut, command, holdsSecrets }) {
  const more = files.length === 0 ? '' : `, with ${files.length === 1 ? '1 file' : `${files.length} files`} beside it`;
  return [
    h('p', {}, `${requests === 1 ? '1 request is' : `${requests} requests are`} in `, h('code', {}, plan), `${more}.`),
    holdsSecrets ? h('p', { class: 'bad' }, 'It holds cookies or credentials: look before you commit it.') : undefined,
    h(
      'div',
      { class: 'mend' },
      h('pre', {}, command),
      button('Copy command', () => copyText(command).then(() => toast('Copied.'))),
    ),
    leftOut.length === 0
      ? undefined
      : h(
          'details',
          {},
          h('summary', {}, `${leftOut.length} left out`),
          h(
            'ul',
            {},
            leftOut.map((line) => h('li', {}, line)),
          ),
        ),
  ];
}

/** "guestbook" for /cgi-bin/guestbook.pl/x?y */
function proposedName(url) {
  const parts = url
    .split('?')[0]
    .split('/')
    .filter((part) => part !== '');
  const script = parts.find((part) => /\.\w+$/.test(part)) ?? parts.at(-1) ?? '';
  return script
    .replace(/\.\w+$/, '')
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}
