// Folders to mount: written for one test, owned by whom the test wants, and gone with it.
import {
  chmodSync,
  chownSync,
  cpSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Whose end takes what was made for it along: a test, or the image for a whole test file. */
export interface Cleaning {
  after(cleanUp: () => unknown): void;
}

/** Path in the site → its content. Everything under a cgi-bin is executable. */
export type SiteFiles = Readonly<Record<string, string>>;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const DEVELOPER: Owner = { uid: 1000, gid: 1000 };

export function siteFolder(t: Cleaning, files: SiteFiles, owner: Owner = DEVELOPER): string {
  const folder = emptyFolder(t, owner);
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, name.startsWith('cgi-bin/') ? 0o755 : 0o644);
  }
  giveTo(folder, owner);
  return folder;
}

/** A copy of a folder of the repository, for scripts that write. */
export function copiedSite(t: Cleaning, source: string, owner: Owner = DEVELOPER): string {
  const folder = emptyFolder(t, owner);
  cpSync(source, folder, { recursive: true });
  giveTo(folder, owner);
  return folder;
}

export function emptyFolder(t: Cleaning, owner: Owner = DEVELOPER): string {
  const folder = mkdtempSync(join(tmpdir(), 'cgibox-mount-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  chownSync(folder, owner.uid, owner.gid);
  return folder;
}

function giveTo(folder: string, owner: Owner): void {
  for (const entry of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    lchownSync(join(folder, entry), owner.uid, owner.gid);
  }
}

/** A script for /bin/sh that answers with what its lines print. */
export function shellScript(...lines: readonly string[]): string {
  return ['#!/bin/sh', 'echo "Content-Type: text/plain"', 'echo', ...lines, ''].join('\n');
}
