// What a run of a script gives: the answer that http/reply.ts puts on the wire.
import type { ByteString } from '../config/byte-string.ts';
import type { Cause, Evidence } from '../diagnosis/cause.ts';
import type { ResponseHead } from './response.ts';
import type { OutputSink } from './running-script.ts';
import type { HeaderField } from './script-request.ts';

/** The rest of a script's output. It comes only once a sink is given. */
export interface ScriptOutput {
  /** Output that came with the header. */
  readonly first: Uint8Array;
  /** Hands on what follows `first`; only from `resume` on if the sink is not ready. */
  pipeTo(sink: OutputSink, isReady?: boolean): void;
  resume(): void;
  /** The answer is whole without the rest. */
  discard(): void;
}

export type ScriptResponse =
  | { readonly kind: 'document' | 'clientRedirect'; readonly head: ResponseHead; readonly output: ScriptOutput }
  /** `fields` go with the final answer. */
  | { readonly kind: 'localRedirect'; readonly location: ByteString; readonly fields: readonly HeaderField[] }
  /** Non-parsed header (RFC 3875 §5): the output goes to the wire as it is. */
  | { readonly kind: 'nph'; readonly output: ScriptOutput }
  | { readonly kind: 'failed'; readonly cause: Cause; readonly evidence: Evidence }
  /** Nobody is there to be answered. */
  | { readonly kind: 'clientGone' };
