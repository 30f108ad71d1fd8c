// The fork server runner: scripts are started by small resident helpers, so Node never forks (PRODUCT.md section 7).
// Promises: a helper that dies is replaced, and only the launch it was busy with fails. Why so: decisions/002.
import { availableParallelism } from 'node:os';
import { type PendingLaunch, RUNNER_LOST } from './fork-server-client.ts';
import type { ForkedScript } from './forked-script.ts';
import { type ForkServer, type ForkServerSettings, startForkServer } from './launch-fork-server.ts';
import type { Command, Launch, Launcher } from './launcher.ts';

export interface ForkedLauncherOptions extends ForkServerSettings {
  /** How many; absent: one for each processor, 2 to 4, as each waits for the exec of the script it starts. */
  readonly helpers?: number;
}

const RESTART_DELAYS_MS = [0, 100, 1000, 5000];

/** Settles when the first helper can be used. Rejects with a CgiboxError RUNNER_UNAVAILABLE. */
export async function createForkedLauncher(options: ForkedLauncherOptions): Promise<Launcher> {
  const launcher = new ForkedLauncher(options);
  await launcher.start();
  return launcher;
}

class ForkedLauncher implements Launcher {
  readonly name = 'forkserver';
  readonly #options: ForkedLauncherOptions;
  readonly #servers = new Set<ForkServer>();
  readonly #queue: PendingLaunch[] = [];
  readonly #groups = new Map<number, ForkedScript>();
  #failures = 0;
  #isClosed = false;

  constructor(options: ForkedLauncherOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#add();
    const helpers = this.#options.helpers ?? Math.min(4, Math.max(2, availableParallelism()));
    for (let more = 1; more < helpers; more += 1) this.#restart();
  }

  launch(command: Command): Promise<Launch> {
    return new Promise((settle) => {
      if (this.#isClosed) return settle({ kind: 'failed', errno: RUNNER_LOST });
      this.#queue.push({ command, settle });
      this.#drain();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#servers].map((server) => server.close()));
    this.#failQueue(RUNNER_LOST);
  }

  #idlest(): ForkServer | undefined {
    let found: ForkServer | undefined;
    for (const server of this.#servers)
      if (found === undefined || server.client.load < found.client.load) found = server;
    return found;
  }

  async #add(): Promise<void> {
    const server = await startForkServer(this.#options, this.#groups, {
      onLost: (lost, again) => this.#lost(lost, again),
    });
    if (this.#isClosed) return server.close();
    this.#servers.add(server);
    this.#drain();
  }

  /** Without a fork server they wait for the next. */
  #drain(): void {
    for (let server = this.#idlest(); server !== undefined; server = this.#idlest()) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      server.client.send(next);
    }
  }

  #lost(server: ForkServer, again: readonly PendingLaunch[]): void {
    this.#servers.delete(server);
    this.#queue.unshift(...again);
    if (this.#isClosed) return;
    this.#options.warn('a fork server ended; another one is started');
    this.#drain();
    this.#restart();
  }

  #restart(): void {
    const delay = RESTART_DELAYS_MS[Math.min(this.#failures, RESTART_DELAYS_MS.length - 1)];
    setTimeout(() => void this.#tryToAdd(), delay).unref();
  }

  async #tryToAdd(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#add();
      this.#failures = 0;
    } catch (error) {
      if (this.#failures === 0) this.#options.warn(error instanceof Error ? error.message : String(error));
      this.#failures += 1;
      if (this.#servers.size === 0) this.#failQueue(RUNNER_LOST);
      this.#restart();
    }
  }

  #failQueue(errno: string): void {
    for (const pending of this.#queue.splice(0)) pending.settle({ kind: 'failed', errno });
  }
}
