// Who may speak to the inspector: it shows secrets and runs scripts, so no page of another site may reach it.
// Host against DNS rebinding, Origin and Sec-Fetch-Site against other pages (Fetch Metadata, W3C). Pure.

export interface Visit {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site and Sec-Fetch-Mode: sent by browsers alone, which let no page forge them. */
  readonly fetchSite: string | undefined;
  readonly fetchMode: string | undefined;
  readonly contentType: string | undefined;
}

// Any port: in a container it is published under another one.
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
// As they are written in links; an encoded character could stand for one that leads elsewhere.
const PAGES = /^\/(?:(?:r|compare|mail)\/[\w./-]+|scripts|mail)?$/;
const READS = new Set(['GET', 'HEAD']);
// Failure pages, which are the site's, may ask whether a script's file has changed; it tells nothing else.
const OPEN_TO_PAGES = /^\/api\/requests\/[^/]+\/changes$/;

/** Why the visit is refused with 403; absent where it may pass. */
export function refusalOf(visit: Visit): string | undefined {
  if (!LOCAL_HOST.test(visit.host ?? ''))
    return 'The inspector answers only as localhost, 127.0.0.1 or [::1]: open it by one of these names.';
  const isRead = READS.has(visit.method);
  if (isRead && OPEN_TO_PAGES.test(visit.path)) return undefined;
  if (isRead && isFollowedLink(visit)) return undefined;
  if (isOfAnotherPage(visit)) return 'The request comes from a page that is not the inspector.';
  if (visit.method === 'POST' && !/^application\/json\s*(;|$)/i.test(visit.contentType ?? ''))
    return 'A POST must have the content type application/json.';
  return undefined;
}

/** The link of a failure page, which is of another origin; what it leads to is shown to nobody but the person. */
function isFollowedLink({ path, origin, fetchMode }: Visit): boolean {
  return fetchMode === 'navigate' && origin === undefined && PAGES.test(path);
}

function isOfAnotherPage({ host, origin, fetchSite }: Visit): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}
