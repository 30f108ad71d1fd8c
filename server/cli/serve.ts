// cgibox serve: loads the configuration, starts the server, and keeps it until a signal ends it.
// stdout carries the log lines, stderr what is told to the operator.

import { changedKeys } from '../config/keys.ts';
import type { FlagSetting, LoadedConfig } from '../config/load.ts';
import { missingFolders } from '../config/site-layout.ts';
import { watchConfig } from '../config/watch.ts';
import { type RunningServer, type Surroundings, startServer } from '../http/listen.ts';
import type { SmokeTests } from '../inspector/inspected-site.ts';
import type { RunningInspector } from '../inspector/start-inspector.ts';
import type { RunningMail } from '../mail/smtp.ts';
import type { CommonOptions } from './arguments.ts';
import type { RunningSmokeTests, SmokeTestsOptions } from './inspected-smoke.ts';
import { type LineWriter, lineWriter } from './line-writer.ts';
import { loadConfiguration } from './load-configuration.ts';
import { mailReport } from './mail-report.ts';
import { mayColour, reportError, type Shell, warn } from './shell.ts';
import { askDoctor, countFindings } from './start-findings.ts';
import { startReport } from './start-report.ts';
import { versionOf } from './version.ts';

const STDOUT = 1;
/** For the last log lines; a reader that does not read must not keep the server from ending. */
const DRAIN_MILLISECONDS = 1000;

/** @throws CgiboxError of the configuration and of starting (see startServer) */
export async function serve(options: CommonOptions, shell: Shell): Promise<number> {
  const early = earlyHangUp();
  const load = (): LoadedConfig => loadConfiguration(options, shell, logSettings(options));
  const loaded = load();
  const log = lineWriter(STDOUT);
  const operator = operatorOf(options, shell);
  for (const warning of [...loaded.warnings, ...missingFolders(loaded.config)]) operator.warn(warning);
  const running = await startServer(loaded.config, surroundings(loaded, { options, shell, operator, log }));
  const stopped = untilStopped(running, { graceSeconds: loaded.config.server.graceSeconds, operator });
  if (!options.quiet) shell.stderr.write(startReport(loaded, running.url, shell.environment));
  // After the server: the site answers before the mail libraries are loaded.
  const { startMail } = await import('../mail/smtp.ts');
  const mail = await startMail(loaded.config, { warn: operator.warn });
  mail.mailbox.askAboutSessions((session) => running.requestOfScript(session));
  if (loaded.config.mail.enabled) operator.tell(mailReport(mail));
  const inspector = await inspect(running, { loaded, mail, options, shell, operator });
  if (!options.quiet) void countFindings(loaded, shell, options).then((line) => line && operator.tell(line));
  const reload = reloader({ running, mail, load, operator });
  const watch = watchConfig(loaded.watched, (reason) => void reload(reason));
  if (early.over()) void reload('SIGHUP');
  await stopped;
  watch.close();
  await inspector?.close();
  await mail.stop();
  await log.drain(DRAIN_MILLISECONDS);
  return 0;
}

/** A SIGHUP while the server starts would end it; it is obeyed when it has started. */
function earlyHangUp(): { over(): boolean } {
  let hasCome = false;
  const note = () => {
    hasCome = true;
  };
  process.on('SIGHUP', note);
  return {
    over: () => {
      process.off('SIGHUP', note);
      return hasCome;
    },
  };
}

interface Inspecting {
  readonly loaded: LoadedConfig;
  readonly mail: RunningMail;
  readonly options: CommonOptions;
  readonly shell: Shell;
  readonly operator: Operator;
}

/** Starts the inspector, if it is wanted: nothing it does or fails to do touches the site. */
async function inspect(
  running: RunningServer,
  { loaded, mail, options, shell, operator }: Inspecting,
): Promise<RunningInspector | undefined> {
  const { url, history } = running;
  if (history === undefined) return undefined;
  const tests = lateSmokeTests({ loaded: () => ({ ...loaded, config: running.config }), options, shell });
  const { startInspector } = await import('../inspector/start-inspector.ts');
  const site = {
    url,
    history,
    mailbox: mail.mailbox,
    config: () => running.config,
    configFile: loaded.watched,
    environment: shell.environment,
    smokeTests: tests,
    findings: async () => {
      const question = { config: running.config, configFile: loaded.watched, environment: shell.environment };
      return (await askDoctor(question))?.findings ?? [];
    },
    software: `cgibox/${versionOf(shell)}`,
  };
  const inspector = await startInspector(site, operator.warn);
  if (inspector === undefined) return undefined;
  running.linkInspector(inspector.url);
  operator.tell(`  inspector      ${inspector.url}/`);
  return { ...inspector, close: async () => void (await Promise.all([inspector.close(), tests.end()])) };
}

