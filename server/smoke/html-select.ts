// Elements of a page by CSS selector (htmlparser2, css-select), forgiving as browsers are with old HTML.
// Pure. A selector that is none gives undefined.
import { selectAll } from 'css-select';
import { DomUtils, parseDocument } from 'htmlparser2';

type Node = ReturnType<typeof parseDocument>['children'][number];
type Element = Extract<Node, { readonly attribs: unknown }>;

export interface SelectedElement {
  readonly name: string;
  /** Its text, blanks made one. */
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export function selectElements(html: string, selector: string): readonly SelectedElement[] | undefined {
  return elementsOf(html)(selector);
}

/** The same for many selectors of one page, which is parsed once. */
export function elementsOf(html: string): (selector: string) => readonly SelectedElement[] | undefined {
  const { children } = parseDocument(html);
  return (selector) => selected(children, selector);
}

/** Is it a selector, or will it be one when its templates are filled? */
export function isSelector(text: string): boolean {
  return text.includes('{{') || selected([], text) !== undefined;
}

function selected(children: Node[], selector: string): readonly SelectedElement[] | undefined {
  try {
    const found = selectAll(selector, children) as Element[];
    return found.map((element) => ({
      name: element.name,
      text: DomUtils.textContent(element).replace(/\s+/g, ' ').trim(),
      attributes: element.attribs,
    }));
  } catch {
    return undefined;
  }
}
