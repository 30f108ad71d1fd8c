// May a file be written? Asked before the work whose result it is to hold: nobody wants to do that twice.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOfWriting } from '../config/read-file.ts';

/** Why a file cannot be written, in words; absent where it can. `at` is what there is of its path. */
export function whyUnwritable(file: string, at: string): string | undefined {
  try {
    const isFolder = statSync(at).isDirectory();
    if (at === file && isFolder) return 'it is a folder';
    if (at !== file && !isFolder) return 'a part of its path is a file, not a folder';
    accessSync(at, isFolder ? constants.W_OK | constants.X_OK : constants.W_OK);
    return undefined;
  } catch (error) {
    return reasonOfWriting(error);
  }
}

/** What there is of a path. */
export function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(dirname(folder));
}
