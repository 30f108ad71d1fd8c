// The keys of the configuration as the schema knows them: `limits.timeoutSeconds` and its variable
// CGIBOX_LIMITS_TIMEOUT_SECONDS. Everything that lists, sets or explains keys walks this one list.
import type { z } from 'zod';
import { Config } from './schema.ts';

export type SectionName = keyof Config;

/** One key: a section, a name in it, and what may stand there. */
export interface Key {
  readonly section: SectionName;
  readonly name: string;
  /** "limits.timeoutSeconds" */
  readonly path: string;
  /** "CGIBOX_LIMITS_TIMEOUT_SECONDS" */
  readonly variable: string;
  readonly schema: z.ZodType;
}

export const SECTIONS = Object.keys(Config.shape) as readonly SectionName[];

/** Every key, in the order of the schema. */
export const KEYS: readonly Key[] = SECTIONS.flatMap((section) => {
  const shape: Readonly<Record<string, z.ZodType>> = Config.shape[section].unwrap().shape;
  return Object.entries(shape).map(([name, schema]) => keyOf(section, { name, schema }));
});

function keyOf(section: SectionName, entry: { readonly name: string; readonly schema: z.ZodType }): Key {
  const variable = `CGIBOX_${section.toUpperCase()}_${entry.name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
  return { section, ...entry, path: `${section}.${entry.name}`, variable };
}

/** These maps of a file are laid over the defaults; every other list and map replaces its default. */
export const MERGED_KEYS: readonly string[] = ['cgi.interpreters', 'cgi.shebangs'];

/** Paths of the keys whose values differ. */
export function changedKeys(before: Config, after: Config): readonly string[] {
  const textAt = (config: Readonly<Record<string, object>>, { section, name }: Key) =>
    JSON.stringify(Object.entries(config[section] ?? {}).find(([key]) => key === name)?.[1]);
  return KEYS.filter((key) => textAt(before, key) !== textAt(after, key)).map(({ path }) => path);
}

/** A key inside a value, as a reader would write it: `site.deny[0]`, `cgi.scriptAlias["/cgi"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      const word = String(step);
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(word)) return `[${JSON.stringify(word)}]`;
      return index === 0 ? word : `.${word}`;
    })
    .join('');
}
