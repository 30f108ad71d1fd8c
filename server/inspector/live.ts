// The live list: changes of the history as server-sent events (WHATWG HTML §9.2), joined to a few messages a second.
import type { History, HistoryEntry } from '../exchange/history.ts';
import type { Filter } from './filter.ts';
import { summaryOf } from './summary.ts';

export interface LiveOptions {
  readonly filter: Filter;
  /** Takes one message. A client that does not read is for the taker to cut off. */
  readonly write: (message: string) => void;
}

// However many requests come: a person sees no difference, and the site keeps the processor.
const GATHER_MS = 100;
// Keeps proxies and sleeping laptops from taking silence for the end.
const HEARTBEAT_MS = 20_000;

/** Sends the list as it is, then what changes. Gives back what ends it. */
export function liveList(history: History, { filter, write }: LiveOptions): () => void {
  const changed = new Map<string, HistoryEntry>();
  const removed = new Set<string>();
  let gathering: NodeJS.Timeout | undefined;
  const flush = (): void => {
    gathering = undefined;
    const entries = [...changed.values()];
    // Shown before it was answered, a request may no longer fit the filter.
    const hidden = entries.filter((entry) => !filter(entry)).map(({ exchange }) => exchange.id);
    const requests = entries.filter(filter).map(summaryOf);
    if (requests.length + hidden.length + removed.size > 0)
      write(message('changes', { requests, hidden, removed: [...removed] }));
    changed.clear();
    removed.clear();
  };
  const gather = (): void => {
    gathering ??= setTimeout(flush, GATHER_MS);
  };
  const unsubscribe = history.subscribe({
    changed: (entry) => {
      changed.set(entry.exchange.id, entry);
      gather();
    },
    removed: (id) => {
      changed.delete(id);
      removed.add(id);
      gather();
    },
  });
  const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
  write(message('list', { requests: history.list().filter(filter).map(summaryOf) }));
  return () => {
    unsubscribe();
    clearInterval(heartbeat);
    clearTimeout(gathering);
  };
}

export function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
