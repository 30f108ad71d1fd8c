// Builds elements. Text only ever becomes a text node: nothing that a script printed is read as HTML.

/** h('a', { href, class, onclick, dataset }, ...children); false, null and undefined children are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat(Number.POSITIVE_INFINITY).filter((child) => child !== false && child != null));
  return element;
}

/** Puts children in the place of all that an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat(Number.POSITIVE_INFINITY).filter((child) => child !== false && child != null),
  );
}

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (name === 'dataset') Object.assign(element.dataset, value);
  else if (name === 'class') element.className = value;
  else element.setAttribute(name, value === true ? '' : value);
}

/** A link that stays in the page. */
export function link(href, properties, ...children) {
  return h('a', { href, dataset: { link: '' }, ...properties }, ...children);
}

export function button(label, onclick, properties = {}) {
  return h('button', { type: 'button', onclick, ...properties }, label);
}

let fading;

/** Says something for a moment; also to a screen reader. */
export function toast(text) {
  const place = document.getElementById('toast');
  place.textContent = text;
  place.classList.add('shown');
  clearTimeout(fading);
  fading = setTimeout(() => place.classList.remove('shown'), 4000);
}
