// What the parts of cgibox smoke share: the command, where it speaks, what ends it.
import type { LoadedConfig } from '../config/load.ts';
import type { SmokeCommand } from './arguments.ts';
import type { Shell, Stream } from './shell.ts';

export interface Smoking {
  readonly command: SmokeCommand;
  readonly shell: Shell;
  readonly loaded: LoadedConfig;
  readonly people: Stream;
  readonly inColour: boolean;
  readonly base: string;
}

/** CI servers set it; there nothing is written but reports. */
export function isInCi({ environment }: Shell): boolean {
  const { CI = '' } = environment;
  return CI !== '' && CI !== 'false' && CI !== '0';
}

/** Ctrl+C ends the requests; what was found until then is reported. */
export function interruptible() {
  const controller = new AbortController();
  const onSignal = (): void => controller.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
