// The body of a request for a script: absent, of known length, or spooled until its length is known.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Spooling, type SpoolLimits, spoolBody } from './body-spool.ts';
import { HeldBody, HOLDABLE_BYTES } from './held-body.ts';

export type BodyOutcome = { readonly kind: 'none' } | Spooling;

/** Decides whether there is a body, and takes it. A client that asked first ("Expect: 100-continue") is told to send. */
export async function requestBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: SpoolLimits,
): Promise<BodyOutcome> {
  const { 'content-length': declared, 'transfer-encoding': encoding } = request.headers;
  if (declared === undefined && encoding === undefined) return { kind: 'none' };
  if (declared !== undefined && Number(declared) > limits.limitBytes) return { kind: 'tooLarge' };
  if (expectsContinue(request)) response.writeContinue();
  if (encoding !== undefined) return spoolBody(request, limits);
  const length = Number(declared);
  const stream = length > HOLDABLE_BYTES ? new HeldBody(request, limits.temporaryFolder) : request;
  return { kind: 'spooled', body: { length, stream } };
}

/** The client waits for leave to send its body (RFC 9110 §10.1.1); HTTP/1.0 does not know of it. */
function expectsContinue(request: IncomingMessage): boolean {
  return request.httpVersionMinor > 0 && request.headers.expect?.toLowerCase() === '100-continue';
}
