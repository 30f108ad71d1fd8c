// What the inspector needs of a running site, and nothing of how it serves.
import type { ByteString } from '../config/byte-string.ts';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import type { History } from '../exchange/history.ts';
import type { Mailbox } from '../mail/mailbox.ts';

/** What doctor says of files of the site. */
export interface SiteFinding {
  readonly id: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly title: string;
  readonly why: string;
  readonly mend: readonly string[];
  /** Absolute paths; lines count from 1. */
  readonly places: readonly { readonly file: ByteString; readonly line?: number | undefined }[];
}

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
  /** Asks doctor, which takes a moment: what it finds now. */
  readonly findings: () => Promise<readonly SiteFinding[]>;
  /** "cgibox/1.0" */
  readonly software: string;
}
