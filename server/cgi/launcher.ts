// How a script's process is started: one interface for every runner (direct, forkserver, warm).
// Promises of each: its own session, umask 022, the environment given and nothing else, no descriptor above 2.
import type { Writable } from 'node:stream';
import type { ByteString } from '../config/byte-string.ts';
import type { Exit } from '../diagnosis/cause.ts';
import type { ScriptStream } from './script-stream.ts';

/** What to execute. Every string is bytes; `file` is an absolute path. */
export interface Command {
  readonly file: ByteString;
  /** Arguments after the program's name. */
  readonly args: readonly ByteString[];
  readonly workingDirectory: ByteString;
  readonly environment: Readonly<Record<string, ByteString>>;
  /** Without a body stdin is empty. */
  readonly hasBody: boolean;
  /** Absent where nobody asked for a warm interpreter. */
  readonly warm?: WarmWish | undefined;
}

export type WarmLanguage = 'perl' | 'python3';

/** A command for a warm interpreter: the same run, seen from the interpreter. */
export interface WarmCommand {
  readonly language: WarmLanguage;
  /** Absolute path of the interpreter. */
  readonly program: ByteString;
  /** Its name, its switches, the script, and the script's arguments. */
  readonly argv: readonly ByteString[];
  /** Absolute path of the script. */
  readonly script: ByteString;
}

export type WarmWish =
  | ({ readonly kind: 'wanted' } & WarmCommand)
  /** Asked for, and known not to be possible. */
  | { readonly kind: 'refused'; readonly reason: string };

/** A running script. It leads its own process group: `signalGroup` reaches its children too. */
export interface ScriptProcess {
  readonly pid: number;
  /** Absent where the command has no body. */
  readonly stdin: Writable | undefined;
  readonly stdout: ScriptStream;
  readonly stderr: ScriptStream;
  /** Settles when the process itself has ended; its pipes may be open still. Never rejects. */
  readonly exit: Promise<Exit>;
  /** Sends a signal to the whole group; nothing happens when it is gone. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Started, or the system's word for why not (ENOENT, EACCES, ENOEXEC, E2BIG, EAGAIN …). */
export type Launch =
  | {
      readonly kind: 'started';
      readonly process: ScriptProcess;
      /** Where it is not the launcher's own. */
      readonly runner?: Launcher['name'];
      /** Why it was not run as asked. */
      readonly remark?: string;
    }
  | { readonly kind: 'failed'; readonly errno: string };

export interface Launcher {
  /** As the record shows it. */
  readonly name: 'direct' | 'forkserver' | 'warm';
  /** Starts one script. Never rejects. */
  launch(command: Command): Promise<Launch>;
  /** Ends what the launcher keeps running for itself; scripts are not touched. */
  close(): Promise<void>;
}
