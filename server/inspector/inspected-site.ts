// What the inspector needs of a running site, and nothing of how it serves.
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import type { History } from '../exchange/history.ts';
import type { Mailbox } from '../mail/mailbox.ts';

export interface InspectedSite {
  /** "http://127.0.0.1:8000": where the site listens. */
  readonly url: string;
  readonly history: History;
  /** Absent where mail is off. */
  readonly mailbox: Mailbox | undefined;
  /** The configuration in force. */
  readonly config: () => Config;
  readonly configFile: string | undefined;
  /** The environment of the server: its PATH decides which interpreters there are. */
  readonly environment: Environment;
  /** "cgibox/1.0" */
  readonly software: string;
}
