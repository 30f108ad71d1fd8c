// What the server says when it has started: its address, what it serves and from where, and the scripts it found.
// It is the first thing a newcomer reads, and it must fit a screen.
import { relative } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { LoadedConfig } from '../config/load.ts';
import { foundScripts } from './found-scripts.ts';

/** Text for stderr, with its line ends. */
export function startReport(loaded: LoadedConfig, url: string, environment: Environment): string {
  const { config, file } = loaded;
  const { root, documentRoot } = config.site;
  const inRoot = (path: string): string => relative(root, path) || '.';
  const [count = '', ...scripts] = foundScripts(loaded, environment);
  return [
    `cgibox serves ${root}`,
    `  address        ${url}/`,
    `  configuration  ${file ?? 'none: zero configuration'}`,
    `  pages          ${inRoot(documentRoot)}`,
    `  scripts        ${count}`,
    ...scripts,
    '',
  ].join('\n');
}
