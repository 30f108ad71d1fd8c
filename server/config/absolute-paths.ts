// Makes every path of a configuration absolute: relative ones start at site.root, which is absolute already.
// Pure. A program's name without "/" is left for the search on PATH; ${SITE} becomes the site's root.
import { resolve } from 'node:path';
import type { Config } from './schema.ts';

export function absolutePaths(config: Config): Config {
  const { site, cgi, server } = config;
  const absolute = (path: string): string => resolve(site.root, path);
  const program = (name: string): string => (name.includes('/') ? absolute(name) : name);
  const expanded = (text: string): string => text.replaceAll('${SITE}', () => site.root);
  const tls = server.tls && { certificate: absolute(server.tls.certificate), key: absolute(server.tls.key) };
  return {
    ...config,
    server: { ...server, tls },
    site: { ...site, documentRoot: absolute(site.documentRoot) },
    cgi: {
      ...cgi,
      scriptAlias: mapValues(cgi.scriptAlias, absolute),
      interpreters: mapValues(cgi.interpreters, program),
      shebangs: mapValues(cgi.shebangs, program),
      environment: mapValues(cgi.environment, expanded),
      perScript: mapValues(cgi.perScript, (settings) => ({
        ...settings,
        ...(settings.interpreter !== undefined && { interpreter: program(settings.interpreter) }),
        ...(settings.environment !== undefined && { environment: mapValues(settings.environment, expanded) }),
      })),
    },
  };
}

function mapValues<From, To>(map: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}
