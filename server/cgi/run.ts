// One run of one script, as a story: how it is run, a place among the running, the process, its header, its answer.
import type { ByteString } from '../config/byte-string.ts';
import type { Config, Tolerance } from '../config/schema.ts';
import type { Cause } from '../diagnosis/cause.ts';
import type { ScriptPlace } from '../site/resource.ts';
import { type Admission, createAdmission } from './admission.ts';
import { gatherEvidence } from './evidence.ts';
import { type Interpretation, interpretation } from './interpreter.ts';
import type { Command, Launch, Launcher } from './launcher.ts';
import { type PerScript, perScript } from './per-script.ts';
import { endRefused, type HeaderLimits, readFirstOutput, readHeader } from './read-header.ts';
import { responseType } from './response.ts';
import { Roster } from './roster.ts';
import type { RunObserver } from './run-observer.ts';
import { RunningScript, type Supervision } from './running-script.ts';
import { type ScriptSetting, scriptCommand, scriptEnvironment } from './script-command.ts';
import type { ScriptRequest } from './script-request.ts';
import type { ScriptOutput, ScriptResponse } from './script-response.ts';
import { streamedBytes } from './streamed-bytes.ts';

export interface Run {
  readonly place: ScriptPlace;
  readonly request: ScriptRequest;
  /** Fires when the client can no longer be answered: the script's group is ended. */
  readonly clientGone: AbortSignal;
  readonly observer: RunObserver;
}

export interface ScriptsOptions {
  /** Starts scripts until `useLauncher` names another. */
  readonly launcher: Launcher;
  readonly serverSoftware: string;
  /** The server's own environment; see `scriptEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of each defect that is worked around, once for each file. */
  readonly onTolerated: (tolerance: Tolerance, place: ScriptPlace, program: ByteString) => void;
}

/** Runs the scripts of a site. */
export class Scripts {
  readonly #options: ScriptsOptions;
  readonly #admission: Admission;
  readonly #starting = new Roster<Promise<Launch>>();
  readonly #running = new Roster<RunningScript>();
  readonly #tolerated = new Set<string>();
  readonly #streamed = streamedBytes();
  #launcher: Launcher;
  #setting: ScriptSetting;
  #perScript: PerScript;
  #isStopping = false;
  #isKilling = false;

  constructor(config: Config, options: ScriptsOptions) {
    this.#options = options;
    this.#launcher = options.launcher;
    this.#admission = createAdmission(config.limits);
    this.#setting = settingOf(config, options);
    this.#perScript = perScript(config);
  }

  /** Takes a new configuration; scripts that run already keep the old one. */
  reconfigure(config: Config): void {
    this.#admission.setLimits(config.limits);
    this.#setting = settingOf(config, this.#options);
    this.#perScript = perScript(config);
  }

