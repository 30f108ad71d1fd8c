// The server that is asked, and what is known of its inside where it runs in this process.
// Its types only: cli/ makes one of a site, and one of a base URL.

export interface SeenMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** What the server itself knows of one request. */
export interface Witness {
  /** Display path of the script that ran last. */
  readonly script: string | undefined;
  /** How it was started: "forkserver", "direct" or "warm". */
  readonly runner: string | undefined;
  /** Text of what the scripts wrote to stderr. */
  readonly stderr: string;
  /** Why there was no lawful answer, in one line; absent where there was one. */
  readonly fault: string | undefined;
  /** The page is the server's own: of an error, a redirect, a folder. */
  readonly isServersPage: boolean;
  /** Commands that mend what is wrong, where that is known. */
  readonly mend: readonly string[];
  readonly mails: readonly SeenMail[];
}

export interface ServerUnderTest {
  readonly url: URL;
  /** Variables for the scripts of the requests that come now; absent where the server is not ours. */
  readonly useEnvironment?: (environment: Readonly<Record<string, string>>) => Promise<void>;
  /** What is known of the request that came from this port; absent where the server is not ours. */
  readonly witness?: (localPort: number) => Promise<Witness | undefined>;
  /** Puts the files of the site back as they were; absent where they are the site's own. */
  readonly reset?: () => Promise<void>;
  /** What is said of the files of a copy, as of those of the site; absent where it is no copy. */
  readonly inSite?: (said: string) => string;
  /** Files of the site that have changed since it was asked last, as display paths. */
  readonly changedFiles?: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}
