// Runs an interpreter to ask it something: the only file of this room that starts processes.
// Promises: a process group of its own that is gone when this settles; limits in time, processor, memory and output; it sees
// the environment it is given and nothing else. In the sandbox it changes no file and reaches no network (sandbox.pl): `perl -c`
// executes BEGIN blocks of the site.
import { join } from 'node:path';
import { execa } from 'execa';
import { signalGroup } from '../cgi/process-group.ts';
import { type ByteString, textOfBytes } from '../config/byte-string.ts';

export interface Question {
  /** Absolute path of the program. */
  readonly program: ByteString;
  readonly args: readonly string[];
  /** Becomes the last argument, byte for byte, and its folder the working directory; absent: "/", no argument. */
  readonly file?: ByteString;
  readonly input?: string;
  readonly environment: Readonly<Record<string, ByteString>>;
  readonly timeoutSeconds: number;
  /** Absent where this system lets nobody lay one. */
  readonly sandbox: Sandbox | undefined;
}

export interface Sandbox {
  /** Absolute path of the perl that lays it. */
  readonly perl: ByteString;
  /** What happens to a call that would write or connect: it fails, or ends the process. */
  readonly onBreach: 'refuse' | 'end';
}

export interface Answer {
  readonly kind: 'ended' | 'timeLimit' | 'failed' | 'breach';
  readonly code: number | undefined;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

const MAX_BYTES = 4 * 1024 * 1024;
const SANDBOX = join(import.meta.dirname, 'sandbox.pl');
// File names come as octal escapes: Node hands arguments to a child as UTF-8, and names of old sites are not.
// ulimit -f 0: where there is no sandbox, nothing can be added to a file at least; the writer is told so, and not killed.
const WRAPPER = `
trap '' XFSZ
ulimit -t "$1"; ulimit -c 0; ulimit -f 0; ulimit -v 2097152 2>/dev/null
file=$2; shift 2
[ -n "$file" ] || exec "$@"
file=$(printf '%b.' "$file"); file=\${file%.}
cd "\${file%/*}/" || exit 126
exec "$@" "$file"`;

/** Never rejects. */
export async function ask(question: Question): Promise<Answer> {
  const { file, input, timeoutSeconds } = question;
  const limits = [String(Math.ceil(timeoutSeconds)), file === undefined ? '' : octal(file)];
  const { words, environment } = commandOf(question);
  const subprocess = execa('/bin/sh', ['-c', WRAPPER, 'doctor', ...limits, ...words], {
    cwd: '/',
    env: environment,
    extendEnv: false, // execa would add our whole environment
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    encoding: 'latin1',
    maxBuffer: MAX_BYTES,
    stripFinalNewline: false,
    reject: false, // what the interpreter refuses is a value here
    detached: true, // setsid: a BEGIN block's children are ended too
  });
  const { pid } = subprocess;
  let isLate = false;
  const clock = setTimeout(() => {
    isLate = true;
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  }, timeoutSeconds * 1000);
  const result = await subprocess;
  clearTimeout(clock);
  // What a BEGIN block left running.
  if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  return {
    kind: isLate ? 'timeLimit' : kindOf(result),
    code: result.exitCode,
    stdout: textIn(result.stdout),
    stderr: textIn(result.stderr),
  };
}

/** Variables of perl are for the program, and not for the perl that lays the sandbox: they could have it load something. */
function commandOf({ program, args, environment, sandbox }: Question) {
  const words = [textOfBytes(program), ...args];
  const variables = Object.entries(environment).map(([name, value]) => [name, textOfBytes(value)] as const);
  if (sandbox === undefined) return { words, environment: Object.fromEntries(variables) };
  const [ofPerl, others] = [true, false].map((is) => variables.filter(([name]) => /^PERL/.test(name) === is));
  const handed = (ofPerl ?? []).map(([name, value]) => `${name}=${value}`);
  return {
    words: [textOfBytes(sandbox.perl), SANDBOX, sandbox.onBreach, ...handed, '--', ...words],
    environment: Object.fromEntries(others ?? []),
  };
}

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

function kindOf({ exitCode, signal }: Ended): Answer['kind'] {
  if (signal === 'SIGSYS') return 'breach';
  return exitCode === undefined ? 'failed' : 'ended';
}

function textIn(output: unknown): ByteString {
  return typeof output === 'string' ? output : '';
}

/** printf(1) %b: \0ooo */
function octal(bytes: ByteString): string {
  return bytes.replace(/[^A-Za-z0-9/._-]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
