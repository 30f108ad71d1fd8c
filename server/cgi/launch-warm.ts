// The warm runner: resident interpreters fork and run the script in the fork (PRODUCT.md section 7, decisions/004).
// Promises: what they cannot run, or cannot run now, the cold launcher runs, and the launch says why; nothing ever
// waits for a resident to start. One that has ended, hangs, or has an outdated module loaded is replaced.
import { type PendingLaunch, RUNNER_LOST } from './fork-server-client.ts';
import type { ForkedScript } from './forked-script.ts';
import type { ForkServerSettings } from './launch-fork-server.ts';
import type { Command, Launch, Launcher, WarmCommand } from './launcher.ts';
import { type ScriptSource, ScriptSources } from './script-sources.ts';
import { type ResidentKind, residentKind } from './warm-key.ts';
import { WarmResident } from './warm-resident.ts';

export type WarmLauncherOptions = Pick<ForkServerSettings, 'limits' | 'warn'>;

/** Each is an interpreter of 10 to 30 MB. */
const MOST_RESIDENTS = 6;
/** One that was not asked for in this time may make room for another kind: a changed configuration leaves such behind. */
const IDLE_AFTER_MS = 10_000;
/** Linux executes no program with a longer argument or variable (MAX_ARG_STRLEN), or so much in all; a fork would not notice. */
const LONGEST_STRING = 128 * 1024;
const MOST_BYTES = 1024 * 1024;

/** Residents start when they are first asked for. Closes `cold` too. */
export function createWarmLauncher(cold: Launcher, options: WarmLauncherOptions): Launcher {
  return new WarmLauncher(cold, options);
}

function isOversized({ environment, args }: Command): boolean {
  let bytes = 0;
  for (const name in environment) {
    const length = name.length + (environment[name] ?? '').length + 2;
    if (length > LONGEST_STRING) return true;
    bytes += length;
  }
  for (const word of args) bytes += word.length + 1;
  return bytes > MOST_BYTES;
}

class WarmLauncher implements Launcher {
  readonly name: Launcher['name'];
  readonly #cold: Launcher;
  readonly #options: WarmLauncherOptions;
  readonly #residents = new Map<string, WarmResident>();
  readonly #retiring = new Set<WarmResident>();
  readonly #sources = new ScriptSources();
  readonly #groups = new Map<number, ForkedScript>();

  constructor(cold: Launcher, options: WarmLauncherOptions) {
    this.name = cold.name;
    this.#cold = cold;
    this.#options = options;
  }

  launch(command: Command): Promise<Launch> {
    const { warm } = command;
    if (warm === undefined) return this.#cold.launch(command);
    if (warm.kind === 'refused') return this.#launchCold(command, warm.reason);
    const source = this.#sources.of(warm.script, warm.language);
    const { modules, objection } = source;
    if (objection !== undefined) return this.#launchCold(command, objection);
    if (source.needsTrial) return this.#try(command, source);
    if (isOversized(command)) return this.#launchCold(command, 'its variables are near what can be executed at all');
    const resident = this.#resident({ ...warm, modules }, residentKind(warm, command.environment));
    if (typeof resident === 'string') return this.#launchCold(command, resident);
    return resident.isReady ? this.#launchWarm(command, warm, resident) : this.#launchCold(command, resident.state);
  }

  async close(): Promise<void> {
    const residents = [...this.#residents.values(), ...this.#retiring].map((resident) => resident.close());
    await Promise.all([...residents, this.#cold.close()]);
  }

  /** One that has loaded nothing for scripts that use nothing, and one that has loaded what all the others use. */
  #resident(warm: WarmCommand & Pick<ScriptSource, 'modules'>, { key: startKey, environment }: ResidentKind) {
    const { modules } = warm;
    const key = modules.length === 0 ? startKey : `${startKey}\0`;
    const known = this.#residents.get(key);
    if (known !== undefined) {
      known.learn(modules);
      return known;
    }
    if (environment === undefined) return 'a variable that the interpreter reads at its start is not plain ASCII';
    if (this.#residents.size >= MOST_RESIDENTS && !this.#makeRoom())
      return `${MOST_RESIDENTS} other interpreters are kept warm`;
    const resident = new WarmResident(warm, { ...this.#options, environment }, this.#groups);
    this.#residents.set(key, resident);
    return resident;
  }

  /** Ends the one that was asked for longest ago, if that is long enough; its scripts run on. */
  #makeRoom(): boolean {
    const [oldest] = [...this.#residents].toSorted(([, one], [, other]) => one.usedAt - other.usedAt);
    if (oldest === undefined || performance.now() - oldest[1].usedAt < IDLE_AFTER_MS) return false;
    const [key, resident] = oldest;
    this.#residents.delete(key);
    this.#retiring.add(resident);
    void resident.retire().then(() => this.#retiring.delete(resident));
    return true;
  }

  async #launchWarm(command: Command, { argv, program }: WarmCommand, resident: WarmResident): Promise<Launch> {
    const seenFromInterpreter = { ...command, file: argv[0] ?? program, args: argv.slice(1) };
    const launch = await new Promise<Launch>((settle) => {
      resident.send({ command: seenFromInterpreter, settle } satisfies PendingLaunch);
    });
    if (launch.kind === 'started') return { ...launch, runner: 'warm' };
    // The script may have begun: to run it again could do what it does twice.
    if (launch.errno === RUNNER_LOST) return launch;
    return this.#launchCold(command, resident.reasonOf(launch.errno));
  }

  async #try(command: Command, source: ScriptSource): Promise<Launch> {
    const launch = await this.#launchCold(command, 'it has not ended well yet since it was changed');
    if (launch.kind === 'started')
      void launch.process.exit.then((exit) => {
        if (exit.kind === 'exited' && exit.code === 0) source.needsTrial = false;
      });
    return launch;
  }

  async #launchCold(command: Command, reason: string): Promise<Launch> {
    const launch = await this.#cold.launch(command);
    return launch.kind === 'started' ? { ...launch, remark: `not run warm: ${reason}` } : launch;
  }
}
