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

export function copyMenu({ id, runs }, { hasSecrets }) {
  const items = FORMS.filter(([form]) => form !== 'shell' || runs.some(({ command }) => command !== null)).map(
    ([form, label, path]) =>
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
