// The effective configuration as YAML that can be read again, each key with its origin as a comment.
// Pure.
import { stringify } from 'yaml';
import { KEYS, SECTIONS } from './keys.ts';
import type { LoadedConfig } from './load.ts';

/** YAML text of a loaded configuration; `cgibox config > FILE` makes a file that means the same. */
export function configText(loaded: LoadedConfig): string {
  return SECTIONS.map((section) => {
    const values: Readonly<Record<string, unknown>> = loaded.config[section];
    const keys = KEYS.filter((key) => key.section === section);
    const lines = keys.map(
      (key) => `  ${key.name}: ${flow(values[key.name])} # ${loaded.origins[key.path] ?? 'default'}\n`,
    );
    return `${section}:\n${lines.join('')}`;
  }).join('\n');
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, blockQuote: false }).trimEnd();
}
