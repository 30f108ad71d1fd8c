// Tells when the configuration should be read again: SIGHUP, or the file's content has changed.
// The folder is watched, since editors put a new file in the old one's place; a slow poll catches what mounts hide.
import { type FSWatcher, readFileSync, unwatchFile, watch, watchFile } from 'node:fs';
import { basename, dirname } from 'node:path';

/** An editor writes in several steps: one call comes when nothing has happened for this long. */
const QUIET_MILLISECONDS = 100;
/** inotify is silent about a single file that is mounted into a container, and on network file systems. */
const POLL_MILLISECONDS = 2000;

export interface ConfigWatch {
  /** Stops watching; the process may then end. */
  close(): void;
}

/** Watches a file that may be absent now. `changed` is called with the reason, never twice for one content. */
export function watchConfig(file: string, changed: (reason: 'SIGHUP' | 'file') => void): ConfigWatch {
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
  const hangUp = () => {
    content = contentOf(file);
    changed('SIGHUP');
  };
  const folder = watchFolder(file, soon);
  watchFile(file, { interval: POLL_MILLISECONDS, persistent: false }, soon);
  process.on('SIGHUP', hangUp);
  return {
    close() {
      clearTimeout(timer);
      folder?.close();
      unwatchFile(file, soon);
      process.off('SIGHUP', hangUp);
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

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
