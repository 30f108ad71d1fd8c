// What the server says when it has started: its address, what it serves and from where.
// Pure: it is the first thing a newcomer reads, and it must fit a screen.
import { relative } from 'node:path';
import type { LoadedConfig } from '../config/load.ts';

/** Text for stderr, with its line ends. */
export function startReport(loaded: LoadedConfig, url: string): string {
  const { config, file } = loaded;
  const { root, documentRoot } = config.site;
  const inRoot = (path: string): string => relative(root, path) || '.';
  const scripts = Object.entries(config.cgi.scriptAlias).map(([prefix, folder]) => `${prefix} = ${inRoot(folder)}`);
  return [
    `cgibox serves ${root}`,
    `  address        ${url}/`,
    `  configuration  ${file ?? 'none: zero configuration'}`,
    `  pages          ${inRoot(documentRoot)}`,
    `  scripts        ${[...scripts, `${config.cgi.addHandler.join(' ')} among the pages`].join(', ')}`,
    '',
  ].join('\n');
}
