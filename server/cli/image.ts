// What differs inside the container image: which site is served when none is named, as whom, and what a mount
// must be like (PRODUCT.md section 10). The image says where it is by CGIBOX_IMAGE and CGIBOX_SITE.
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import type { Environment } from '../config/environment.ts';
import { CgiboxError } from '../errors.ts';
import { dropPrivileges } from './drop-privileges.ts';

export function isInImage(environment: Environment): boolean {
  return environment.CGIBOX_IMAGE === '1';
}

/** The mounted site, for a command line that names none. Undefined where nothing is mounted: then it is the sample. */
export function mountedSite(environment: Environment): string | undefined {
  const site = environment.CGIBOX_SITE;
  if (!isInImage(environment) || site === undefined || site === '') return undefined;
  return statSync(site, { throwIfNoEntry: false }) === undefined ? undefined : site;
}

export interface Mount {
  /** Folder whose owner the process becomes: SITE, the folder of the configuration file, or that of the sample. */
  readonly folder: string;
  /** The sample is looked after by the image itself. */
  readonly isSample: boolean;
}

/**
 * Settles who serves, before anything of the site is read, and refuses a mount that is no site.
 * Returns lines for the operator, each a whole sentence without its full stop.
 *
 * @throws CgiboxError RUN_AS_REFUSED, SITE_UNUSABLE
 */
export function settleIn(mount: Mount): readonly string[] {
  const lines = [dropPrivileges(mount.folder)];
  if (!mount.isSample) {
    checkMount(mount.folder);
    lines.push(warningAboutWriting(mount.folder));
  }
  return lines.filter((line) => line !== undefined);
}

function checkMount(folder: string): void {
  if (!existsSync(folder)) return; // A word of the command line: the check of every SITE names it better.
  const { isFile, owner } = lookAt(folder);
  if (isFile) throw unusable(folder, 'it is a file, not a folder', { hint: 'mount the folder of the site there' });
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (cause) {
    const hint = `start as its owner: docker run --user ${owner}, or make it readable on the host: chmod -R a+rX`;
    throw unusable(folder, `the user ${identityText()} may not read it`, { hint, cause });
  }
  if (readdirSync(folder).length > 0) return;
  const hint = 'correct the path in front of the ":" of -v: docker makes an empty folder of one that does not exist';
  throw unusable(folder, 'the folder is empty', { hint });
}

function lookAt(folder: string): { readonly isFile: boolean; readonly owner: string } {
  const status = statSync(folder);
  return { isFile: !status.isDirectory(), owner: `${status.uid}:${status.gid}` };
}

function unusable(folder: string, reason: string, options: { hint: string; cause?: unknown }): CgiboxError {
  return new CgiboxError('SITE_UNUSABLE', `Cannot serve "${folder}": ${reason}`, options);
}

/** Many old sites keep data beside their scripts; those that do not need no more than this line. */
function warningAboutWriting(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
    return isReadOnly
      ? `warning: ${folder} is mounted read-only, scripts cannot keep data there; to allow it, leave ":ro" out of -v`
      : `warning: ${folder} cannot be written by ${identityText()}; to mend it: docker run --user ${lookAt(folder).owner}`;
  }
}

function identityText(): string {
  return `${process.getuid?.()}:${process.getgid?.()}`;
}
