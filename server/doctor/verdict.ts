// What an interpreter says of a file when it is to compile it.
import type { ByteString } from '../config/byte-string.ts';

export type Verdict =
  | { readonly kind: 'good' }
  /** What the interpreter said; isForBash: bash takes what sh refused. */
  | { readonly kind: 'refused'; readonly stderr: ByteString; readonly isForBash?: boolean }
  /** It would not be compiled without writing a file or using the network; what it said then. */
  | { readonly kind: 'stopped'; readonly stderr: ByteString }
  | { readonly kind: 'timeLimit' }
  | { readonly kind: 'notAsked' };
