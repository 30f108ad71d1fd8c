// Starts and stops the server: the only file of this room that opens a port.
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { chooseLauncher } from '../cgi/choose-launcher.ts';
import type { Launcher } from '../cgi/launcher.ts';
import { isProcessAlive } from '../cgi/process-group.ts';
import { Scripts } from '../cgi/run.ts';
import { bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { toleranceWarning } from '../diagnosis/tolerance.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { History } from '../exchange/history.ts';
import { createSite } from '../site/resolve.ts';
import { type AccessLog, accessLog } from './access-log.ts';
import { createApp, siteHeaders } from './app.ts';
import type { Serving } from './serving.ts';
import { startError } from './start-error.ts';

/** What the process lends to a server: read once in main.ts, never from `process` here. */
export interface Surroundings {
  /** The process environment: PATH, LANG, TZ, HOME, TMPDIR and `cgi.passEnvironment` are taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for spooled bodies. */
  readonly temporaryFolder: string;
  /** The configuration file in use, absolute: it is never served. Absent without one. */
  readonly configFile: string | undefined;
  /** SERVER_SOFTWARE, for example "cgibox/1.0". */
  readonly serverSoftware: string;
  /** Takes one line of the log, without its line end. Must not block. */
  readonly writeLog: (line: string) => void;
  /** Takes one warning or error for the operator, without its line end. */
  readonly warn: (line: string) => void;
  /** stdout is a terminal: `log.format: auto` is then pretty, and may be coloured. */
  readonly isTerminal: boolean;
  readonly mayColour: boolean;
}

export interface RunningServer {
  /** "http://127.0.0.1:8000": the address and port really bound. */
  readonly url: string;
  /** How scripts are started: "forkserver" or "direct". */
  readonly runner: string;
  /** The last requests; absent where the inspector is off. */
  readonly history: History | undefined;
  /** The configuration in force. */
  readonly config: Config;
  /** Id of the request whose script is the process with this number; the newest, for numbers are used again. */
  requestOfScript(pid: number): string | undefined;
  /** From now on failure pages link to the inspector at this address, for example "http://127.0.0.1:8001". */
  linkInspector(origin: string): void;
  /** Takes a new configuration for every request from now on. `server.*` and the address of the inspector need a restart: a warning says so. */
  reconfigure(config: Config): Promise<void>;
  /** Stops accepting, lets requests in flight finish for `server.graceSeconds`, then ends their process groups. */
  stop(): Promise<void>;
  /** Ends every script's process group and closes at once. */
  kill(): Promise<void>;
}

/**
 * Binds the address and serves the site.
 *
 * @throws CgiboxError PORT_TAKEN, PORT_FORBIDDEN, ADDRESS_UNAVAILABLE, TLS_UNUSABLE, RUNNER_UNAVAILABLE
 */
export async function startServer(config: Config, surroundings: Surroundings): Promise<RunningServer> {
  const launcher = await chooseLauncher(config, surroundings);
  try {
    const server = new SiteServer(config, { surroundings, launcher });
    await server.listen();
    return server;
  } catch (error) {
    await launcher.close();
    throw error;
  }
}

const FAREWELL_MS = 500;

class SiteServer implements RunningServer {
  readonly history: History | undefined;
  readonly #started: Config;
  readonly #surroundings: Surroundings;
  #launcher: Launcher;
  readonly #inFlight = new Set<Exchange>();
  #serving: Serving;
  #log: AccessLog;
  #app: FastifyInstance | undefined;
  #isStopping = false;
  #url = '';
  #inspector: string | undefined;

  constructor(config: Config, { surroundings, launcher }: { surroundings: Surroundings; launcher: Launcher }) {
    this.#started = config;
    this.#surroundings = surroundings;
    this.history = config.inspector.enabled ? new History(config.inspector) : undefined;
    this.#launcher = launcher;
    const scripts = new Scripts(config, {
      launcher,
      serverSoftware: surroundings.serverSoftware,
      environment: surroundings.environment,
      onTolerated: (tolerance, { scriptFile }, program) =>
        surroundings.warn(toleranceWarning(tolerance, scriptFile, program)),
    });
    this.#log = accessLog(config, surroundings);
    this.#serving = this.#servingOf(config, scripts);
  }

  get runner(): string {
    return this.#launcher.name;
  }

  get url(): string {
    return this.#url;
  }

  get config(): Config {
    return this.#serving.config;
  }

  requestOfScript(pid: number): string | undefined {
    const waiting = [...this.#inFlight].findLast((exchange) => exchange.pid === pid);
    if (waiting !== undefined) return waiting.id;
    // A child in the background outlives answer and script, and the session keeps its number from new processes.
    const recorded = this.history?.ofScript(pid);
    return recorded?.hasExited === true && isProcessAlive(pid) ? undefined : recorded?.id;
  }

  linkInspector(origin: string): void {
    this.#inspector = origin;
  }

  async listen(): Promise<void> {
    this.#app = await createApp(this.#started, {
      serving: () => this.#serving,
      isStopping: () => this.#isStopping,
      onRequest: ({ exchange, fields, request: { raw } }) => {
        this.#inFlight.add(exchange);
        const scheme = this.#started.server.tls === null ? 'http' : 'https';
        this.history?.begin(exchange, { fields, remotePort: raw.socket.remotePort ?? 0, scheme });
      },
      onAnswered: (exchange) => {
        this.#inFlight.delete(exchange);
        this.#log.answered(exchange);
        this.history?.finish(exchange);
        // A script that outlives its answer: its exit is news once more.
        if (exchange.exit === undefined) void exchange.exited?.then(() => this.history?.finish(exchange));
      },
    });
    const { host, port } = this.#started.server;
    try {
      await this.#app.listen({ host, port });
      this.#url = urlOf(this.#app.server.address() as AddressInfo, this.#started.server.tls !== null);
    } catch (error) {
      throw startError(error, { host, port });
    }
  }

  async reconfigure(config: Config): Promise<void> {
    if (startedWith(config) !== startedWith(this.#started))
      this.#surroundings.warn(
        'server.* and the address of the inspector take effect at the next start; the rest of the configuration is in force',
      );
    if (launchedWith(config) !== launchedWith(this.#serving.config)) await this.#replaceLauncher(config);
    // Of connections from now on; dispatch.ts keeps a smaller limit on every one.
    Object.assign(this.#app?.server ?? {}, { maxHeaderSize: config.limits.requestHeaderBytes });
    this.history?.setLimits(config.inspector);
    this.#serving.scripts.reconfigure(config);
    this.#log = accessLog(config, this.#surroundings);
    this.#serving = this.#servingOf(config, this.#serving.scripts);
  }

  /** Scripts that run stay with the launcher that started them, until they have ended. */
  async #replaceLauncher(config: Config): Promise<void> {
    const old = this.#launcher;
    const next = await chooseLauncher(config, this.#surroundings);
    if (this.#isStopping) return next.close();
    this.#launcher = next;
    void this.#serving.scripts.useLauncher(this.#launcher).then(() => old.close());
  }

  async stop(): Promise<void> {
    this.#beginStop();
    const { graceSeconds } = this.#serving.config.server;
    const deadline = performance.now() + graceSeconds * 1000;
    while (this.#inFlight.size > 0 && performance.now() < deadline) await delay(20);
    await this.#serving.scripts.stop();
    // What was cut off is still told so; an upload that never ends is not waited for.
    const last = performance.now() + FAREWELL_MS;
    while (this.#inFlight.size > 0 && performance.now() < last) await delay(20);
    await this.#close();
  }

  async kill(): Promise<void> {
    this.#beginStop();
    await this.#serving.scripts.kill();
    await this.#close();
  }

  #beginStop(): void {
    this.#isStopping = true;
    // From now on connections are refused by the system, and idle ones closed.
    this.#app?.server.close();
  }

  async #close(): Promise<void> {
    this.#app?.server.closeAllConnections();
    await this.#app?.close();
    await this.#launcher.close();
  }

  #servingOf(config: Config, scripts: Scripts): Serving {
    const { warn, configFile, temporaryFolder, environment } = this.#surroundings;
    return {
      config,
      scripts,
      site: createSite(config, { configFile, warn }),
      headers: siteHeaders(config),
      temporaryFolder,
      mendedIn: {
        configFile: configFile === undefined ? undefined : bytesOfText(configFile),
        isInImage: environment.CGIBOX_IMAGE === '1',
      },
      inspector: () => this.#inspector,
      stderrLine: (exchange, line) => this.#log.stderr(exchange, line),
      debugStep: this.#log.debug,
    };
  }
}

/** What a running server cannot change. */
function startedWith({ server, inspector: { enabled, host, port } }: Config): string {
  return JSON.stringify({ server, inspector: { enabled, host, port } });
}

/** What the processes that start scripts were started with, the warm interpreters too. */
function launchedWith({ cgi, limits }: Config): string {
  const { runner, warm, environment, passEnvironment, perScript } = cgi;
  const { cpuSeconds, memoryBytes, processes, fileSizeBytes } = limits;
  const resources = { cpuSeconds, memoryBytes, processes, fileSizeBytes };
  return JSON.stringify({ runner, warm, environment, passEnvironment, perScript, resources });
}

function urlOf({ address, family, port }: AddressInfo, isTls: boolean): string {
  return `${isTls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
