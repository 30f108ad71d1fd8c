// What an answer gives that a later request may send back: hidden fields, ids in links and redirects, cookies, JSON.
// Pure. Each comes with the capture that takes it from the answer again.
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import { bodyText, headerValues } from './answer-text.ts';
import { captured } from './captures.ts';
import type { Answer } from './client.ts';
import { CookieJar } from './cookie-jar.ts';
import { elementsOf } from './html-select.ts';
import type { Capture } from './plan.ts';
import { patternText } from './redaction.ts';

export type GivingAnswer = Pick<Answer, 'status' | 'fields' | 'body'>;

export interface GivenValue {
  /** Of the field, parameter, cookie or key; absent for a part of a path. */
  readonly field: string | undefined;
  readonly value: string;
  /** Percent-encoded, as it stands in a link. */
  readonly isEncoded: boolean;
  readonly how: Capture;
}

/** A page larger than this is a listing, not a form. */
const MAX_BYTES = 256 * 1024;

/** An answer that is looked through for many values: its page is parsed once. */
export class GivingPage {
  readonly #answer: GivingAnswer;
  readonly #text: string;
  readonly #taken = new Map<string, string | undefined>();
  #select: Select | undefined;
  #values: ReadonlyMap<string, readonly GivenValue[]> | undefined;

  constructor(answer: GivingAnswer) {
    this.#answer = answer;
    this.#text = answer.body.length > MAX_BYTES ? '' : bodyText(answer);
  }

  /** Everything but what only `inText` finds, by value. */
  get values(): ReadonlyMap<string, readonly GivenValue[]> {
    this.#values ??= Map.groupBy(this.#given(), ({ value }) => value);
    return this.#values;
  }

