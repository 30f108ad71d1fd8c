// A program instead of a command, in the image: `docker run cgibox perl -v`, `docker run cgibox sh`.
// The process becomes the program (execve), so that signals, streams and the exit code are the program's own.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { COMMANDS } from './usage.ts';

/**
 * Becomes the program that the first word names, where it is none of our commands; returns where it names none.
 * Call it before process.stdout is touched: Node makes pipes non-blocking, and the program would inherit that.
 */
export function becomeNamedProgram(words: readonly string[], environment: Environment): void {
  const [word, ...rest] = words;
  if (word === undefined || word === 'help' || COMMANDS.some((command) => command.name === word)) return;
  const file = programFor(word, environment);
  if (file !== undefined) becomeProgram(file, rest, environment);
}

/** The file that a shell would run for this word: execvp(3). Undefined for options and for what is no program. */
export function programFor(word: string, environment: Environment): string | undefined {
  if (word === '' || word.startsWith('-')) return undefined;
  if (word.includes('/')) return isProgram(word) ? word : undefined;
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, word)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function becomeProgram(file: string, args: readonly string[], environment: Environment): never {
  // Node ignores SIGPIPE and SIGXFSZ, and an ignored signal stays ignored across execve: `yes | head` would complain.
  const words = ['env', '--default-signal=PIPE,XFSZ', '--', file, ...args];
  const variables = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  process.execve?.('/usr/bin/env', words, Object.fromEntries(variables));
  throw new Error('this Node.js has no process.execve');
}
