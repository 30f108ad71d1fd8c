// All that happened in one request, kept for the inspector: bytes of every stream, command, times (PRODUCT.md section 8).
// Only takes notes: nothing is parsed, formatted or masked here, for it is paid by every request.
import type { Command } from '../cgi/launcher.ts';
import type { HeaderField } from '../cgi/script-request.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Tolerance } from '../config/schema.ts';
import type { Cause, Exit } from '../diagnosis/cause.ts';
import type { ScriptPlace } from '../site/resource.ts';
import { type Charge, KeptStream } from './kept-stream.ts';

/** Times of a run: milliseconds since the request was accepted; absent where it did not happen. */
export interface RunTimes {
  readonly found: number;
  started?: number;
  firstOutput?: number;
  header?: number;
  lastOutput?: number;
  exit?: number;
}

/** One run of one script; a local redirect to a script makes a second one. */
export interface RecordedRun {
  readonly scriptFile: ByteString;
  readonly scriptName: ByteString;
  /** Raw, before the header is parsed. */
  readonly stdout: KeptStream;
  readonly stderr: KeptStream;
  readonly tolerated: Tolerance[];
  readonly times: RunTimes;
  command?: Command;
  pid?: number;
  runner?: string;
  /** Header that the script wrote, where it was lawful. */
  header?: readonly HeaderField[];
  cause?: Cause;
  exit?: Exit;
}

/** The request as it came. */
export interface RecordedRequest {
  /** In order, names as sent. */
  readonly fields: readonly HeaderField[];
  readonly remotePort: number;
  /** "http" or "https": how the site itself was reached. */
  readonly scheme: 'http' | 'https';
}

export interface RecordingOptions {
  /** Most bytes kept of one stream, as it is now. */
  readonly share: () => number;
  readonly charge: Charge;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
}

// An object of the JavaScript engine with its few strings; an estimate, so that many small records count too.
const RECORD_CHARGE = 2048;
const RUN_CHARGE = 1024;
const ENTRY_CHARGE = 64;

export class Recording {
  readonly request: RecordedRequest;
  readonly body: KeptStream;
  readonly runs: RecordedRun[] = [];
  /** Status line and header as they went out; absent where none did, or an NPH script wrote its own. */
  head: ByteString | undefined;
  /** Body of a page that the server wrote itself. */
  page: Uint8Array | undefined;
  /** When the last byte went out: milliseconds since the request was accepted. */
  finished: number | undefined;
  /** Id of the request that this one repeats. */
  replayOf: string | undefined;
  readonly #options: RecordingOptions;
  readonly #accepted: number;

  constructor(request: RecordedRequest, options: RecordingOptions) {
    this.request = request;
    this.#options = options;
    this.#accepted = options.now();
    this.body = new KeptStream(options);
    options.charge(RECORD_CHARGE + sizeOf(request.fields));
  }

  /** Milliseconds since the request was accepted. */
  elapsed(): number {
    return this.#options.now() - this.#accepted;
  }

  beginRun({ scriptFile, scriptName }: ScriptPlace): RecordedRun {
    const stdout = new KeptStream(this.#options);
    const stderr = new KeptStream(this.#options);
    const run: RecordedRun = {
      scriptFile,
      scriptName,
      stdout,
      stderr,
      tolerated: [],
      times: { found: this.elapsed() },
    };
    this.runs.push(run);
    this.#options.charge(RUN_CHARGE);
    return run;
  }

  /** What a run was started with. */
  started(run: RecordedRun, { command, pid, runner }: { command: Command; pid: number; runner: string }): void {
    run.times.started = this.elapsed();
    Object.assign(run, { command, pid, runner });
    let size = 0;
    const { environment } = command;
    for (const name in environment) size += ENTRY_CHARGE + name.length + (environment[name]?.length ?? 0);
    this.#options.charge(size);
  }

  /** A page of the server's own goes out. */
  ownPage(body: Uint8Array): void {
    this.page = body;
    this.#options.charge(body.length);
  }
}

function sizeOf(fields: readonly HeaderField[]): number {
  let size = 0;
  for (const [name, value] of fields) size += ENTRY_CHARGE + name.length + value.length;
  return size;
}
