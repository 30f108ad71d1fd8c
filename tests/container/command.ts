// Runs a command of the machine for the container suite, and hands back what it printed. Never rejects.
import { execFile } from 'node:child_process';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  readonly timeoutSeconds?: number;
}

/** Runs to the end, by default within 10 minutes; a program that cannot be started has exit code 127. */
export function run(file: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const settings = {
      env: { ...process.env, ...options.environment },
      cwd: options.folder,
      timeout: (options.timeoutSeconds ?? 600) * 1000,
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(file, args, settings, (error, stdout, stderr) => {
      resolve({ exitCode: exitCodeOf(error), stdout, stderr: stderr === '' ? (error?.message ?? '') : stderr });
    });
  });
}

function exitCodeOf(error: { readonly code?: string | number | null } | null): number {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : 127;
}

/** Runs, and throws with both streams where the command fails: for what the suite itself needs. */
export async function mustRun(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const outcome = await run(file, args, options);
  if (outcome.exitCode === 0) return outcome.stdout.trim();
  throw new Error(`${file} ${args.join(' ')}: exit code ${outcome.exitCode}\n${outcome.stdout}\n${outcome.stderr}`);
}