  /** Starts further scripts by another launcher; settles when those of the old one have ended. */
  async useLauncher(launcher: Launcher): Promise<void> {
    this.#launcher = launcher;
    await Promise.all(this.#starting.list());
    await Promise.all(this.#running.list().map((script) => script.over()));
  }

  /** Runs a script until its answer can be given. Never rejects; the process may go on after. */
  async run(run: Run): Promise<ScriptResponse> {
    const { observer, evidence } = gatherEvidence(run.place, run.request.target.query, run.observer);
    const response = await this.#attempt({ ...run, observer });
    if (response.kind !== 'failed') return response;
    observer.failed(response.cause);
    return { ...response, evidence: evidence() };
  }

  /** Ends every running script's group and refuses further ones; settles when all have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    // What is being started now is ended as soon as it runs.
    await Promise.all(this.#starting.list());
    const ending = this.#running.list();
    for (const script of ending) script.end('stopping');
    await Promise.all(ending.map((script) => script.over()));
  }

  /** Ends them without grace. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    this.#isKilling = true;
    for (const script of this.#running.list()) this.#endNow(script);
    await Promise.all(this.#starting.list());
  }

  async #attempt(run: Run): Promise<ScriptResponse | Failed> {
    run.observer.found(run.place);
    if (this.#isStopping) return failed({ kind: 'stopping' });
    const settings = this.#perScript(run.place);
    const { config } = this.#setting;
    const path = this.#setting.environment.PATH ?? '';
    const how = interpretation(run.place, { cgi: config.cgi, path, override: settings.interpreter });
    if (how.kind === 'failed') return failed(how.cause);
    if (how.kind === 'interpreted') this.#noteTolerated(how, run);

    const admission = await this.#admission.enter(run.clientGone);
    if (admission.kind === 'gone') return { kind: 'clientGone' };
    if (admission.kind === 'full') return failed({ kind: 'queueFull', ...config.limits });
    const extraEnvironment = settings.environment ?? {};
    const input = { place: run.place, request: run.request, how, extraEnvironment, warm: settings.warm };
    const command = scriptCommand(input, this.#setting);
    if (this.#isStopping) {
      admission.place.leave();
      return failed({ kind: 'stopping' });
    }
    const launcher = this.#launcher;
    const launch = await this.#launch(command, launcher);
    if (launch.kind === 'failed') {
      admission.place.leave();
      return failed(causeOfErrno(launch.errno));
    }
    const runner = launch.runner ?? launcher.name;
    run.observer.started({ command, pid: launch.process.pid, runner });
    if (launch.remark !== undefined) run.observer.remark(launch.remark);
    const timeoutSeconds = settings.timeoutSeconds ?? config.limits.timeoutSeconds;
    const { body } = run.request;
    const { clientGone, observer } = run;
    const { place } = admission;
    const script = this.#supervise(launch, {
      body,
      timeoutSeconds,
      limits: config.limits,
      clientGone,
      observer,
      place,
      streamed: this.#streamed,
    });
    const isNph = settings.nph ?? /(^|\/)nph-[^/]*$/i.test(run.place.scriptFile);
    const limits = { headerBytes: config.limits.headerBytes, timeoutSeconds };
    return isNph ? nphResponse(script, timeoutSeconds) : parsedResponse(script, limits, observer);
  }

  #launch(command: Command, launcher: Launcher): Promise<Launch> {
    const launch = launcher.launch(command);
    this.#starting.add(launch);
    void launch.then(() => this.#starting.remove(launch));
    return launch;
  }

  #supervise({ process }: Extract<Launch, { kind: 'started' }>, supervision: Supervision): RunningScript {
    const script = new RunningScript(process, supervision);
    this.#running.add(script);
    void script.over().then(() => this.#running.remove(script));
    if (this.#isStopping) this.#endNow(script);
    return script;
  }

  #endNow(script: RunningScript): void {
    script.end('stopping');
    if (this.#isKilling) script.kill();
  }

  #noteTolerated({ tolerated, program }: Interpreted, { place, observer }: Run): void {
    for (const tolerance of tolerated) {
      observer.tolerated(tolerance);
      const key = `${tolerance} ${place.scriptFile}`;
      if (this.#tolerated.has(key)) continue;
      this.#tolerated.add(key);
      this.#options.onTolerated(tolerance, place, program);
    }
  }
}

type Interpreted = Extract<Interpretation, { kind: 'interpreted' }>;

/** A failure whose evidence is not gathered yet. */
interface Failed {
  readonly kind: 'failed';
  readonly cause: Cause;
}

function failed(cause: Cause): Failed {
  return { kind: 'failed', cause };
}

function settingOf(config: Config, { serverSoftware, environment }: ScriptsOptions): ScriptSetting {
  return { config, serverSoftware, environment: scriptEnvironment(config, environment) };
}

function causeOfErrno(errno: string): Cause {
  if (errno === 'E2BIG') return { kind: 'environmentTooLarge' };
  return errno === 'RUNNER_LOST' ? { kind: 'runnerLost' } : { kind: 'couldNotStart', errno };
}

async function nphResponse(script: RunningScript, timeoutSeconds: number): Promise<ScriptResponse | Failed> {
  const reading = await readFirstOutput(script, timeoutSeconds);
  return reading.kind === 'first' ? { kind: 'nph', output: outputOf(script, reading.bytes) } : reading;
}

async function parsedResponse(
  script: RunningScript,
  limits: HeaderLimits,
  observer: RunObserver,
): Promise<ScriptResponse | Failed> {
  const reading = await readHeader(script, limits);
  if (reading.kind !== 'header') return reading;
  observer.header(reading.header.fields);
  const response = responseType(reading.header);
  const output = outputOf(script, reading.header.body);
  if (response.kind === 'failed') {
    await endRefused(script);
    return response;
  }
  if (response.kind !== 'localRedirect') return { ...response, output };
  // What the script does after its header comes before what the page it points to shows.
  await thrownAway(output);
  return response;
}

function outputOf(script: RunningScript, first: Uint8Array): ScriptOutput {
  return {
    first,
    pipeTo: (sink, isReady) => script.attach(sink, isReady),
    resume: () => script.resume(),
    discard: () => script.discard(),
  };
}

function thrownAway(output: ScriptOutput): Promise<void> {
  return new Promise((resolve) => {
    output.pipeTo({ write: () => true, end: () => resolve() });
    output.discard();
  });
}
