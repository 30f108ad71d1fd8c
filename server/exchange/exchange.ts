// The record of one request: what the log line, the failure page and the inspector read.
import type { ByteString } from '../config/byte-string.ts';
import type { Tolerance } from '../config/schema.ts';
import type { Cause, Exit } from '../diagnosis/cause.ts';
import type { Recording } from './recording.ts';

/** How the answer ended: whole, cut by us or the script's end, or left by the client. */
export type Ending = 'complete' | 'truncated' | 'clientGone';

/** One request and its answer. Times are milliseconds since the epoch. */
export interface Exchange {
  readonly id: string;
  readonly startedAt: number;
  readonly method: string;
  /** Path and query as received. */
  readonly requestUri: ByteString;
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly referer: ByteString | undefined;
  readonly userAgent: ByteString | undefined;
  /** What the URL meant in the end; "server" is an answer of the server itself. */
  resource: 'script' | 'file' | 'directory' | 'movedTo' | 'absent' | 'refused' | 'server';
  /** File of the script that answered or failed. */
  scriptFile: ByteString | undefined;
  scriptName: ByteString | undefined;
  runner: string | undefined;
  pid: number | undefined;
  readonly tolerated: Tolerance[];
  readonly remarks: string[];
  cause: Cause | undefined;
  /** The title of explain(): one line that says what went wrong. The log line derives one from the cause without it. */
  diagnosis?: string | undefined;
  exit: Exit | undefined;
  /** Settles when the script that ran last has ended; absent where none was started. */
  exited: Promise<void> | undefined;
  /** Status sent; 0 where none was (the client left before). */
  status: number;
  /** Body bytes sent. */
  bytesSent: number;
  finishedAt: number | undefined;
  /** Absent while the answer goes on. */
  ending: Ending | undefined;
  /** Everything else, for the inspector; absent where that is off, or the record has made room for newer ones. */
  recording?: Recording | undefined;
}

type Request = Pick<
  Exchange,
  'id' | 'startedAt' | 'method' | 'requestUri' | 'protocol' | 'remoteAddress' | 'referer' | 'userAgent'
>;

/** A record with nothing answered yet. */
export function beginExchange(request: Request): Exchange {
  return {
    ...request,
    resource: 'server',
    scriptFile: undefined,
    scriptName: undefined,
    runner: undefined,
    pid: undefined,
    tolerated: [],
    remarks: [],
    cause: undefined,
    exit: undefined,
    exited: undefined,
    status: 0,
    bytesSent: 0,
    finishedAt: undefined,
    ending: undefined,
  };
}
