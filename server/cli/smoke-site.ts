// Opens servers to test: as many as there are plans at once, all with one mailbox; closed together.
import type { LoadedConfig } from '../config/load.ts';
import { startMail } from '../mail/smtp.ts';
import type { ServerUnderTest } from '../smoke/server-under-test.ts';
import type { SmokeCommand } from './arguments.ts';
import { mayColour, type Shell, warn } from './shell.ts';
import { displayPath } from './smoke-plans.ts';
import { ownServer } from './smoke-server.ts';
import { versionOf } from './version.ts';

export interface SitesUnderTest {
  /** @throws CgiboxError of starting */
  open(): Promise<ServerUnderTest>;
  close(): Promise<void>;
}

export async function sitesUnderTest(
  command: SmokeCommand,
  loaded: LoadedConfig,
  at: { readonly shell: Shell; readonly base: string },
): Promise<SitesUnderTest> {
  const { baseUrl } = command;
  if (baseUrl !== undefined)
    return { open: async () => ({ url: baseUrl, close: async () => {} }), close: async () => {} };
  const { shell, base } = at;
  // A port that a running server holds is no trouble: sendmail finds us without one.
  const mail = await startMail(loaded.config, { warn: () => {} });
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag: command.options.colour });
  const surroundings = {
    environment: shell.environment,
    temporaryFolder: shell.temporaryFolder,
    configFile: loaded.watched,
    serverSoftware: `cgibox/${versionOf(shell)}`,
    writeLog: () => {},
    warn: (line: string) => void (command.options.verbose && warn(line, shell, inColour)),
    isTerminal: false,
    mayColour: false,
  };
  return {
    open: () =>
      ownServer({
        config: loaded.config,
        surroundings,
        mailbox: mail.mailbox,
        displayPath: (file) => displayPath(file, base),
      }),
    close: () => mail.stop(),
  };
}
