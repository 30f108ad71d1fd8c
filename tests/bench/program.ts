// Programs of the machine: where they are, and what they print. A program that is missing is a value.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute path of a program on PATH or in the folders of system programs, absent where there is none. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * Absolute path of an interpreter, absent where there is none. The system's own comes first: it is what
 * #! lines name, and a version manager's shim on PATH would be measured in its place.
 */
export function findInterpreter(name: string): string | undefined {
  return [`/bin/${name}`, `/usr/bin/${name}`].find(isExecutable) ?? findProgram(name);
}

/** What a command prints on both streams, trimmed; '' where it cannot be run or fails. */
export function outputOf(command: string, args: readonly string[]): string {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.status === 0 ? `${result.stdout}${result.stderr}`.trim() : '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
