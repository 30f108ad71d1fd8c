// Starts one fork server process and listens to it: its own session, three pipes, nothing else of ours.
// Promises: it is ready when this settles; its end is told once; close() leaves no process behind.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Config } from '../config/schema.ts';
import { CgiboxError } from '../errors.ts';
import { answerReader, GOODBYE } from './fork-protocol.ts';
import { ForkServerClient, type PendingLaunch } from './fork-server-client.ts';
import type { ForkedScript } from './forked-script.ts';

export interface ForkServerSettings {
  /** Of the fork servers themselves; PATH finds python3. Scripts get only what their command says. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: Pick<Config['limits'], 'cpuSeconds' | 'memoryBytes' | 'processes' | 'fileSizeBytes'>;
  /** Takes a line that the operator should see. */
  readonly warn: (line: string) => void;
  /** Another program that speaks as fork-server.py does; the limits follow its arguments. */
  readonly program?: ForkServerProgram;
}

export interface ForkServerProgram {
  /** For messages: "fork server". */
  readonly title: string;
  /** What to do where it cannot be started. */
  readonly hint: string;
  readonly file: string;
  readonly args: readonly string[];
  /** After the limits. */
  readonly words?: readonly string[];
}

export interface ForkServerEvents {
  /** Once, after it was ready; with the launches that it cannot have begun. */
  readonly onLost: (server: ForkServer, again: readonly PendingLaunch[]) => void;
}

export interface ForkServer {
  readonly client: ForkServerClient;
  close(): Promise<void>;
}

type Subprocess = ReturnType<typeof spawn>;

const FORK_SERVER: ForkServerProgram = {
  title: 'fork server',
  hint: 'install python3 3.7 or later, or set cgi.runner to direct',
  file: 'python3',
  args: ['-I', '-S', fileURLToPath(new URL('fork-server.py', import.meta.url))],
};
/** After its end: what it had answered is in the pipe already. */
const ANSWERS_READ_MS = 200;
const READY_WITHIN_MS = 10_000;
/** Once or twice this long for one launch, and the fork server is replaced. */
const STUCK_AFTER_MS = 5000;
const CLOSE_WITHIN_MS = 2000;

/** Rejects with a CgiboxError RUNNER_UNAVAILABLE: no python3, or no /proc to open pipes through. */
export async function startForkServer(
  settings: ForkServerSettings,
  groups: Map<number, ForkedScript>,
  events: ForkServerEvents,
): Promise<ForkServer> {
  const subprocess = spawn(settings);
  const client = new ForkServerClient({ write: (frame) => subprocess.stdin.write(frame) }, groups);
  const server: ForkServer = { client, close: () => close(subprocess) };
  const program = settings.program ?? FORK_SERVER;
  relayStderr(subprocess, (line) => settings.warn(`${program.title}: ${line}`));
  subprocess.stdin.on('error', () => undefined); // EPIPE: its end is told by the close of its output.
  // A script that never gets through its exec (a dead disk) holds a copy of that output, and it would never close.
  subprocess.nodeChildProcess.once('exit', () =>
    setTimeout(() => subprocess.stdout.destroy(), ANSWERS_READ_MS).unref(),
  );
  try {
    await untilReady(subprocess, client);
  } catch (error) {
    subprocess.kill('SIGKILL');
    throw unavailable(program, await subprocess, error);
  }
  const watch = endWhenStuck(client, () => subprocess.kill('SIGKILL'));
  subprocess.stdout.once('close', () => {
    clearInterval(watch);
    events.onLost(server, client.lost());
  });
  return server;
}

function spawn({ environment, limits, program = FORK_SERVER }: ForkServerSettings) {
  const values = [limits.cpuSeconds, limits.processes, limits.fileSizeBytes, limits.memoryBytes];
  const numbers = values.map((value) => String(value ?? '-'));
  return execa(program.file, [...program.args, ...numbers, ...(program.words ?? [])], {
    cwd: '/',
    env: environment,
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    encoding: 'buffer',
    buffer: false,
    reject: false,
    detached: true, // Its own session: a Ctrl-C in the terminal is for Node alone.
    cleanup: false, // It sees by its control pipe that Node is gone, also after a SIGKILL.
  });
}

async function untilReady(subprocess: Subprocess, client: ForkServerClient): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`it gave no answer in ${READY_WITHIN_MS / 1000} s`)),
    READY_WITHIN_MS,
  );
  subprocess.stdout.once('close', () => reject(new Error('it ended at once')));
  const read = answerReader();
  subprocess.stdout.on('data', (chunk: Buffer) => {
    try {
      for (const answer of read(chunk)) {
        client.take(answer);
        if (answer.kind === 'ready') resolve();
      }
    } catch (error) {
      // It cannot be trusted with another script. Its end is told as any other.
      reject(error);
      subprocess.stdout.destroy();
      subprocess.kill('SIGKILL');
    }
  });
  await promise.finally(() => clearTimeout(timer));
}

function endWhenStuck(client: ForkServerClient, end: () => void): NodeJS.Timeout {
  let before: PendingLaunch | undefined;
  const look = () => {
    const { busyWith } = client;
    if (busyWith !== undefined && busyWith === before) end();
    before = busyWith;
  };
  return setInterval(look, STUCK_AFTER_MS).unref();
}

function relayStderr(subprocess: Subprocess, warn: (line: string) => void): void {
  const lines = createInterface({ input: subprocess.stderr });
  lines.on('line', warn);
}

async function close(subprocess: Subprocess): Promise<void> {
  subprocess.stdin.write(GOODBYE);
  const timer = setTimeout(() => subprocess.kill('SIGKILL'), CLOSE_WITHIN_MS);
  await subprocess;
  clearTimeout(timer);
}

function unavailable({ title, file, hint }: ForkServerProgram, result: Awaited<Subprocess>, error: unknown) {
  const reason = result.code === 'ENOENT' ? 'it is not on PATH' : String(error).replace('Error: ', '');
  return new CgiboxError('RUNNER_UNAVAILABLE', `Cannot start a ${title} with "${file}": ${reason}`, {
    hint,
    cause: error,
  });
}
