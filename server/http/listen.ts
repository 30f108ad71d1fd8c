// Starts and stops the server: the only file of this room that touches the operating system.
import type { Config } from '../config/schema.ts';

/** What the process lends to a server: read once in main.ts, never from `process` here. */
export interface Surroundings {
  /** The process environment: PATH, LANG, TZ, HOME, TMPDIR and `cgi.passEnvironment` are taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for spooled bodies. */
  readonly temporaryFolder: string;
  /** Takes one line of the log, without its line end. Must not block. */
  readonly writeLog: (line: string) => void;
  /** Takes one warning or error for the operator, without its line end. */
  readonly warn: (line: string) => void;
  /** stdout is a terminal: `log.format: auto` is then pretty, and may be coloured. */
  readonly isTerminal: boolean;
  readonly mayColour: boolean;
}

export interface RunningServer {
  /** "http://127.0.0.1:8000": the address and port really bound. */
  readonly url: string;
  /** Takes a new configuration for every request from now on. `server.*` needs a restart: a warning says so. */
  reconfigure(config: Config): Promise<void>;
  /** Stops accepting, lets requests in flight finish for `server.graceSeconds`, then ends their process groups. */
  stop(): Promise<void>;
  /** Ends every script's process group and closes at once. */
  kill(): Promise<void>;
}

/**
 * Binds the address and serves the site.
 *
 * @throws CgiboxError PORT_TAKEN, PORT_FORBIDDEN, ADDRESS_UNAVAILABLE, TLS_UNUSABLE, SITE_UNUSABLE
 */
export declare function startServer(config: Config, surroundings: Surroundings): Promise<RunningServer>;