  /** What a capture takes from it; absent where there is nothing. */
  taken(how: Capture): string | undefined {
    const key = JSON.stringify(how);
    if (!this.#taken.has(key)) this.#taken.set(key, this.#take(how));
    return this.#taken.get(key);
  }

  /** A value that stands anywhere in the text, for example in a script of the page. */
  inText(value: string): GivenValue | undefined {
    const at = this.#text.indexOf(value);
    const before = this.#text.slice(Math.max(0, at - CONTEXT), Math.max(0, at)).replace(/^[\s\S]*\n/, '');
    if (at === -1 || before.trim() === '' || before.includes('{{')) return undefined;
    const how = { matches: `${patternText(before)}([\\w.~+/=%-]+)` };
    return { field: undefined, value, isEncoded: false, how };
  }

  #take(how: Capture): string | undefined {
    const answer = { kind: 'answer', milliseconds: 0, localPort: 0, ...this.#answer } as const;
    return captured(how, { answer, jar: new CookieJar(), ...(how.html !== undefined && { select: this.#page() }) });
  }

  #page(): Select {
    this.#select ??= elementsOf(this.#text);
    return this.#select;
  }

  #given(): readonly GivenValue[] {
    const [type = ''] = headerValues(this.#answer.fields, 'content-type');
    return [
      ...ofHeader(this.#answer),
      ...(/html|xml/i.test(type) ? [...ofFields(this.#page()), ...ofLinks(this.#page())] : []),
      ...(/json/i.test(type) ? ofJson(this.#text) : []),
    ];
  }
}

const CONTEXT = 24;

function ofHeader({ fields }: GivingAnswer): readonly GivenValue[] {
  const inUrl = headerValues(fields, 'location').flatMap((url) =>
    urlParts(url.replace(/^https?:\/\/[^/]*/i, '')).map(({ before, ...part }): GivenValue => {
      const matches = part.field === undefined ? `${patternText(before)}([^/?#]+)` : parameterPattern(part.field);
      return { ...part, isEncoded: true, how: { header: 'Location', matches } };
    }),
  );
  const cookies = headerValues(fields, 'set-cookie').flatMap((text): readonly GivenValue[] => {
    const [, field, value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(text) ?? [];
    if (field === undefined) return [];
    const how = { header: 'Set-Cookie', matches: `^${patternText(field)}=([^;]*)` };
    return [{ field, value: value.trim(), isEncoded: false, how }];
  });
  return [...inUrl, ...cookies];
}

const NO_VALUE: ReadonlySet<string> = new Set(['submit', 'image', 'reset', 'button', 'password', 'file']);

type Select = ReturnType<typeof elementsOf>;

function ofFields(select: Select): readonly GivenValue[] {
  const forms = select('form[action]') ?? [];
  const actions = [...new Set(forms.map(({ attributes }) => attributes.action ?? ''))];
  const inputs = (select('input[name][value]') ?? []).flatMap(({ attributes }): readonly GivenValue[] => {
    const { name: field = '', value = '', type = 'text' } = attributes;
    if (NO_VALUE.has(type.toLowerCase())) return [];
    const selector = `input[name=${JSON.stringify(field)}]`;
    // Two forms of a page have a field of the same name each.
    const selectors = [selector, ...actions.map((action) => `form[action=${JSON.stringify(action)}] ${selector}`)];
    return selectors.map((each) => ({ field, value, isEncoded: false, how: { html: each, attribute: 'value' } }));
  });
  const metas = (select('meta[name][content]') ?? []).map(({ attributes }): GivenValue => {
    const { name: field = '', content: value = '' } = attributes;
    return {
      field,
      value,
      isEncoded: false,
      how: { html: `meta[name=${JSON.stringify(field)}]`, attribute: 'content' },
    };
  });
  return [...inputs, ...metas];
}

const LINKS: readonly (readonly [elements: string, attribute: string])[] = [
  ['a', 'href'],
  ['area', 'href'],
  ['form', 'action'],
  ['frame', 'src'],
  ['iframe', 'src'],
];

function ofLinks(select: Select): readonly GivenValue[] {
  return LINKS.flatMap(([element, attribute]) =>
    (select(`${element}[${attribute}]`) ?? []).flatMap(({ attributes }) => {
      const link = (attributes[attribute] ?? '').trim();
      if (/^(?:[a-z][\w+.-]*:|\/\/|#)/i.test(link) && !/^https?:/i.test(link)) return [];
      return urlParts(link).flatMap(({ before, ...part }): readonly GivenValue[] => {
        const given = (start: string, matches: string): GivenValue => {
          const how = { html: `${element}[${attribute}${start}]`, attribute, matches };
          return { ...part, isEncoded: true, how };
        };
        const [from, whole] = [`^=${JSON.stringify(before)}`, `^${patternText(before)}([^/?#&;]+)`];
        if (part.field === undefined) return [given(from, whole)];
        const pattern = parameterPattern(part.field);
        // The first link with such a parameter; else the first that begins like this one.
        return [given(`*=${JSON.stringify(`${part.field}=`)}`, pattern), given(from, pattern)];
      });
    }),
  );
}

function parameterPattern(field: string): string {
  return `[?&;]${patternText(field)}=([^&;#]*)`;
}

interface UrlPart {
  readonly field: string | undefined;
  readonly value: string;
  /** What stands before the value. */
  readonly before: string;
}

/** Parameters of a query, and the parts of a path that something stands before. */
function urlParts(url: string): readonly UrlPart[] {
  const [plain = ''] = url.split('#');
  const [path = ''] = plain.split('?');
  const parameters = [...plain.matchAll(/[?&;]([^=&;?]+)=([^&;]*)/g)].map((match): UrlPart => {
    const [whole, field = '', value = ''] = match;
    return { field, value, before: plain.slice(0, match.index + whole.length - value.length) };
  });
  const segments = [...path.matchAll(/[^/]+/g)].flatMap((match): readonly UrlPart[] =>
    match.index === 0 ? [] : [{ field: undefined, value: match[0], before: path.slice(0, match.index) }],
  );
  return [...parameters, ...segments];
}

const MAX_LEAVES = 200;

function ofJson(text: string): readonly GivenValue[] {
  const found: GivenValue[] = [];
  const visit = (value: unknown, path: string, field: string): void => {
    if (found.length >= MAX_LEAVES) return;
    if (typeof value === 'string' || typeof value === 'number')
      found.push({ field, value: String(value), isEncoded: false, how: { json: path } });
    else if (typeof value === 'object' && value !== null)
      for (const [key, below] of Object.entries(value)) visit(below, path + step(key, Array.isArray(value)), key);
  };
  try {
    visit(JSON.parse(text), '$', '');
  } catch {
    // Not what it says it is.
  }
  return found;
}

function step(key: string, isIndex: boolean): string {
  if (isIndex) return `[${key}]`;
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** "a%20b+c" → "a b c"; what is no lawful encoding stays. */
export function decodedValue(value: string): string {
  const bytes = bytesOfText(value)
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return textOfBytes(bytes);
}
