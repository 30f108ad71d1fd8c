// What requests are served from: one value, replaced as a whole when the configuration changes.
import type { Scripts } from '../cgi/run.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { Surroundings } from '../diagnosis/refinement.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Site } from '../site/resolve.ts';

export interface Serving {
  readonly config: Config;
  readonly site: Site;
  readonly scripts: Scripts;
  /** `site.headers` as bytes. */
  readonly headers: Readonly<Record<string, ByteString>>;
  /** Folder for spooled bodies. */
  readonly temporaryFolder: string;
  /** For the mends of failure pages. */
  readonly mendedIn: Surroundings;
  /** Address of the inspector, without path; absent where it is off or could not start. */
  readonly inspector: () => string | undefined;
  /** Takes each line that a script writes to stderr, as it comes. */
  readonly stderrLine: (exchange: Exchange, line: ByteString) => void;
  /** Takes each step of a request, as it comes; absent unless `log.level` is debug. */
  readonly debugStep: ((exchange: Exchange, step: ByteString) => void) | undefined;
}
