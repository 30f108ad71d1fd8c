// Who watches a run: the exchange record implements this, so that cgi/ need not know it.
import type { Tolerance } from '../config/schema.ts';
import type { Cause, Exit } from '../diagnosis/cause.ts';
import type { ScriptPlace } from '../site/resource.ts';
import type { Command } from './launcher.ts';
import type { HeaderField } from './script-request.ts';

/** Called as a run proceeds; a local redirect begins a further run of the same exchange. Must never throw. */
export interface RunObserver {
  /** A script was found for the URL. */
  found(place: ScriptPlace): void;
  /** A defect of the file was worked around. */
  tolerated(tolerance: Tolerance): void;
  started(run: { readonly command: Command; readonly pid: number; readonly runner: string }): void;
  /** A chunk of the body, before it is fed to the script. */
  stdin(chunk: Uint8Array): void;
  /** A chunk of the body that the script left unread. */
  unread(chunk: Uint8Array): void;
  /** Raw, before the header is parsed. */
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
  header(fields: readonly HeaderField[]): void;
  failed(cause: Cause): void;
  exited(exit: Exit): void;
  /** A remark for the log line: what was cut, dropped or waited for, and why. */
  remark(text: string): void;
}
