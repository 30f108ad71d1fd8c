// A real git client for tests, cut off from the configuration of the machine and its user.
// Promises: never asks a question; a failed command rejects with what git said.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface GitClient {
  /** A folder of its own, removed with the test. */
  readonly folder: string;
  /** Runs git in a folder below `folder` and settles with its stdout. */
  git(place: string, ...args: readonly string[]): Promise<string>;
}

/** Why tests with git's CGI program cannot run here; absent where they can. */
export function whyGitIsMissing(): string | undefined {
  const { stdout, status } = spawnSync('git', ['--exec-path'], { encoding: 'utf8' });
  if (status !== 0) return 'git is not installed';
  return existsSync(join(stdout.trim(), 'git-http-backend')) ? undefined : 'this git has no git-http-backend';
}

export function createGitClient(t: TestContext, environment: Readonly<Record<string, string>> = {}): GitClient {
  const folder = mkdtempSync(join(tmpdir(), 'cgibox-git-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const settings = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Alice',
    GIT_AUTHOR_EMAIL: 'alice@example.org',
    GIT_COMMITTER_NAME: 'Alice',
    GIT_COMMITTER_EMAIL: 'alice@example.org',
    no_proxy: '127.0.0.1',
    ...environment,
  };
  const git = async (place: string, ...args: readonly string[]) => {
    const { stdout } = await run('git', ['-c', 'init.defaultBranch=main', ...args], {
      cwd: join(folder, place),
      env: settings,
    });
    return stdout;
  };
  return { folder, git };
}
