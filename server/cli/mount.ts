// What a mounted site must be like, in the image: there, a folder, readable, and not empty (PRODUCT.md section 10).
// Docker makes an empty folder of a mistyped path: served as it is, every page would be a puzzling 404.
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { CgiboxError } from '../errors.ts';

/** @throws CgiboxError SITE_UNUSABLE */
export function checkMount(folder: string): void {
  if (!existsSync(folder)) return; // A word of the command line: the check of every SITE names it better.
  const { isFolder, owner } = lookAt(folder);
  if (!isFolder) throw unusable(folder, 'it is a file, not a folder', { hint: 'mount the folder of the site there' });
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (cause) {
    const start = isOfRoot(owner) ? '' : `start as its owner: docker run --user ${owner}, or `;
    const hint = `${start}make it readable on the host: chmod -R a+rX`;
    throw unusable(folder, `the user ${ownIdentity()} may not read it`, { hint, cause });
  }
  if (readdirSync(folder).length > 0) return;
  const hint = 'correct the path in front of the ":" of -v: docker makes an empty folder of one that does not exist';
  throw unusable(folder, 'the folder is empty', { hint });
}

/**
 * Why scripts cannot keep data in the site, with the command that mends it; undefined where they can.
 * A warning only: many sites keep none.
 */
export function writingProblem(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') {
      return `${folder} is mounted read-only: scripts cannot keep data there; to allow it, leave ":ro" out of -v`;
    }
    const own = ownIdentity();
    return `${folder} cannot be written by ${own}; to mend it: ${writingMend(lookAt(folder).owner, own)}`;
  }
}

/** Both as "UID:GID". No `--user` helps for a folder of root: whoever is root here becomes somebody else (drop-privileges.ts). */
export function writingMend(owner: string, own: string): string {
  const folder = 'on the host the folder that -v or SITE= names';
  if (isOfRoot(owner)) return `chown -R ${own} ${folder} (COPY --chown=${own} in a Dockerfile)`;
  return owner === own ? `chmod -R u+w ${folder}` : `docker run --user ${owner}`;
}

function isOfRoot(owner: string): boolean {
  return owner.startsWith('0:');
}

function lookAt(folder: string): { readonly isFolder: boolean; readonly owner: string } {
  const status = statSync(folder);
  return { isFolder: status.isDirectory(), owner: `${status.uid}:${status.gid}` };
}

function ownIdentity(): string {
  return `${process.getuid?.()}:${process.getgid?.()}`;
}

function unusable(folder: string, reason: string, options: { hint: string; cause?: unknown }): CgiboxError {
  return new CgiboxError('SITE_UNUSABLE', `Cannot serve "${folder}": ${reason}`, options);
}
