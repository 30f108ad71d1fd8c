// Tells when the configuration should be read again: SIGHUP (or SIGUSR1, Apache's graceful restart, at which Node would open its
// debugger), or the file's content has changed.
// The folder is watched, since editors put a new file in the old one's place; a slow poll catches what mounts hide.
import { type FSWatcher, readFileSync, statSync, unwatchFile, watch, watchFile } from 'node:fs';
import { basename, dirname } from 'node:path';
import { MAX_BYTES } from './read-file.ts';

/** An editor writes in several steps: one call comes when nothing has happened for this long. */
const QUIET_MILLISECONDS = 100;
/** inotify is silent about a single file that is mounted into a container, and on network file systems. */
const POLL_MILLISECONDS = 2000;

const SIGNALS = ['SIGHUP', 'SIGUSR1'] as const;

/** The name of the signal, or "file". */
export type ReloadReason = NodeJS.Signals | 'file';

export interface ConfigWatch {
  /** Stops watching; the process may then end. */
  close(): void;
}

/** Watches a file that may be absent now. `changed` is called with the reason: always at a signal, else never twice for one content. */
export function watchConfig(file: string, changed: (reason: ReloadReason) => void): ConfigWatch {
  let content = contentOf(file);
  let timer: NodeJS.Timeout | undefined;
  const compare = () => {
    const now = contentOf(file);
    if (now === content) return;
    content = now;
    changed('file');
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(compare, QUIET_MILLISECONDS).unref();
  };
  const hangUp = (signal: NodeJS.Signals) => {
    content = contentOf(file);
    changed(signal);
  };
  const folder = watchFolder(file, soon);
  watchFile(file, { interval: POLL_MILLISECONDS, persistent: false }, soon);
  for (const signal of SIGNALS) process.on(signal, hangUp);
  return {
    close() {
      clearTimeout(timer);
      folder?.close();
      unwatchFile(file, soon);
      for (const signal of SIGNALS) process.off(signal, hangUp);
    },
  };
}

function watchFolder(file: string, changed: () => void): FSWatcher | undefined {
  const name = basename(file);
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_, touched) => {
      if (touched === null || touched === name) changed();
    });
    // The folder went away, or the system has no watch left: the poll goes on.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** A FIFO would never be read to its end, a device neither: what it is is enough to tell a change. */
function contentOf(file: string): string | undefined {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > MAX_BYTES) return `\0 ${stats.mode} ${stats.ino} ${stats.size}`;
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
