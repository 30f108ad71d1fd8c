// Links and forms of a page that lead to scripts: they tell which parameters a script is called with.
// Pure. Forms that are sent by POST are left alone: they are made to change something.
import { selectElements } from './html-select.ts';

/** Paths with queries, as a browser would ask for them; `base` is the URL of the page. */
export function pageCalls(html: string, base: URL): readonly string[] {
  const attributes: readonly (readonly [selector: string, attribute: string])[] = [
    ['a[href], area[href], link[href]', 'href'],
    ['img[src], frame[src], iframe[src], script[src], embed[src], input[src]', 'src'],
    ['body[background], table[background], td[background]', 'background'],
  ];
  const links = attributes.flatMap(([selector, attribute]) =>
    (selectElements(html, selector) ?? []).map(({ attributes: given }) => given[attribute] ?? ''),
  );
  return [...links, ...formCalls(html)].flatMap((link) => pathOn(link, base));
}

function pathOn(link: string, base: URL): readonly string[] {
  const url = URL.canParse(link, base.href) ? new URL(link, base) : undefined;
  return url === undefined || url.origin !== base.origin ? [] : [url.pathname + url.search];
}

function formCalls(html: string): readonly string[] {
  // Split by hand: a form of 1998 is often not closed, or lies across the cells of a table.
  return html
    .split(/(?=<form\b)/i)
    .slice(1)
    .flatMap((part) => {
      const [form] = selectElements(part, 'form') ?? [];
      const { action, method = 'get' } = form?.attributes ?? {};
      if (action === undefined || method.toLowerCase() !== 'get') return [];
      const fields = formFields(part.split(/<\/form\b/i)[0] ?? part);
      const [path = ''] = action.split('?');
      return fields.length === 0 ? [action] : [`${path}?${new URLSearchParams(fields).toString()}`];
    });
}

/** What a browser sends when the button is pressed at once. */
function formFields(form: string): [string, string][] {
  const inputs = (selectElements(form, 'input[name], textarea[name]') ?? []).flatMap(
    ({ name, text, attributes }): [string, string][] => {
      const { type = 'text', name: field = '', value } = attributes;
      const kind = type.toLowerCase();
      if (name === 'textarea') return [[field, text]];
      if (kind === 'checkbox' || kind === 'radio') return 'checked' in attributes ? [[field, value ?? 'on']] : [];
      return kind === 'submit' || kind === 'image' || kind === 'reset' || kind === 'button'
        ? []
        : [[field, value ?? '']];
    },
  );
  const names = new Set((selectElements(form, 'select[name]') ?? []).map(({ attributes }) => attributes.name ?? ''));
  const selects = [...names].flatMap((field): [string, string][] => {
    const options = selectElements(form, `select[name=${JSON.stringify(field)}] option`) ?? [];
    const chosen = options.find(({ attributes }) => 'selected' in attributes) ?? options[0];
    return chosen === undefined ? [] : [[field, chosen.attributes.value ?? chosen.text]];
  });
  return [...inputs, ...selects];
}
