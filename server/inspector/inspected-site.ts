// What the inspector needs of a running site, and nothing of how it serves.
import type { ByteString } from '../config/byte-string.ts';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import type { History, HistoryEntry } from '../exchange/history.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { IsSecret } from './secrets.ts';

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

/** Smoke tests made of recorded requests. What is asked for takes as long as the requests take, some times over. */
export interface SmokeTests {
  /** One that stands in its own text; `isSecret` tells which header fields must not be in it. */
  asText(entries: readonly HistoryEntry[], isSecret: IsSecret): Promise<SmokeText | SmokeRefusal>;
  /** One in the folder tests/smoke of the site. Without a name it is called after what is asked. */
  save(entries: readonly HistoryEntry[], name: string | undefined): Promise<SavedSmoke | SmokeRefusal>;
}

export interface SmokeText {
  readonly kind: 'text';
  readonly text: string;
}

export interface SavedSmoke {
  readonly kind: 'saved';
  /** Path in the site. */
  readonly plan: string;
  /** Paths in the site: golden files, bodies. */
  readonly files: readonly string[];
  readonly requests: number;
  /** Requests that cannot be a test, each with the reason. */
  readonly leftOut: readonly string[];
  /** What runs it. */
  readonly command: string;
  readonly holdsSecrets: boolean;
}

/** Why there is none, in a sentence. */
export interface SmokeRefusal {
  readonly kind: 'refused';
  readonly reason: string;
}

export interface InspectedSite {
  /** "http://127.0.0.1:8000": where the site listens. */
  readonly url: string;
  readonly history: History;
  /** Empty where mail is off. */
  readonly mailbox: Mailbox;
  /** The configuration in force. */
  readonly config: () => Config;
  readonly configFile: string | undefined;
  /** The environment of the server: its PATH decides which interpreters there are. */
  readonly environment: Environment;
  readonly smokeTests: SmokeTests;
  /** Asks doctor, which takes a moment: what it finds now. */
  readonly findings: () => Promise<readonly SiteFinding[]>;
  /** "cgibox/1.0" */
  readonly software: string;
}
