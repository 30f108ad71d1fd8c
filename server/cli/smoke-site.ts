// Opens servers to test: as many as there are plans at once, all with one mailbox; closed together.
// Each may have a copy of the site of its own (--ephemeral) and a clock that stands still (--clock).
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Surroundings } from '../http/listen.ts';
import { startMail } from '../mail/smtp.ts';
import type { ServerUnderTest } from '../smoke/server-under-test.ts';
import { changesBetween, copySite, type SiteCopy, snapshotOf } from '../smoke/site-files.ts';
import type { SmokeCommand } from './arguments.ts';
import { withVariables } from './script-variables.ts';
import { mayColour, type Shell, warn } from './shell.ts';
import { frozenClock } from './smoke-clock.ts';
import { displayPath } from './smoke-plans.ts';
import { type OwnServerOptions, ownServer } from './smoke-server.ts';
import { versionOf } from './version.ts';

export interface SitesUnderTest {
  /** @throws CgiboxError of starting */
  open(): Promise<ServerUnderTest>;
  /** What is compared with: another server, or this site with its interpreters kept warm. */
  openOther(against: URL | 'warm' | undefined): Promise<ServerUnderTest>;
  close(): Promise<void>;
}

interface At {
  readonly shell: Shell;
  readonly base: string;
}

/** @throws CgiboxError USAGE where the clock cannot be frozen */
export async function sitesUnderTest(command: SmokeCommand, loaded: LoadedConfig, at: At): Promise<SitesUnderTest> {
  const { baseUrl, clock } = command;
  if (baseUrl !== undefined)
    return {
      open: async () => elsewhere(baseUrl),
      openOther: async (other) => elsewhere(other),
      close: async () => {},
    };
  const config = clock === undefined ? loaded.config : withVariables(loaded.config, frozenClock(clock));
  // A port that a running server holds is no trouble: sendmail finds us without one.
  const mail = await startMail(config, { warn: () => {} });
  const { root } = config.site;
  const options: OwnServerOptions = {
    config,
    surroundings: surroundingsOf(command, loaded, at),
    mailbox: mail.mailbox,
    displayPath: (file) => displayPath(file, at.base),
  };
  const open = async (own: OwnServerOptions): Promise<ServerUnderTest> => {
    if (!command.ephemeral) return watched(await ownServer(own), own, root);
    const copy = await copySite(root, at.shell.temporaryFolder);
    try {
      return await ephemeral(own, copy, root);
    } catch (error) {
      await copy.remove();
      throw error;
    }
  };
  return {
    open: () => open(options),
    openOther: async (against) =>
      against === 'warm' ? open({ ...options, config: warmed(config) }) : elsewhere(against),
    close: () => mail.stop(),
  };
}

function elsewhere(url: URL | 'warm' | undefined): ServerUnderTest {
  if (!(url instanceof URL)) throw new Error('only a URL is elsewhere');
  return { url, close: async () => {} };
}

function warmed(config: Config): Config {
  return { ...config, cgi: { ...config.cgi, warm: ['perl', 'python3'] } };
}

function surroundingsOf({ options }: SmokeCommand, loaded: LoadedConfig, { shell }: At): Surroundings {
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag: options.colour });
  return {
    environment: shell.environment,
    temporaryFolder: shell.temporaryFolder,
    configFile: loaded.watched,
    serverSoftware: `cgibox/${versionOf(shell)}`,
    writeLog: () => {},
    warn: (line: string) => void (options.verbose && warn(line, shell, inColour)),
    isTerminal: false,
    mayColour: false,
  };
}

/** On the site itself: what its scripts change is told. */
async function watched(server: ServerUnderTest, options: OwnServerOptions, root: string): Promise<ServerUnderTest> {
  let before = await snapshotOf(root);
  return {
    ...server,
    changedFiles: async () => {
      const after = await snapshotOf(root);
      const changes = changesBetween(before, after);
      before = after;
      return changes.map((path) => options.displayPath(`${root}/${path}`));
    },
  };
}

async function ephemeral(options: OwnServerOptions, copy: SiteCopy, root: string): Promise<ServerUnderTest> {
  const moved = movedConfig(options.config, root, copy.folder);
  const server = await ownServer({ ...options, config: moved, inSite: (said) => inSite(said, copy.folder, root) });
  let clean = await snapshotOf(copy.folder);
  return {
    ...server,
    reset: async () => {
      if (changesBetween(clean, await snapshotOf(copy.folder)).length === 0) return;
      await copy.reset();
      clean = await snapshotOf(copy.folder);
    },
    close: async () => {
      await server.close();
      await copy.remove();
    },
  };
}

/**
 * What is said of the copy, with the paths of the site: the copy is gone when it is read.
 * The folder around it is replaced: its name is plain, however the name of the site is quoted.
 */
function inSite(said: ByteString, folder: string, root: string): ByteString {
  const around = (path: string): ByteString => bytesOfText(path.slice(0, path.lastIndexOf('/') + 1));
  return said.replaceAll(around(folder), () => around(root));
}

/** The configuration with every path of the site in its copy. */
function movedConfig(config: Config, root: string, folder: string): Config {
  const move = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value === root || value.startsWith(`${root}/`) ? folder + value.slice(root.length) : value;
    if (Array.isArray(value)) return value.map(move);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, move(below)]));
  };
  return move(config) as Config;
}
