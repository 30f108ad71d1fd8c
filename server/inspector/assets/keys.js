// The keyboard: every view can be used without a mouse.
import { button, fill, h } from './dom.js';
import { FILTER_HELP } from './filter-bar.js';

const KEYS = [
  ['j k', 'next, previous request'],
  ['Enter', 'open the request that has focus'],
  ['Escape', 'back to the list'],
  ['/', 'filter'],
  ['r', 'replay'],
  ['e', 'edit and replay'],
  ['m', 'mark for a comparison'],
  ['d', 'compare with the marked one, or the one before'],
  ['y', 'copy as curl, shell, text, HAR'],
  ['s', 'show or hide secrets'],
  ['t T', 'save as smoke test: the request, all that are shown'],
  ['p', 'pause the list'],
  ['C', 'clear: forget all requests'],
  ['1 2 3', 'requests, scripts, mail'],
  ['?', 'this help'],
];

/** `actions` has a function for each key that does something. */
export function listenToKeys(actions) {
  document.addEventListener('keydown', (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
    if (key === 'Escape' && target.closest('.menu') !== null) return closeMenu(target.closest('.menu'));
    const isTyping = target.matches('input, textarea, select');
    if (isTyping && key !== 'Escape') return;
    const action = actions[key];
    if (action === undefined) return;
    event.preventDefault();
    if (isTyping) target.blur();
    else action();
  });
  document.getElementById('help-button').addEventListener('click', showHelp);
}

export function showHelp() {
  const dialog = document.getElementById('help');
  fill(
    dialog,
    h('h2', { id: 'help-title' }, 'Keys'),
    h(
      'dl',
      { class: 'keys' },
      KEYS.map(([keys, text]) =>
        h(
          'div',
          {},
          h(
            'dt',
            {},
            keys.split(' ').map((key) => [h('kbd', {}, key), ' ']),
          ),
          h('dd', {}, text),
        ),
      ),
    ),
    h('h2', {}, 'Filter'),
    h('p', {}, FILTER_HELP),
    h(
      'form',
      { method: 'dialog' },
      button('Close', () => dialog.close(), { class: 'main', autofocus: true }),
    ),
  );
  dialog.showModal();
  // The focus is at the end of it; what is read first is not.
  dialog.scrollTop = 0;
}

function closeMenu(menu) {
  menu.open = false;
  menu.querySelector('summary').focus();
}
