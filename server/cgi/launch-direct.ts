// Runs a script's process through execa, one spawn per script: works anywhere, costs Node a fork of its whole memory.
// Promises: own session and process group, the environment given and nothing else. It cannot promise pipes (Node's
// own spawn gives sockets) nor bytes that are not UTF-8 in the environment.
import { execa } from 'execa';
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import type { Exit } from '../diagnosis/cause.ts';
import type { Command, Launch, Launcher } from './launcher.ts';
import { endBeforeServer } from './out-of-memory.ts';
import { signalGroup } from './process-group.ts';
import { scriptStream } from './script-stream.ts';

export function createDirectLauncher(): Launcher {
  return { name: 'direct', launch, close: async () => {} };
}

async function launch(command: Command): Promise<Launch> {
  const subprocess = execa(textOfBytes(command.file), command.args.map(textOfBytes), {
    cwd: textOfBytes(command.workingDirectory),
    env: textEnvironment(command.environment),
    extendEnv: false, // execa would add our whole environment
    stdin: command.hasBody ? 'pipe' : 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false, // a script that fails is a value here
    detached: true, // setsid: a session and a process group of its own
    cleanup: false, // ending scripts when the server ends is the work of run.ts
  });
  if (subprocess.pid === undefined) return { kind: 'failed', errno: errnoOf(await subprocess) };
  const { pid } = subprocess;
  endBeforeServer(pid);
  return {
    kind: 'started',
    process: {
      pid,
      stdin: subprocess.stdin ?? undefined,
      stdout: scriptStream(subprocess.stdout),
      stderr: scriptStream(subprocess.stderr),
      exit: new Promise((resolve) => {
        subprocess.nodeChildProcess.once('exit', (code, signal) => resolve(exitOf(code, signal)));
      }),
      signalGroup: (signal) => signalGroup(pid, signal),
    },
  };
}

function textEnvironment(environment: Readonly<Record<string, ByteString>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, textOfBytes(value)]));
}

function exitOf(code: number | null, signal: string | null): Exit {
  return signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal };
}

function errnoOf(result: { readonly code?: string | undefined; readonly cause?: unknown }): string {
  const cause = result.cause as { code?: unknown } | undefined;
  const errno = result.code ?? cause?.code;
  return typeof errno === 'string' ? errno : 'EIO';
}
