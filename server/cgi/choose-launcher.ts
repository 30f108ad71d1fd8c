// Picks the runner (`cgi.runner`): the fork server where the system has what it needs, else execa for each script.
import type { Config } from '../config/schema.ts';
import { CgiboxError } from '../errors.ts';
import { createDirectLauncher } from './launch-direct.ts';
import { createForkedLauncher } from './launch-forked.ts';
import { createWarmLauncher } from './launch-warm.ts';
import type { Launcher } from './launcher.ts';

export interface LauncherSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly warn: (line: string) => void;
}

/** @throws CgiboxError RUNNER_UNAVAILABLE where `forkserver` is asked for and cannot be had */
export async function chooseLauncher(config: Config, { environment, warn }: LauncherSurroundings): Promise<Launcher> {
  const { runner } = config.cgi;
  if (runner === 'direct') return createDirectLauncher();
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = environment;
  try {
    const cold = await createForkedLauncher({ environment: { PATH }, limits: config.limits, warn });
    return createWarmLauncher(cold, { limits: config.limits, warn });
  } catch (error) {
    if (runner === 'forkserver' || !(error instanceof CgiboxError)) throw error;
    warn(`${error.message}; scripts are started directly, which is slower (${error.hint})`);
    return createDirectLauncher();
  }
}
