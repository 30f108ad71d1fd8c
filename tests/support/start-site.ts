// A site that is served over a real socket for one test: on a free port, in a temporary folder, stopped with the test.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { absolutePaths } from '../../server/config/absolute-paths.ts';
import { loadConfig } from '../../server/config/load.ts';
import { Config } from '../../server/config/schema.ts';
import { type RunningServer, startServer } from '../../server/http/listen.ts';

/** Content of a file; text that begins with "#!" makes it executable, unless a mode is given. */
export type FileContent = string | Buffer | { readonly content: string | Buffer; readonly mode: number };

/** Some keys of the configuration, over the defaults. */
export type Overrides = { readonly [Section in keyof Config]?: Partial<Config[Section]> };

export interface TestSite {
  /** "http://127.0.0.1:45678" */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly server: RunningServer;
  /** What it was started with. */
  readonly config: Config;
  /** Lines of the log (JSON unless overridden) and warnings, as they come. */
  readonly log: string[];
  readonly warnings: string[];
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Sends bytes as they are (a string is latin1) and gives what comes until the server closes, or is silent. */
  raw(bytes: string | Buffer, options?: RawOptions): Promise<Buffer>;
  /** The parsed log line of the request with the given URL, as soon as it is written. */
  logged(url: string): Promise<Record<string, unknown>>;
}

export interface RawOptions {
  /** Ends our side after the bytes: a half-close. */
  readonly halfClose?: boolean;
  /** Gives up after this silence; default 5000. */
  readonly silenceMs?: number;
}

/** direct, forkserver, or warm (the fork server with warm interpreters): every test of this kind then runs with it. */
const RUNNER = process.env.CGIBOX_TEST_RUNNER;
const RUNNER_KEYS =
  RUNNER === 'warm' ? { warm: ['perl', 'python3'] } : { ...(RUNNER !== undefined && { runner: RUNNER }) };

/** Serves files by name: `cgi-bin/…` are scripts, `public/…` is the document root. */
export async function startSite(
  t: Pick<TestContext, 'after'>,
  files: Readonly<Record<string, FileContent>>,
  overrides: Overrides = {},
): Promise<TestSite> {
  const folder = await temporaryFolder(t);
  await Promise.all(['public', 'cgi-bin'].map((name) => mkdir(join(folder, name))));
  for (const [name, content] of Object.entries(files)) await writeSiteFile(join(folder, name), content);
  const defaults = Config.parse({ site: { root: folder } });
  const config = {
    ...defaults,
    site: { ...defaults.site, documentRoot: join(folder, 'public') },
    cgi: { ...defaults.cgi, scriptAlias: { '/cgi-bin/': join(folder, 'cgi-bin') } },
  };
  return start(t, folder, absolutePaths(merged(config, overrides)));
}

/** Serves a folder as `cgibox serve FOLDER` does, with its own configuration file or none. */
export async function startFolder(
  t: Pick<TestContext, 'after'>,
  folder: string,
  overrides: Overrides = {},
): Promise<TestSite> {
  const { config } = loadConfig({
    file: undefined,
    site: resolve(folder),
    flags: [],
    environment: {},
    workingDirectory: process.cwd(),
    shippedFile: resolve('config/cgibox.yaml'),
  });
  return start(t, resolve(folder), merged(config, overrides));
}

function merged(config: Config, overrides: Overrides): Config {
  const keys = Object.keys(config) as (keyof Config)[];
  const local = { server: { ...config.server, port: 0 }, cgi: { ...config.cgi, ...RUNNER_KEYS } };
  const base = { ...config, ...local };
  return Object.fromEntries(keys.map((key) => [key, { ...base[key], ...overrides[key] }])) as unknown as Config;
}

async function start(t: Pick<TestContext, 'after'>, folder: string, config: Config): Promise<TestSite> {
  const log: string[] = [];
  const warnings: string[] = [];
  const server = await startServer(config, {
    environment: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    temporaryFolder: tmpdir(),
    configFile: undefined,
    serverSoftware: 'cgibox/test',
    writeLog: (line) => void log.push(line),
    warn: (line) => void warnings.push(line),
    isTerminal: false,
    mayColour: false,
  });
  t.after(() => server.kill());
  const port = Number(new URL(server.url).port);
  return {
    url: server.url,
    port,
    folder,
    server,
    config,
    log,
    warnings,
    get: (path, init) => fetch(server.url + path, init),
    raw: (bytes, options) => raw(port, bytes, options),
    logged: (url) => logged(log, url),
  };
}

/** A temporary folder that goes with the test. */
export async function temporaryFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'cgibox-test-')));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function writeSiteFile(file: string, given: FileContent): Promise<void> {
  const { content, mode } = typeof given === 'object' && 'mode' in given ? given : { content: given, mode: undefined };
  await mkdir(dirname(file), { recursive: true });
  const isProgram = content.toString('latin1').startsWith('#!');
  await writeFile(file, content, { mode: mode ?? (isProgram ? 0o755 : 0o644) });
}

function raw(
  port: number,
  bytes: string | Buffer,
  { halfClose = false, silenceMs = 5000 }: RawOptions = {},
): Promise<Buffer> {
  return new Promise((settle, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const finish = () => {
      socket.destroy();
      settle(Buffer.concat(chunks));
    };
    socket.setTimeout(silenceMs, finish);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', finish);
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? finish() : reject(error),
    );
    const sent = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (halfClose) socket.end(sent);
    else socket.write(sent);
  });
}

async function logged(log: readonly string[], url: string): Promise<Record<string, unknown>> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    for (const line of log) {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry.url === url) return entry;
    }
    await new Promise((settle) => setTimeout(settle, 10));
  }
  throw new Error(`no log line for ${url} in:\n${log.join('\n')}`);
}

/** A shell script's text: sh`echo hello` */
export function sh(text: TemplateStringsArray, ...values: readonly unknown[]): string {
  return `#!/bin/sh\n${String.raw(text, ...values)}\n`;
}
