// Variables that a command sets for every script: cgibox exec --env, the plans and the frozen clock of smoke.
import type { Config } from '../config/schema.ts';

/** As the last entry of `cgi.perScript`: over every other variable. */
export function withVariables(config: Config, environment: Readonly<Record<string, string>>): Config {
  if (Object.keys(environment).length === 0) return config;
  // Matches every script; no configuration spells it so, or it would keep its place among the others.
  const everyScript = '/{**,**}';
  const { perScript } = config.cgi;
  const joined = { ...perScript[everyScript]?.environment, ...environment };
  return { ...config, cgi: { ...config.cgi, perScript: { ...perScript, [everyScript]: { environment: joined } } } };
}
