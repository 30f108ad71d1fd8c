// What differs inside the container image (README, Docker): the mounted folder is served when no site is named, and
// its owner serves it. CGIBOX_IMAGE=1 says that this is the image, CGIBOX_SITE where the mount is.

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { Command, CommonOptions } from './arguments.ts';
import { dropPrivileges } from './drop-privileges.ts';
import { checkMount, writingProblem } from './mount.ts';
import { mayColour, type Shell, warn } from './shell.ts';

export function isInImage(environment: Environment): boolean {
  return environment.CGIBOX_IMAGE === '1';
}

/**
 * The command as the image means it: with the mounted site where the line names none. The process has become the
 * owner of the site; must come before anything of the site is read.
 *
 * @throws CgiboxError RUN_AS_REFUSED, SITE_UNUSABLE
 */
export function enterImage(command: Command, shell: Shell): Command {
  if (!('options' in command)) return command;
  const place = placeOf(command.options, shell);
  const change = dropPrivileges(place.folder);
  if (place.kind === 'mount') checkMount(place.folder);
  if (command.kind === 'serve' && !command.options.quiet) tell(change, place, shell);
  return { ...command, options: { ...command.options, site: place.site } };
}

interface Place {
  readonly kind: 'mount' | 'sample' | 'file';
  /** Its owner serves. */
  readonly folder: string;
  readonly site: string | undefined;
}

function placeOf({ site, file }: CommonOptions, shell: Shell): Place {
  const { CGIBOX_CONFIG, CGIBOX_SITE } = shell.environment;
  if (site !== undefined) return { kind: 'mount', folder: resolve(shell.workingDirectory, site), site };
  const named = file ?? CGIBOX_CONFIG;
  if (named) return { kind: 'file', folder: dirname(resolve(shell.workingDirectory, named)), site };
  if (CGIBOX_SITE && existsSync(CGIBOX_SITE)) return { kind: 'mount', folder: CGIBOX_SITE, site: CGIBOX_SITE };
  return { kind: 'sample', folder: shell.packageFolder, site };
}

function tell(change: string | undefined, place: Place, shell: Shell): void {
  if (change !== undefined) shell.stderr.write(`${change}\n`);
  const problem = place.kind === 'mount' ? writingProblem(place.folder) : undefined;
  if (problem === undefined) return;
  warn(problem, shell, mayColour(shell.stderr, { environment: shell.environment, flag: true }));
}
