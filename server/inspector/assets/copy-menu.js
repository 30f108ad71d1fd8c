// What can be copied of a request, and how it reaches the clipboard.
import { getText } from './api.js';
import { button, h, toast } from './dom.js';

const FORMS = [
  // A command that leaves out the cookie would not do the same.
  ['curl', 'curl command', '/curl?reveal=1'],
  ['shell', 'shell command', '/shell?reveal=1'],
  ['text', 'text for a bug report', '/text'],
  ['har', 'HAR', '/har'],
];

/** A command needs something that was started, and a body that was kept whole. */
function isPossible(form, { runs, request }) {
  if (form === 'shell' && runs.every(({ command }) => command === null)) return false;
  return request.cut === null || (form !== 'curl' && form !== 'shell');
}

export function copyMenu(detail, { hasSecrets }) {
  const { id } = detail;
  const items = FORMS.filter(([form]) => isPossible(form, detail)).map(([form, label, path]) =>
    h(
      'li',
      {},
      button(
        `Copy as ${label}`,
        async (event) => {
          event.currentTarget.closest('details').open = false;
          await copyFrom(`/api/requests/${id}${path}`, said(form, { label, hasSecrets }));
        },
        { dataset: { copy: form } },
      ),
    ),
  );
  return h(
    'details',
    { class: 'menu' },
    h('summary', { class: 'button', title: 'Copy (y)' }, 'Copy'),
    h('ul', {}, items),
  );
}

/** Copies what an address of the API answers. */
export async function copyFrom(path, done) {
  try {
    await copyText(await getText(path));
    toast(done);
  } catch (error) {
    toast(error.message);
  }
}

/** Copies one line, and says so where the eye is. */
export async function copyLine(line, control) {
  try {
    await copyText(line);
    control.textContent = 'Copied';
    setTimeout(() => {
      control.textContent = 'Copy';
    }, 2000);
    toast('Copied.');
  } catch (error) {
    toast(`The browser does not let it be copied: ${error.message}`);
  }
}

export async function copyText(text) {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = h('textarea', { class: 'offscreen' });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

function said(form, { label, hasSecrets }) {
  if (!hasSecrets) return `Copied as ${label}.`;
  const isWhole = form === 'curl' || form === 'shell';
  return isWhole
    ? `Copied as ${label}: it holds cookies or credentials.`
    : `Copied as ${label}, without cookies and credentials.`;
}
