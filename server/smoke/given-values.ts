// What an answer gives that a later request may send back: hidden fields, ids in links and redirects, cookies, JSON.
// Pure. Each comes with the capture that takes it from the answer again.
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import { bodyText, headerValues } from './answer-text.ts';
import { captured } from './captures.ts';
import type { Answer } from './client.ts';
import { CookieJar } from './cookie-jar.ts';
import { selectElements } from './html-select.ts';
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

/** Everything but what only `valueInText` finds. */
export function givenValues(answer: GivingAnswer): readonly GivenValue[] {
  const [type = ''] = headerValues(answer.fields, 'content-type');
  const text = answer.body.length > MAX_BYTES ? '' : bodyText(answer);
  return [
    ...ofHeader(answer),
    ...(/html|xml/i.test(type) ? [...ofFields(text), ...ofLinks(text)] : []),
    ...(/json/i.test(type) ? ofJson(text) : []),
  ];
}

/** What a capture takes from an answer; absent where there is nothing. */
export function valueTaken(how: Capture, answer: GivingAnswer): string | undefined {
  return captured(how, { answer: { kind: 'answer', milliseconds: 0, localPort: 0, ...answer }, jar: new CookieJar() });
}

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

function ofFields(html: string): readonly GivenValue[] {
  const forms = selectElements(html, 'form[action]') ?? [];
  const actions = [...new Set(forms.map(({ attributes }) => attributes.action ?? ''))];
  const inputs = (selectElements(html, 'input[name][value]') ?? []).flatMap(({ attributes }): readonly GivenValue[] => {
    const { name: field = '', value = '', type = 'text' } = attributes;
    if (NO_VALUE.has(type.toLowerCase())) return [];
    const selector = `input[name=${JSON.stringify(field)}]`;
    // Two forms of a page have a field of the same name each.
    const selectors = [selector, ...actions.map((action) => `form[action=${JSON.stringify(action)}] ${selector}`)];
    return selectors.map((each) => ({ field, value, isEncoded: false, how: { html: each, attribute: 'value' } }));
  });
  const metas = (selectElements(html, 'meta[name][content]') ?? []).map(({ attributes }): GivenValue => {
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

function ofLinks(html: string): readonly GivenValue[] {
  return LINKS.flatMap(([element, attribute]) =>
    (selectElements(html, `${element}[${attribute}]`) ?? []).flatMap(({ attributes }) => {
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

const CONTEXT = 24;

/** A value that stands anywhere in the text of an answer, for example in a script of the page. */
export function valueInText(answer: GivingAnswer, value: string): GivenValue | undefined {
  if (answer.body.length > MAX_BYTES) return undefined;
  const text = bodyText(answer);
  const at = text.indexOf(value);
  const before = text.slice(Math.max(0, at - CONTEXT), Math.max(0, at)).replace(/^[\s\S]*\n/, '');
  if (at === -1 || before.trim() === '' || before.includes('{{')) return undefined;
  const how = { matches: `${patternText(before)}([\\w.~+/=%-]+)` };
  return { field: undefined, value, isEncoded: false, how };
}

/** "a%20b+c" → "a b c"; what is no lawful encoding stays. */
export function decodedValue(value: string): string {
  const bytes = bytesOfText(value)
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return textOfBytes(bytes);
}
