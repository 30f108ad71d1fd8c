// Loads a configuration as the tests want it: from a folder, with nothing of this machine's environment.
import { join } from 'node:path';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../server/config/load.ts';
import { CgiboxError } from '../../server/errors.ts';

export const SHIPPED_FILE = join(import.meta.dirname, '../../config/cgibox.yaml');

export function loadIn(folder: string, options: Partial<LoadOptions> = {}): LoadedConfig {
  const nothing = { file: undefined, site: undefined, flags: [], environment: {} };
  return loadConfig({ ...nothing, workingDirectory: folder, shippedFile: SHIPPED_FILE, ...options });
}

/** The operator's error that an action ends in; anything else fails the test. */
export function errorOf(action: () => unknown): CgiboxError {
  try {
    action();
  } catch (error) {
    if (error instanceof CgiboxError) return error;
    throw error;
  }
  throw new Error('there was no error');
}
