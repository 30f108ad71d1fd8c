// What main.ts lends to a command: the only place where the process's own state enters cli/.
// And how a command speaks: results to stdout, talk to stderr, colours only where a person reads.
import type { Environment } from '../config/environment.ts';
import { CgiboxError, ERROR_CODES } from '../errors.ts';

/** The process as a command sees it. */
export interface Shell {
  readonly environment: Environment;
  readonly workingDirectory: string;
  readonly temporaryFolder: string;
  /** Folder of package.json. */
  readonly packageFolder: string;
  readonly stdout: Stream;
  readonly stderr: Stream;
}

export interface Stream {
  readonly isTerminal: boolean;
  /** Text goes out as UTF-8, bytes as they are. */
  write(text: string | Uint8Array): void;
}

/** May this stream be coloured? NO_COLOR and --no-color forbid it, a file or pipe is never coloured. */
export function mayColour(
  stream: Stream,
  wish: { readonly environment: Environment; readonly flag: boolean },
): boolean {
  const { NO_COLOR, TERM } = wish.environment;
  return stream.isTerminal && wish.flag && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';
const PLAIN = '\u001b[39m';

/** Tells the operator of an error, and gives the exit code. Anything but a CgiboxError is a bug and keeps its stack. */
export function reportError(error: unknown, shell: Pick<Shell, 'stderr'>, inColour: boolean): number {
  const word = inColour ? `${RED}error${PLAIN}` : 'error';
  if (!(error instanceof CgiboxError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    shell.stderr.write(`${stack}\n\n${word}: this is a bug in cgibox: please report it with the lines above\n`);
    return 1;
  }
  // A configuration error shows its hint under the caret already.
  const hint = error.message.includes(error.hint) ? '' : `  hint: ${error.hint}\n`;
  const message = error.message.replaceAll('\nerror ', `\n${word} `);
  shell.stderr.write(`${word} ${error.code}: ${message}\n${hint}`);
  return ERROR_CODES[error.code].exitCode;
}

/** One warning on stderr. */
export function warn(text: string, shell: Pick<Shell, 'stderr'>, inColour: boolean): void {
  shell.stderr.write(`${inColour ? `${YELLOW}warning${PLAIN}` : 'warning'}: ${text}\n`);
}
