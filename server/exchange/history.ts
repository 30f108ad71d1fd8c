// The last requests, for the inspector: bounded in number and in bytes, the oldest make room.
// Nothing here waits, formats or writes: a request pays a few objects for it (inspector.enabled: false: not even those).

import type { Exchange } from './exchange.ts';
import { type RecordedRequest, Recording } from './recording.ts';

/** One request in the history. */
export interface HistoryEntry {
  readonly exchange: Exchange;
  readonly recording: Recording;
  /** The answer has ended, and the script has ended or was not waited for. */
  isFinished: boolean;
}

export interface HistoryLimits {
  /** `inspector.keep` */
  readonly keep: number;
  /** `inspector.keepBytes` */
  readonly keepBytes: number;
}

/** Told at once, while the request goes on: take a note and return. */
export interface HistoryListener {
  changed(entry: HistoryEntry): void;
  /** Evicted, or cleared. */
  removed(id: string): void;
}

/** Part of `keepBytes` that one stream may take: a large upload must not push everything else out. */
const SHARE_OF_STREAM = 16;

/** An entry with the memory it takes. */
interface Kept {
  readonly entry: HistoryEntry;
  readonly account: Account;
}

interface Account {
  /** Becomes 0 when the entry goes: what still comes belongs to nobody. */
  share: number;
  bytes: number;
}

export class History {
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Set<HistoryListener>();
  readonly #now: () => number;
  #limits: HistoryLimits;
  #bytes = 0;

  /** `now` gives milliseconds that only go forward. */
  constructor(limits: HistoryLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Memory that the entries take, by estimate. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins the record of a request, and puts it into the exchange. */
  begin(exchange: Exchange, request: RecordedRequest): void {
    const account: Account = { share: Math.floor(this.#limits.keepBytes / SHARE_OF_STREAM), bytes: 0 };
    const charge = (bytes: number): void => this.#charge(exchange.id, { account, bytes });
    const recording = new Recording(request, { share: () => account.share, charge, now: this.#now });
    exchange.recording = recording;
    const entry: HistoryEntry = { exchange, recording, isFinished: false };
    this.#bytes += account.bytes;
    this.#kept.set(exchange.id, { entry, account });
    this.#makeRoom(exchange.id);
    this.#tell(entry);
  }

  /** The record is whole, but for what a script does that nobody waits for. */
  finish({ id }: Exchange): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.entry.isFinished = true;
    this.#tell(kept.entry);
  }

  /** Oldest first. */
  list(): readonly HistoryEntry[] {
    return [...this.#kept.values()].map(({ entry }) => entry);
  }

  /** Absent where it never was, made room for newer ones, or was cleared. */
  get(id: string): HistoryEntry | undefined {
    return this.#kept.get(id)?.entry;
  }

  /** The newest request that a process with this number was started for. */
  ofScript(pid: number): { readonly id: string; readonly hasExited: boolean } | undefined {
    for (const { exchange, recording } of this.list().toReversed()) {
      const run = recording.runs.find((each) => each.pid === pid);
      if (run !== undefined) return { id: exchange.id, hasExited: run.exit !== undefined };
    }
    return undefined;
  }

  clear(): void {
    for (const id of [...this.#kept.keys()]) this.#remove(id);
  }

  /** Gives back what ends the subscription. */
  subscribe(listener: HistoryListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  setLimits(limits: HistoryLimits): void {
    this.#limits = limits;
    this.#makeRoom('');
  }

  #charge(id: string, { account, bytes }: { account: Account; bytes: number }): void {
    account.bytes += bytes;
    if (this.#kept.get(id)?.account !== account) return;
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.keepBytes) this.#makeRoom(id);
  }

  /** The one that grows is the last to go: it is what somebody looks at. */
  #makeRoom(growing: string): void {
    const { keep, keepBytes } = this.#limits;
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= keep && this.#bytes <= keepBytes) return;
      if (id !== growing) this.#remove(id);
    }
  }

  #remove(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= kept.account.bytes;
    kept.account.share = 0;
    kept.entry.exchange.recording = undefined;
    for (const listener of this.#listeners) listener.removed(id);
  }

  #tell(entry: HistoryEntry): void {
    for (const listener of this.#listeners) listener.changed(entry);
  }
}
