// cgibox exec: runs one script as the server would, without a server, and shows all of it (PRODUCT.md section 3).
// stdout carries the answer's body, stderr the talk; mail of the script is caught here too.
import { chooseLauncher } from '../cgi/choose-launcher.ts';
import type { Command, Launcher } from '../cgi/launcher.ts';
import { Scripts } from '../cgi/run.ts';
import { shellLine } from '../cgi/shell-line.ts';
import type { Config } from '../config/schema.ts';
import { explain } from '../diagnosis/explain.ts';
import { CgiboxError } from '../errors.ts';
import { type RunningMail, startMail } from '../mail/smtp.ts';
import { createSite } from '../site/resolve.ts';
import type { ExecCommand } from './arguments.ts';
import { execJson, execReport, stderrLine } from './exec-report.ts';
import { type ExecRequest, execRequest } from './exec-request.ts';
import { type Executed, execute } from './exec-run.ts';
import { interruptible } from './interruption.ts';
import { loadConfiguration } from './load-configuration.ts';
import { withVariables } from './script-variables.ts';
import { mayColour, type Shell, warn } from './shell.ts';
import { versionOf } from './version.ts';

/** @throws CgiboxError of the configuration, USAGE, RUNNER_UNAVAILABLE */
export async function exec(command: ExecCommand, shell: Shell): Promise<number> {
  const { options } = command;
  const loaded = loadConfiguration(options, shell);
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag: options.colour });
  const warnings = (line: string): void => warn(line, shell, inColour);
  if (!options.quiet) for (const line of loaded.warnings) warnings(line);
  const config = withVariables(loaded.config, command.environment);
  const software = `cgibox/${versionOf(shell)}`;
  const request = await execRequest(command, { config, software, workingDirectory: shell.workingDirectory });
  const at: At = { config, shell, software, warn: warnings, configFile: loaded.watched };
  return command.isShellLine ? printShellLine(request, at) : runAndReport(request, command, at);
}

interface At {
  readonly config: Config;
  readonly shell: Shell;
  readonly software: string;
  readonly configFile: string;
  readonly warn: (line: string) => void;
}

async function runAndReport(request: ExecRequest, { options }: ExecCommand, at: At): Promise<number> {
  const { config, shell } = at;
  // A port that a running server holds is no trouble: sendmail finds us without one.
  const mail = await startMail(config, { warn: () => {} });
  const launcher = await chooseLauncher(config, { environment: shell.environment, warn: at.warn });
  const scripts = scriptsOf(launcher, at);
  // The script has a session of its own, which the terminal's signal does not reach.
  const interruption = interruptible(() => void scripts.kill());
  try {
    const executed = await execute(request, {
      config,
      site: createSite(config, { configFile: at.configFile, warn: at.warn }),
      scripts,
      interrupted: interruption.signal,
      stdout: (bytes) => void (options.json || shell.stdout.write(bytes)),
      stderrLine: (line) => void (options.quiet || options.json || shell.stderr.write(stderrLine(line))),
    });
    await report(executed, mail, { config, shell, options });
    return executed.isGood ? 0 : 1;
  } finally {
    interruption.end();
    await launcher.close();
    await mail.stop();
  }
}

interface Reporting {
  readonly config: Config;
  readonly shell: Shell;
  readonly options: ExecCommand['options'];
}

async function report(executed: Executed, { mailbox }: RunningMail, to: Reporting): Promise<void> {
  const mails = mailbox.list().toReversed();
  if (to.options.json) {
    to.shell.stdout.write(`${JSON.stringify(await execJson(executed, mails, to.config), null, 2)}\n`);
    return;
  }
  // With --quiet only a failure is worth a word.
  if (!to.options.quiet || !executed.isGood) to.shell.stderr.write(await execReport(executed, mails, to.config));
}

function scriptsOf(launcher: Launcher, { config, shell, software }: At): Scripts {
  const { environment } = shell;
  return new Scripts(config, { launcher, serverSoftware: software, environment, onTolerated: () => {} });
}

/** The command is built as for a run, and caught where it would be started. */
async function printShellLine(request: ExecRequest, at: At): Promise<number> {
  const caught: Command[] = [];
  const catching: Launcher = {
    name: 'direct',
    launch: async (command) => {
      caught.push(command);
      return { kind: 'failed', errno: 'ECANCELED' };
    },
    close: async () => {},
  };
  const executed = await execute(request, {
    config: at.config,
    site: createSite(at.config, { configFile: at.configFile, warn: at.warn }),
    scripts: scriptsOf(catching, at),
    interrupted: new AbortController().signal,
    stdout: () => {},
    stderrLine: () => {},
  });
  const [command] = caught;
  if (command === undefined) throw notStarted(request, executed);
  at.shell.stdout.write(`${shellLine(command, command.hasBody ? request.body : undefined)}\n`);
  return 0;
}

function notStarted({ url }: ExecRequest, { cause, scriptFile }: Executed): CgiboxError {
  const evidence = { scriptFile: scriptFile ?? '', scriptName: '', stderr: '', output: '' };
  const why = cause === undefined ? undefined : explain(cause, evidence);
  const hint = why?.mend[0] ?? 'see why: cgibox exec without --shell';
  return new CgiboxError('USAGE', `Cannot give a line for "${url}": ${why?.title ?? 'no script is started'}`, { hint });
}
