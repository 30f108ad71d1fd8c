// Why a script gave no lawful answer: the one table of causes that failure page, log line, inspector and doctor share.
import type { ByteString } from '../config/byte-string.ts';

/** How a process ended: an exit status, or the name of the signal that ended it. */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string };

export type Cause =
  // The script could not be started.
  | { readonly kind: 'notExecutable' }
  | { readonly kind: 'shebangMissing' }
  | { readonly kind: 'shebangCarriageReturn'; readonly interpreter: ByteString }
  | { readonly kind: 'shebangByteOrderMark' }
  /** `interpreter` as the #! line, or the configuration, writes it. */
  | { readonly kind: 'interpreterMissing'; readonly interpreter: ByteString }
  /** The system's own word for the refusal: EACCES, ENOEXEC, EAGAIN, ENOMEM … */
  | { readonly kind: 'couldNotStart'; readonly errno: string }
  | { readonly kind: 'environmentTooLarge' }
  // It was started and gave no lawful header (RFC 3875 §6). `exit` is absent where it was still running.
  | { readonly kind: 'noOutput'; readonly exit: Exit | undefined }
  /** It ended, or closed its output, in the middle of the header. */
  | { readonly kind: 'headerIncomplete'; readonly exit: Exit | undefined }
  /** `line` counts from 1; the first bytes of the output are in the evidence. */
  | { readonly kind: 'headerMalformed'; readonly line: number; readonly reason: string }
  | { readonly kind: 'headerTooLarge'; readonly limit: string }
  /** A header without Content-Type, Location or Status (§6.3). */
  | { readonly kind: 'headerWithoutCgiField' }
  | { readonly kind: 'statusMalformed'; readonly line: number; readonly value: ByteString }
  | { readonly kind: 'locationMalformed'; readonly line: number; readonly value: ByteString }
  | { readonly kind: 'localRedirectLoop'; readonly limit: number }
  // A limit.
  | { readonly kind: 'timeLimit'; readonly seconds: number }
  | { readonly kind: 'queueFull'; readonly running: number; readonly waiting: number }
  | { readonly kind: 'bodyTooLarge'; readonly limitBytes: number }
  // The server.
  | { readonly kind: 'stopping' }
  | { readonly kind: 'runnerLost' }
  /** `folder` is where the body was to be kept. */
  | { readonly kind: 'spoolFailed'; readonly errno: string; readonly folder: ByteString };

/** What is known of a failed run, for the explanation. */
export interface Evidence {
  readonly scriptFile: ByteString;
  readonly scriptName: ByteString;
  /** QUERY_STRING of the run; absent where nobody knows it, "" where there was none. */
  readonly query?: ByteString | undefined;
  /** A program in the code of a processor: no line can be put into it. */
  readonly isCompiled?: boolean;
  /** The program and switches that it was given to; absent where it was executed itself, or never started. */
  readonly givenTo?: readonly ByteString[] | undefined;
  /** What the script wrote to stderr, at most its first 64 KiB. */
  readonly stderr: ByteString;
  /** The first bytes of its stdout, at most 4 KiB. */
  readonly output: ByteString;
  /** The text of the script, at most its first MiB; absent where nobody looked. It is asked, and never shown. */
  readonly source?: ByteString | undefined;
  /** The names in the folder of the script; absent where nobody looked. */
  readonly namesBeside?: readonly ByteString[] | undefined;
  /** What the system says of `refusedFile(stderr)`; absent where stderr names none, or nobody looked. */
  readonly namedFile?: NamedFile | undefined;
  /** `pageEncoding` of the script, where Python cannot decode it; absent where nothing says, or nobody looked. */
  readonly sourceEncoding?: string | undefined;
}

/** Owner and mode of a file that a script was refused. */
export interface NamedFile {
  readonly ownerId: number;
  readonly groupId: number;
  /** As stat(2) gives it. */
  readonly mode: number;
  /** The user that runs the scripts. */
  readonly runsAs: number;
}

/** The status of the answer (RFC 9110 §15). */
export function statusOf(cause: Cause): 413 | 431 | 500 | 503 | 504 {
  switch (cause.kind) {
    case 'bodyTooLarge':
      return 413;
    case 'environmentTooLarge':
      return 431;
    case 'queueFull':
    case 'stopping':
      return 503;
    case 'timeLimit':
      return 504;
    default:
      return 500;
  }
}
