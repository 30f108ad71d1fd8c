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
  if (expectation(request) === 'continue') response.writeContinue();
  if (encoding !== undefined) return spoolBody(request, limits);
  const length = Number(declared);
  const stream = length > HOLDABLE_BYTES ? new HeldBody(request, limits.temporaryFolder) : request;
  return { kind: 'spooled', body: { length, stream } };
}

/** RFC 9110 §10.1.1: whether the client waits for leave to send its body, or for what nobody knows. HTTP/1.0 has no such field. */
export function expectation({ httpVersionMinor, headers }: IncomingMessage): 'none' | 'continue' | 'unknown' {
  if (headers.expect === undefined || httpVersionMinor === 0) return 'none';
  const members = headers.expect.split(',').map((member) => member.trim().toLowerCase());
  const expected = members.filter((member) => member !== '');
  if (expected.length === 0) return 'none';
  return expected.every((member) => member === '100-continue') ? 'continue' : 'unknown';
}
