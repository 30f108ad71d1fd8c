// Where a local redirect leads (RFC 3875 §6.2.2): for a client's request, and for that of `cgibox exec`.
import type { ByteString } from '../config/byte-string.ts';
import type { Cause } from '../diagnosis/cause.ts';
import { requestTarget, type Target } from '../site/request-target.ts';

/** What the client asks for, or what a local redirect leads to: a GET without body then. */
export interface Step {
  readonly target: Target;
  readonly method: string;
  readonly redirectedFrom: Target | undefined;
}

export type Redirection =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'failed'; readonly cause: Cause };

const MAX_LOCAL_REDIRECTS = 10;

/** What comes after a script has answered with this Location; `hop` counts the redirects before it. */
export function redirected({ target, method }: Step, location: ByteString, hop: number): Redirection {
  const next = requestTarget(location);
  if (next.kind === 'refused')
    return { kind: 'failed', cause: { kind: 'locationMalformed', line: 1, value: location } };
  if (hop === MAX_LOCAL_REDIRECTS)
    return { kind: 'failed', cause: { kind: 'localRedirectLoop', limit: MAX_LOCAL_REDIRECTS } };
  const step = { target: next.target, method: method === 'HEAD' ? 'HEAD' : 'GET', redirectedFrom: target };
  return { kind: 'step', step };
}
