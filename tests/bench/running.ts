// The servers while they run: started one after another, each with a folder of its own, ended together.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchSite, Page } from './bench-site.ts';
import type { Contender } from './contender.ts';
import { ask, askWithin } from './load.ts';
import { memoryMegabytes } from './memory.ts';
import { freePort, type ServerProcess } from './server-process.ts';

const START_SECONDS = 15;

export interface RunningContender {
  readonly name: string;
  readonly origin: string;
  readonly pids: readonly number[];
  /** From its launch to its first right answer of a script. */
  readonly startMilliseconds: number;
  readonly idleMegabytes: number;
}

/** What became of a server: it answers, it is not there, or it does not start. */
export type Entry =
  | { readonly kind: 'running'; readonly name: string; readonly server: RunningContender }
  | { readonly kind: 'absent'; readonly name: string; readonly reason: string };

export class Fleet {
  readonly #processes: ServerProcess[] = [];

  /** Starts one server and waits for its first answer. A server that fails is an entry too. */
  async start(contender: Contender, site: BenchSite, folder: string): Promise<Entry> {
    const { name, version } = contender;
    if (version === undefined) return { kind: 'absent', name, reason: 'not installed' };
    const port = await freePort();
    const place = join(folder, name.replaceAll(/[^a-z0-9]+/gi, '-'));
    mkdirSync(place);
    chmodSync(place, 0o777);
    const begin = performance.now();
    const processes = contender.start({ site, port, folder: place });
    this.#processes.push(...processes);
    const origin = `http://127.0.0.1:${port}`;
    const answer = await askWithin(START_SECONDS, origin, firstScript(site));
    if (answer.kind === 'wrong') return { kind: 'absent', name, reason: `does not start: ${answer.fault}` };
    const startMilliseconds = performance.now() - begin;
    const language = await ask(origin, site.language);
    if (language.kind === 'wrong')
      return { kind: 'absent', name, reason: `another LANG for its scripts: ${language.fault}` };
    const pids = processes.map(({ pid }) => pid);
    return {
      kind: 'running',
      name,
      server: { name, origin, pids, startMilliseconds, idleMegabytes: memoryMegabytes(pids) },
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  kill(): void {
    for (const process of this.#processes) process.kill();
  }
}

function firstScript(site: BenchSite): Page {
  const page = site.pages.find(({ file }) => file !== undefined);
  if (page === undefined)
    throw new Error('Cannot measure anything: neither a compiler nor sh, perl or python3 is here');
  return page;
}
