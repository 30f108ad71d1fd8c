// Who serves: a process started as root becomes the owner of the site, so that the files which scripts write
// belong to the person who mounted the folder. In the image only (README, Docker); source: setuid(2), setgroups(2).
import { readFileSync, statSync } from 'node:fs';
import { CgiboxError } from '../errors.ts';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** The user "node" of the base image: for a site that belongs to root, as the sample does. */
const UNPRIVILEGED: Identity = { uid: 1000, gid: 1000 };

/**
 * Whom to become, or undefined where the process stays who it is: anyone but root already is somebody, and so is a root
 * that `uidMap` makes an ordinary user of the host (rootless engines; user_namespaces(7)), for a site that belongs to it.
 */
export function identityToTake(uid: number | undefined, owner: Identity, uidMap = ''): Identity | undefined {
  if (uid !== 0) return undefined;
  if (owner.uid !== 0) return owner;
  return /^\s*0\s+[1-9]/m.test(uidMap) ? undefined : UNPRIVILEGED;
}

/**
 * Becomes the owner of the site where the process is root; must come before anything of the site is read,
 * because a root without CAP_DAC_OVERRIDE cannot read a private folder. A site that is absent counts as root's.
 * Returns the line that says so; undefined where nothing changed.
 *
 * @throws CgiboxError RUN_AS_REFUSED
 */
export function dropPrivileges(site: string): string | undefined {
  const owner = ownerOf(site);
  const identity = identityToTake(process.getuid?.(), owner, uidMap());
  if (identity === undefined) return undefined;
  become(identity, site);
  const reason = owner.uid === 0 ? `${site} belongs to root` : `the owner of ${site}`;
  return `started as root, runs as ${identity.uid}:${identity.gid}: ${reason}`;
}

function ownerOf(site: string): Identity {
  try {
    return statSync(site);
  } catch {
    return { uid: 0, gid: 0 };
  }
}

function uidMap(): string {
  try {
    return readFileSync('/proc/self/uid_map', 'latin1');
  } catch {
    return '';
  }
}

/** The groups first: setuid gives up the right to change them. */
function become(identity: Identity, site: string): void {
  try {
    process.setgroups?.([identity.gid]);
    process.setgid?.(identity.gid);
    process.setuid?.(identity.uid);
  } catch (cause) {
    const who = `${identity.uid}:${identity.gid}`;
    throw new CgiboxError('RUN_AS_REFUSED', `Cannot become ${who} to serve "${site}": root lacks a capability`, {
      hint: `add --cap-add SETUID --cap-add SETGID to docker run, or start as that user: --user ${who}`,
      cause,
    });
  }
}
