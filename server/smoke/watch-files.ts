// Waits until a file of a site or a plan changes. The door to the system's notices.
// A burst of changes, as an editor or a checkout makes it, counts as one.
import { watch } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const QUIET_MS = 200;
/** Files that change without anybody editing: versions, packages, compiled Python, editors' own. */
const IGNORED = /(?:^|\/)(?:\.git|node_modules|__pycache__)(?:\/|$)|~$|\.sw[a-p]$|(?:^|\/)\.#/;

/** The name of what has changed; absent where the signal came before. */
export async function nextChange(folders: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const changes = [...new Set(folders)].map((folder) => firstChange(folder, both));
  try {
    const changed = await Promise.any(changes);
    await delay(QUIET_MS, undefined, { signal });
    return changed;
  } catch {
    return undefined;
  } finally {
    ended.abort();
  }
}

/** Rejects when the signal comes, or the folder is gone. */
async function firstChange(folder: string, signal: AbortSignal): Promise<string> {
  for await (const { filename } of watch(folder, { recursive: true, signal }))
    if (filename !== null && !IGNORED.test(filename)) return filename;
  throw new Error('nothing is watched any more');
}