/** Loaded when somebody asks for the first: the server does without plans until then. */
function lateSmokeTests(options: Omit<SmokeTestsOptions, 'signal'>): SmokeTests & { end(): Promise<unknown> } {
  const ended = new AbortController();
  let tests: Promise<RunningSmokeTests> | undefined;
  const made = () => {
    tests ??= import('./inspected-smoke.ts')
      .then(({ smokeTests }) => smokeTests({ ...options, signal: ended.signal }))
      .catch((error: unknown) => {
        tests = undefined; // the next one who asks may find a descriptor for the file
        throw error;
      });
    return tests;
  };
  return {
    asText: async (...asked) => (await made()).asText(...asked),
    save: async (...asked) => (await made()).save(...asked),
    end: async () => {
      ended.abort();
      await (await tests?.catch(() => undefined))?.idle();
    },
  };
}

/** Who reads stderr. */
interface Operator {
  /** Not with --quiet. */
  tell(line: string): void;
  warn(line: string): void;
  fail(error: unknown): void;
}

function operatorOf(options: CommonOptions, shell: Shell): Operator {
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag: options.colour });
  return {
    tell: (line) => void (options.quiet || shell.stderr.write(`${line}\n`)),
    warn: (line) => warn(line, shell, inColour),
    fail: (error) => void reportError(error, shell, inColour),
  };
}

function logSettings(options: CommonOptions): readonly FlagSetting[] {
  return [
    ...(options.quiet ? [{ flag: '--quiet', key: 'log.level', text: 'warn' }] : []),
    ...(options.verbose ? [{ flag: '--verbose', key: 'log.level', text: 'debug' }] : []),
    ...(options.json ? [{ flag: '--json', key: 'log.format', text: 'json' }] : []),
  ];
}

interface Asked {
  readonly options: CommonOptions;
  readonly shell: Shell;
  readonly operator: Operator;
  readonly log: LineWriter;
}

function surroundings(loaded: LoadedConfig, { options, shell, operator, log }: Asked): Surroundings {
  return {
    environment: shell.environment,
    temporaryFolder: shell.temporaryFolder,
    // Also where it may appear later: it is read then, and must not be served.
    configFile: loaded.watched,
    serverSoftware: `cgibox/${versionOf(shell)}`,
    writeLog: (line) => log.writeLine(line),
    warn: (line) => operator.warn(line),
    isTerminal: shell.stdout.isTerminal,
    mayColour: mayColour(shell.stdout, { environment: shell.environment, flag: options.colour }),
  };
}

interface Reloading {
  readonly running: RunningServer;
  readonly mail: RunningMail;
  readonly load: () => LoadedConfig;
  readonly operator: Operator;
}

/** Reads the configuration again. A bad one is reported and the old one stays; one reload at a time, in order. */
function reloader({ running, mail, load, operator }: Reloading): (reason: string) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  const reload = async (reason: string): Promise<void> => {
    try {
      const loaded = load();
      for (const warning of [...loaded.warnings, ...missingFolders(loaded.config)]) operator.warn(warning);
      const before = running.config;
      await running.reconfigure(loaded.config);
      mail.reconfigure(loaded.config);
      operator.tell(`configuration read again (${reason === 'file' ? 'the file has changed' : reason})`);
      if (loaded.config.log.level === 'debug')
        operator.tell(`  changed: ${changedKeys(before, loaded.config).join(', ') || 'nothing'}`);
    } catch (error) {
      operator.fail(error);
      operator.warn('the configuration was not changed: the old one stays in force');
    }
  };
  return (reason) => {
    last = last.then(() => reload(reason));
    return last;
  };
}

interface Stopping {
  readonly graceSeconds: number;
  readonly operator: Operator;
}

/** Settles when the server has stopped: the first signal lets requests finish, the second ends them. */
function untilStopped(running: RunningServer, { graceSeconds, operator }: Stopping): Promise<void> {
  return new Promise((resolve, reject) => {
    let isStopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        running.kill().then(resolve, reject);
        return;
      }
      isStopping = true;
      operator.tell(`${signal}: requests in flight may finish within ${graceSeconds} s; once more ends them at once`);
      running.stop().then(resolve, reject);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
