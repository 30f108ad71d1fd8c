// One running container: asked over its published port on loopback, looked into with docker exec and inspect.
import { setTimeout as wait } from 'node:timers/promises';
import type { Outcome } from './command.ts';

/** Runs a docker command to its end, whatever its exit code. */
export type Docker = (...words: readonly string[]) => Promise<Outcome>;

export class Container {
  readonly id: string;
  readonly #docker: Docker;

  constructor(docker: Docker, id: string) {
    this.#docker = docker;
    this.id = id;
  }

  /** Settles at the first good `cgibox health`, asked by hand: the engine's own schedule is a test of its own. */
  async untilHealthy(): Promise<void> {
    for (let attempt = 0; attempt < 60; attempt += 1) {
      if ((await this.exec('cgibox', 'health')).exitCode === 0) return;
      if ((await this.state('.State.Running')) !== 'true') break;
      await wait(250);
    }
    throw new Error(`the container does not serve:\n${await this.logs()}`);
  }

  exec(...words: readonly string[]): Promise<Outcome> {
    return this.#docker('exec', this.id, ...words);
  }

  /** Both streams of the container so far. */
  async logs(): Promise<string> {
    const { stdout, stderr } = await this.#docker('logs', this.id);
    return `${stdout}${stderr}`;
  }

  /** A field of docker inspect: ".State.ExitCode". */
  async state(field: string): Promise<string> {
    return (await this.#docker('inspect', '--format', `{{${field}}}`, this.id)).stdout.trim();
  }

  async url(path: string): Promise<string> {
    const { stdout } = await this.#docker('port', this.id, '8000/tcp');
    return `http://${stdout.split('\n')[0]}${path}`;
  }

  async get(path: string, init: RequestInit = {}): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(await this.url(path), { redirect: 'manual', ...init });
    return { status: response.status, text: await response.text() };
  }

  /** What a script prints that must answer 200. */
  async text(path: string, init: RequestInit = {}): Promise<string> {
    const { status, text } = await this.get(path, init);
    if (status !== 200) throw new Error(`${path} answered ${status}:\n${text}\n${await this.logs()}`);
    return text;
  }

  /** One line a process: "PID PPID STATE UID ARGUMENTS", read from /proc, as the image has no ps. */
  async processes(): Promise<readonly string[]> {
    const { stdout, stderr } = await this.exec('perl', '-e', PROCESSES);
    if (!stdout.includes('tini')) throw new Error(`the list of processes cannot be read: ${stderr}`);
    return stdout.trim().split('\n');
  }

  stop(seconds: number): Promise<Outcome> {
    return this.#docker('stop', '--time', String(seconds), this.id);
  }
}

const PROCESSES = String.raw`
my $own = "/proc/$$";
for my $folder (grep { $_ ne $own } glob '/proc/[0-9]*') {
  open my $file, '<', "$folder/status" or next;
  my %field = map { /^(\w+):\s+(\S+)/ ? ($1 => $2) : () } <$file>;
  open my $line, '<', "$folder/cmdline" or next;
  my $arguments = join ' ', split /\0/, do { local $/; <$line> } // '';
  print join(' ', @field{qw(Pid PPid State Uid)}, $arguments || "[$field{Name}]"), "\n";
}`;
