// Runs an interpreter to ask it something: the only file of this room that starts processes.
// Promises: a process group of its own that is gone when this settles; limits in time, processor, memory and output; it can
// write no byte into a file; it sees the environment it is given and nothing else. It is no jail: `perl -c` executes BEGIN blocks.
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
}

export interface Answer {
  readonly kind: 'ended' | 'timeLimit' | 'failed';
  readonly code: number | undefined;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

const MAX_BYTES = 4 * 1024 * 1024;
// File names come as octal escapes: Node hands arguments to a child as UTF-8, and names of old sites are not.
// ulimit -f 0: into no file that a BEGIN block opens can anything be written; it is told so, and not killed.
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
  const { program, args, file, input, environment, timeoutSeconds } = question;
  const limits = [String(Math.ceil(timeoutSeconds)), file === undefined ? '' : octal(file)];
  const subprocess = execa('/bin/sh', ['-c', WRAPPER, 'doctor', ...limits, textOfBytes(program), ...args], {
    cwd: '/',
    env: textEnvironment(environment),
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
    kind: isLate ? 'timeLimit' : kindOf(result.exitCode),
    code: result.exitCode,
    stdout: textIn(result.stdout),
    stderr: textIn(result.stderr),
  };
}

function kindOf(code: number | undefined): Answer['kind'] {
  return code === undefined ? 'failed' : 'ended';
}

function textIn(output: unknown): ByteString {
  return typeof output === 'string' ? output : '';
}

function textEnvironment(environment: Readonly<Record<string, ByteString>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, textOfBytes(value)]));
}

/** printf(1) %b: \0ooo */
function octal(bytes: ByteString): string {
  return bytes.replace(/[^A-Za-z0-9/._-]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
