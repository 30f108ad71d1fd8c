// One resident interpreter as the warm launcher sees it: starting, ready, or of no use for a while.
// Promises: `send` settles each launch; a resident that is outdated ends when the last of its scripts has.
import { fileURLToPath } from 'node:url';
import type { ByteString } from '../config/byte-string.ts';
import { firstBytesOf } from '../site/disk.ts';
import type { PendingLaunch } from './fork-server-client.ts';
import type { ForkedScript } from './forked-script.ts';
import {
  type ForkServer,
  type ForkServerProgram,
  type ForkServerSettings,
  startForkServer,
} from './launch-fork-server.ts';
import type { WarmCommand } from './launcher.ts';
import { Roster } from './roster.ts';

/** What a resident is made of. */
type ResidentInterpreter = Pick<WarmCommand, 'language' | 'program'>;

/** Requests that come together teach together. */
const LEARN_FOR_MS = 300;
const RETRY_AFTER_MS = 30_000;
const RESTART_AFTER_MS = 100;
/** A loaded module is not the one on disk any more. */
const OUTDATED = 'ECANCELED';
/** Of a launch that the resident was never sent, or had not begun. */
const NOT_BEGUN = 'NOT_BEGUN';
/**
 * For the resident alone; scripts get an environment of their own. Symbols are looked up once, not again in each fork; and
 * malloc takes one free block where it finds it, and does not gather seven more of that size from as many pages.
 */
