// The warm runner: resident interpreters fork and run the script in the fork (PRODUCT.md section 7, decisions/004).
// Promises: what they cannot run, or cannot run now, the cold launcher runs, and the launch says why; nothing ever
// waits for a resident to start. One that has ended, hangs, or has an outdated module loaded is replaced.
import { type PendingLaunch, RUNNER_LOST } from './fork-server-client.ts';
import type { ForkedScript } from './forked-script.ts';
import type { ForkServerSettings } from './launch-fork-server.ts';
import type { Command, Launch, Launcher, WarmCommand } from './launcher.ts';
import { ScriptModules } from './script-modules.ts';
import { type ResidentKind, residentKind } from './warm-key.ts';
import { WarmResident } from './warm-resident.ts';

export type WarmLauncherOptions = Pick<ForkServerSettings, 'limits' | 'warn'>;

/** Each is an interpreter of 10 to 30 MB. */
const MOST_RESIDENTS = 6;

/** Residents start when they are first asked for. Closes `cold` too. */
export function createWarmLauncher(cold: Launcher, options: WarmLauncherOptions): Launcher {
  return new WarmLauncher(cold, options);
}

class WarmLauncher implements Launcher {
  readonly name: Launcher['name'];
  readonly #cold: Launcher;
  readonly #options: WarmLauncherOptions;
  readonly #residents = new Map<string, WarmResident>();
  readonly #modules = new ScriptModules();
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
    const resident = this.#resident(warm, residentKind(warm, command.environment));
    if (typeof resident === 'string') return this.#launchCold(command, resident);
    return resident.isReady ? this.#launchWarm(command, warm, resident) : this.#launchCold(command, resident.state);
  }

  async close(): Promise<void> {
    const residents = [...this.#residents.values()].map((resident) => resident.close());
    await Promise.all([...residents, this.#cold.close()]);
  }

  /** One that has loaded nothing for scripts that use nothing, and one that has loaded what all the others use. */
  #resident(warm: WarmCommand, { key: startKey, environment }: ResidentKind): WarmResident | string {
    const modules = this.#modules.of(warm.script, warm.language);
    const key = modules.length === 0 ? startKey : `${startKey}\0`;
    const known = this.#residents.get(key);
    if (known !== undefined) {
      known.learn(modules);
      return known;
    }
    if (environment === undefined) return 'a variable that the interpreter reads at its start is not plain ASCII';
    if (this.#residents.size >= MOST_RESIDENTS) return `${MOST_RESIDENTS} other interpreters are kept warm`;
    const resident = new WarmResident({ ...warm, modules }, { ...this.#options, environment }, this.#groups);
    this.#residents.set(key, resident);
    return resident;
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

  async #launchCold(command: Command, reason: string): Promise<Launch> {
    const launch = await this.#cold.launch(command);
    return launch.kind === 'started' ? { ...launch, remark: `not run warm: ${reason}` } : launch;
  }
}
