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
