// A run of a script as one line for the shell: `(cd FOLDER && umask 022 && printf … | env -i NAME=value … /path/script)`.
// Promises: the same file, arguments, environment, folder, umask and stdin, byte for byte, in any POSIX shell. The line
// is ASCII whatever it quotes, for a clipboard, terminal or chat may change other bytes. Source: POSIX XCU §2.2, printf.
import type { ByteString } from '../config/byte-string.ts';
import type { Command } from './launcher.ts';

/**
 * The line that repeats a run; without a line end.
 *
 * It is as long as the body and up to four times as long where that is binary. Line feeds at the end of a value stand
 * in it as they are, between quotes. Never throws.
 */
export function shellLine(command: Command, body: Uint8Array | undefined): string {
  const { file, args, workingDirectory, environment } = command;
  const variables = Object.entries(environment).map(([name, value]) => `${shellWord(name)}=${shellWord(value)}`);
  const run = ['env', '-i', ...variables, ...program(file), ...args.map(shellWord)].join(' ');
  return `(cd ${shellWord(workingDirectory)} && umask 022 && ${withInput(run, body)})`;
}

/** A command that gets these bytes on stdin; without any, an empty one. */
export function withInput(command: string, body: Uint8Array | undefined): string {
  return body === undefined || body.length === 0 ? `${command} < /dev/null` : `${printed(body)} | ${command}`;
}

/** env(1) would take a path that holds "=" for a variable: nice(1) takes nothing but a command. */
function program(file: ByteString): readonly string[] {
  return file.includes('=') ? ['/usr/bin/nice', '-n', '0', shellWord(file)] : [shellWord(file)];
}

/** Where printf is a program of its own, the system takes no argument of 128 KiB: a byte is written as four. */
const LONGEST_PRINTED = 24 * 1024;

function printed(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const commands: string[] = [];
  for (let at = 0; at < bytes.length; at += LONGEST_PRINTED)
    commands.push(printf(bytes.slice(at, at + LONGEST_PRINTED)));
  return commands.length === 1 ? commands.join() : `{ ${commands.join('; ')}; }`;
}

function printf(bytes: ByteString): string {
  return isPrintable(bytes) ? `printf %s ${shellWord(bytes)}` : `printf '${format(bytes)}'`;
}

/** One word of the shell with these bytes; NUL cannot stand in it. */
export function shellWord(bytes: ByteString): string {
  if (/^[A-Za-z0-9_@%+:,./-]+$/.test(bytes)) return bytes;
  if (isPrintable(bytes)) return `'${bytes.replaceAll("'", `'\\''`)}'`;
  // $( ) takes away the line feeds at the end of what it reads.
  const lineEnds = /\n*$/.exec(bytes)?.[0] ?? '';
  const text = bytes.slice(0, bytes.length - lineEnds.length);
  return `${text === '' ? '' : `"$(printf '${format(text)}')"`}${lineEnds === '' ? '' : `'${lineEnds}'`}`;
}

function isPrintable(bytes: ByteString): boolean {
  return /^[ -~]*$/.test(bytes);
}

/** A format of printf(1) that prints these bytes: "-" in front would be an option, and "!" history to bash even here. */
function format(bytes: ByteString): string {
  return bytes.replace(/^-|[^ "#$&(-[\]-~]/g, (byte) => {
    if (byte === '\n') return '\\n';
    if (byte === '%') return '%%';
    return `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
