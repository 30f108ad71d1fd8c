// Cookies kept from request to request of one plan, as a browser keeps them for one host (RFC 6265 §5.3, §5.4).
// Domain is not looked at: a plan asks one server only, and the old server's domain is not ours.
import type { HeaderField } from './client.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export class CookieJar {
  #cookies: readonly Cookie[] = [];

  /** Takes the Set-Cookie fields of an answer to a request for `path`. */
  keep(fields: readonly HeaderField[], path: string, now: number): void {
    for (const [name, value] of fields) if (name.toLowerCase() === 'set-cookie') this.#set(value, path, now);
  }

  /** The Cookie field for a request; "" where no cookie fits. The longest path comes first. */
  header(path: string, added: Readonly<Record<string, string>> = {}): string {
    const [place = '/'] = path.split('?');
    const fitting = this.#cookies
      .filter((cookie) => fits(cookie.path, place) && !Object.hasOwn(added, cookie.name))
      .toSorted((a, b) => b.path.length - a.path.length);
    const pairs = [...fitting.map(({ name, value }) => [name, value] as const), ...Object.entries(added)];
    return pairs.map(([name, value]) => `${name}=${value}`).join('; ');
  }

  value(name: string): string | undefined {
    return this.#cookies.findLast((cookie) => cookie.name === name)?.value;
  }

  #set(text: string, requested: string, now: number): void {
    const [pair = '', ...attributes] = text.split(';');
    const equals = pair.indexOf('=');
    if (equals === -1) return;
    const attribute = (wanted: string): string | undefined =>
      attributes
        .map((part) => /^\s*([^=]*?)\s*(?:=\s*(.*?)\s*)?$/.exec(part))
        .findLast((found) => found?.[1]?.toLowerCase() === wanted)?.[2];
    const path = attribute('path');
    const cookie = {
      name: pair.slice(0, equals).trim(),
      value: pair.slice(equals + 1).trim(),
      path: path?.startsWith('/') ? path : defaultPath(requested),
    };
    const others = this.#cookies.filter((kept) => kept.name !== cookie.name || kept.path !== cookie.path);
    this.#cookies = hasExpired(attribute, now) ? others : [...others, cookie];
  }
}

function hasExpired(attribute: (name: string) => string | undefined, now: number): boolean {
  const maxAge = attribute('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = Date.parse(attribute('expires')?.replaceAll('-', ' ') ?? '');
  return !Number.isNaN(expires) && expires <= now;
}

/** §5.1.4 */
function defaultPath(requested: string): string {
  const [path = '/'] = requested.split('?');
  return path.lastIndexOf('/') <= 0 ? '/' : path.slice(0, path.lastIndexOf('/'));
}

function fits(cookiePath: string, path: string): boolean {
  if (cookiePath === path) return true;
  return path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/');
}
