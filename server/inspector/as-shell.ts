// A run as one command for the shell: the same program, folder, environment and input, byte for byte. Pure.
// For bash and zsh: bytes that are no text are written as $'\xhh'; a body that is no text goes through base64.
import type { Command } from '../cgi/launcher.ts';
import type { ByteString } from '../config/byte-string.ts';
import { shellQuote } from '../diagnosis/shell-quote.ts';

export interface ShellInput {
  readonly command: Command;
  /** What the script gets on stdin. */
  readonly body: Buffer;
  /** The body was longer: the command says so. */
  readonly bodyBytes: number;
}

/** Runs in a subshell: the folder of the one who pastes it stays as it is. */
export function shellLine({ command, body, bodyBytes }: ShellInput): string {
  const { file, args, environment, workingDirectory } = command;
  const variables = Object.entries(environment).map(([name, value]) => assignment(name, value));
  const words = ['env -i', ...variables, [file, ...args].map(shellQuote).join(' ')].join(' \\\n  ');
  const start = `(cd ${shellQuote(workingDirectory)} && umask 022 && ${words})`;
  const cut =
    bodyBytes > body.length ? `# only the first ${body.length} of ${bodyBytes} bytes of the body were kept\n` : '';
  return `${cut}${withInput(start, command.hasBody ? body : Buffer.alloc(0))}\n`;
}

/** Gives a command the body as its input: in place where it is text, else decoded from base64. */
export function withInput(command: string, body: Buffer): string {
  if (body.length === 0) return `${command} < /dev/null`;
  const text = body.toString('latin1');
  if (isPlainText(body)) return `printf %s ${shellQuote(text)} | ${command}`;
  const lines = body.toString('base64').replace(/.{76}(?=.)/g, '$&\n');
  return `base64 -d << 'END_OF_BODY' | ${command}\n${lines}\nEND_OF_BODY`;
}

const LONGEST_WORD = 4096;

/** Short, and with hardly a byte that would have to be spelt out. */
function isPlainText(body: Buffer): boolean {
  if (body.length > LONGEST_WORD || body.includes(0)) return false;
  return shellQuote(body.toString('latin1')).length < body.length * 1.5 + 16;
}

function assignment(name: string, value: ByteString): string {
  const quoted = shellQuote(value);
  // NAME='value' reads better than 'NAME=value', where the name allows it.
  return /^[A-Za-z_]\w*$/.test(name) ? `${name}=${value === '' ? "''" : quoted}` : shellQuote(`${name}=${value}`);
}