const FOR_FORKS = { LD_BIND_NOW: '1', GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0' };

export class WarmResident {
  readonly #interpreter: ResidentInterpreter;
  /** All that it should have loaded, and how many of them it has. */
  readonly #modules: Set<string>;
  #loaded = 0;
  #learning: NodeJS.Timeout | undefined;
  /** Why it could not be started last. */
  #failure = '';
  readonly #settings: ForkServerSettings;
  readonly #groups: Map<number, ForkedScript>;
  #server: ForkServer | undefined;
  #retired: Promise<unknown> = Promise.resolve();
  /** Settles with the exit of a script, or when it is clear that there is none. */
  readonly #running = new WeakMap<ForkServer, Roster<Promise<unknown>>>();
  readonly #closing = Promise.withResolvers<void>();
  #isClosed = false;
  /** When it was asked for last, in milliseconds that only go forward. */
  usedAt = performance.now();
  /** Why it cannot be used now. */
  state = 'the interpreter is still being loaded';

  constructor(
    interpreter: ResidentInterpreter & { readonly modules: readonly string[] },
    settings: ForkServerSettings,
    groups: Map<number, ForkedScript>,
  ) {
    this.#interpreter = interpreter;
    this.#modules = new Set(interpreter.modules);
    this.#settings = settings;
    this.#groups = groups;
    void this.#start();
  }

  get isReady(): boolean {
    return this.#server !== undefined;
  }

  /** Where a script uses modules that it has not loaded, it is soon replaced by one that has. */
  learn(modules: readonly string[]): void {
    this.usedAt = performance.now();
    for (const name of modules) this.#modules.add(name);
    if (this.#modules.size === this.#loaded || this.#server === undefined || this.#isClosed) return;
    this.#learning ??= setTimeout(() => void this.#succeed(), LEARN_FOR_MS).unref();
  }

  /** Only while it is ready. The errno of a launch that was not begun is understood by `reasonOf`. */
  send({ command, settle }: PendingLaunch): void {
    const server = this.#server;
    if (server === undefined) return settle({ kind: 'failed', errno: NOT_BEGUN });
    const over = Promise.withResolvers<unknown>();
    const running = this.#runningOf(server);
    running.add(over.promise);
    void over.promise.then(() => running.remove(over.promise));
    server.client.send({
      command,
      settle: (launch) => {
        over.resolve(launch.kind === 'started' ? launch.process.exit : undefined);
        if (launch.kind === 'failed' && launch.errno === OUTDATED) this.#retire(server);
        settle(launch);
      },
    });
  }

  reasonOf(errno: string): string {
    if (errno === OUTDATED) return 'a loaded module has changed, the interpreter is started anew';
    return errno === NOT_BEGUN ? 'the warm interpreter ended' : `the warm interpreter could not fork (${errno})`;
  }

  /** Starts no more; settles when the last of its scripts has ended, and it too. */
  async retire(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#learning);
    if (this.#server !== undefined) this.#letGo(this.#server);
    this.#server = undefined;
    await this.#retired;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#learning);
    this.#closing.resolve();
    await Promise.all([this.#server?.close(), this.#retired]);
  }

  async #start(): Promise<void> {
    const { program, language } = this.#interpreter;
    if (!isBinary(program)) {
      this.state = `${program} is a wrapper, not the interpreter itself`;
      return;
    }
    const server = await this.#load();
    if (this.#isClosed) return void server?.close();
    this.#server = server;
    if (server !== undefined) return;
    this.state = `${program} cannot be kept warm as ${language} (${this.#failure})`;
    this.#startIn(RETRY_AFTER_MS);
  }

  async #load(): Promise<ForkServer | undefined> {
    const count = this.#modules.size;
    const program = residentProgram(this.#interpreter, this.#modules);
    const environment = { ...FOR_FORKS, ...this.#settings.environment };
    try {
      const onLost = (lost: ForkServer, again: readonly PendingLaunch[]) => this.#lost(lost, again);
      const server = await startForkServer({ ...this.#settings, environment, program }, this.#groups, { onLost });
      this.#loaded = count;
      return server;
    } catch (error) {
      const { cause } = error as Error;
      this.#failure = cause instanceof Error ? cause.message : String(error);
      return undefined;
    }
  }

  /** Loads what has been learned beside the one that serves meanwhile. */
  async #succeed(): Promise<void> {
    const former = this.#server;
    const next = await this.#load();
    this.#learning = undefined;
    // Where it ended meanwhile, it was started anew and has loaded the same.
    if (former === undefined || next === undefined || this.#isClosed || this.#server !== former)
      return void next?.close();
    this.#server = next;
    this.#letGo(former);
  }

  #startIn(milliseconds: number): void {
    setTimeout(() => {
      if (!this.#isClosed) void this.#start();
    }, milliseconds).unref();
  }

  #runningOf(server: ForkServer): Roster<Promise<unknown>> {
    const running = this.#running.get(server) ?? new Roster();
    this.#running.set(server, running);
    return running;
  }

  /** Its scripts are reported by it to the last; then it is let go. */
  #retire(server: ForkServer): void {
    if (server !== this.#server) return;
    this.#server = undefined;
    this.state = 'a loaded module has changed, the interpreter is started anew';
    this.#letGo(server);
    void this.#start();
  }

  #letGo(server: ForkServer): void {
    const lastExit = Promise.race([this.#closing.promise, Promise.all(this.#runningOf(server).list())]);
    this.#retired = Promise.all([this.#retired, lastExit.then(() => server.close())]);
  }

  #lost(server: ForkServer, again: readonly PendingLaunch[]): void {
    for (const pending of again) pending.settle({ kind: 'failed', errno: NOT_BEGUN });
    if (server !== this.#server) return;
    this.#server = undefined;
    this.state = 'the interpreter ended and is started anew';
    if (this.#isClosed) return;
    this.#settings.warn(`a warm ${this.#interpreter.language} ended; another one is started`);
    this.#startIn(RESTART_AFTER_MS);
  }
}

function residentProgram({ language, program }: ResidentInterpreter, modules: ReadonlySet<string>): ForkServerProgram {
  const title = `warm ${language}`;
  const hint = `take ${language} out of cgi.warm`;
  const file = Buffer.from(program, 'latin1').toString();
  if (language === 'python3') return { title, hint, file, args: [pathOf('warm-python.py')], words: [...modules] };
  const text = pathOf('warm-perl.pl');
  const args = [`-M5.006;BEGIN{require q{${text}};Cgibox::Warm::serve()}`, text];
  return { title, hint, file, args, words: [...modules] };
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** pyenv, asdf and the like put shell scripts on PATH, which change the environment before they run the interpreter. */
function isBinary(program: ByteString): boolean {
  return firstBytesOf(program, 4) === '\x7fELF';
}
