// `cgi.perScript`: the settings of one script, from the globs that match it.
import picomatch from 'picomatch';
import { bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { ScriptPlace } from '../site/resource.ts';

type Settings = Config['cgi']['perScript'][string];

/** Finds the settings of a script; where several globs match, the later one wins key by key, and variable by variable. */
export type PerScript = (place: ScriptPlace) => Settings;

/**
 * Compiles the globs once. One that begins with "/" is matched with the script's URL path, another with the path of its
 * file relative to `site.root`.
 */
export function perScript(config: Config): PerScript {
  const rules = Object.entries(config.cgi.perScript).map(([glob, settings]) => ({
    matchesUrl: glob.startsWith('/'),
    matches: picomatch(bytesOfText(glob), { dot: true }),
    settings,
  }));
  if (rules.length === 0) return () => ({});
  const root = `${bytesOfText(config.site.root)}/`;
  return (place) => {
    const file = place.scriptFile.startsWith(root) ? place.scriptFile.slice(root.length) : place.scriptFile;
    const matching = rules.filter((rule) => rule.matches(rule.matchesUrl ? place.scriptName : file));
    const environment = Object.assign({}, ...matching.map((rule) => rule.settings.environment));
    return Object.assign({}, ...matching.map((rule) => rule.settings), { environment });
  };
}
