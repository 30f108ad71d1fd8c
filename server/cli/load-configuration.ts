// Options of a command line → the configuration they ask for.
import { join } from 'node:path';
import { type FlagSetting, type LoadedConfig, loadConfig } from '../config/load.ts';
import type { CommonOptions } from './arguments.ts';
import type { Shell } from './shell.ts';

/** @throws CgiboxError CONFIG_INVALID, CONFIG_UNREADABLE, SITE_UNUSABLE */
export function loadConfiguration(
  options: CommonOptions,
  shell: Shell,
  extra: readonly FlagSetting[] = [],
): LoadedConfig {
  return loadConfig({
    file: options.file,
    site: options.site,
    flags: [...options.settings, ...extra],
    environment: shell.environment,
    workingDirectory: shell.workingDirectory,
    shippedFile: join(shell.packageFolder, 'config', 'cgibox.yaml'),
  });
}
