// `npm run bench`: requests per second, latency, memory, start-up and streams of cgibox and the other CGI servers
// on this machine, all in one run. Writes RESULTS.md and RESULTS.svg beside this file.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchSite, createBenchSite } from './bench-site.ts';
import { contenders } from './contenders/all.ts';
import { machineLines, otherLoad } from './machine.ts';
import { memoryMegabytes } from './memory.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { installPackages } from './packages.ts';
import { plot } from './plot.ts';
import { findProgram } from './program.ts';
import { type Results, resultsPage, type ServerFigures } from './results.ts';
import { runRounds } from './rounds.ts';
import { Fleet, type RunningContender } from './running.ts';
import { createSpawnLoop } from './spawn-loop.ts';
import { streamDown, streamUp } from './stream.ts';

const SETTLE_MS = 5000;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(USAGE);
  else await bench(options);
} catch (error) {
  const isUsage = error instanceof TypeError || error instanceof RangeError;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = isUsage ? 2 : 1;
}

async function bench(options: Options): Promise<void> {
  if (options.install) installPackages();
  if (findProgram('wrk') === undefined) {
    throw new RangeError('Cannot measure anything: wrk is not installed; run again with --install as root');
  }
  const folder = mkdtempSync(join(tmpdir(), 'cgibox-bench-'));
  const fleet = new Fleet();
  const interrupted = () => {
    fleet.kill();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    // Apache and lighttpd give up root: they must be able to enter.
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'site'));
    const results = await measureAll(options, { fleet, folder, site: createBenchSite(join(folder, 'site')) });
    publish(results);
  } finally {
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ground {
  readonly fleet: Fleet;
  readonly folder: string;
  readonly site: BenchSite;
}

async function measureAll(options: Options, { fleet, folder, site }: Ground): Promise<Results> {
  const busy = otherLoad();
  const field = contenders(options);
  const entries = [];
  for (const contender of field) {
    const entry = await fleet.start(contender, site, folder);
    tell(`${entry.name}: ${entry.kind === 'running' ? entry.server.origin : entry.reason}`);
    entries.push(entry);
  }
  const servers = entries.filter((entry) => entry.kind === 'running').map(({ server }) => server);
  const pages = site.pages.filter(({ name }) => options.scripts === undefined || options.scripts.includes(name));
  const spawnLoop = createSpawnLoop(folder);
  // What a server does beside its first answers (doctor reads the site) is no part of any page.
  await sleep(SETTLE_MS);
  const cells = await runRounds({ options, pages, servers, spawnLoop, tell });
  const figures = [];
  for (const server of servers) figures.push(await figuresOf(server, options));
  const date = new Date().toISOString().slice(0, 10);
  return { options, machine: machineLines(field, busy), date, pages, entries, cells, figures };
}

async function figuresOf(server: RunningContender, { streamMegabytes }: Options): Promise<ServerFigures> {
  const { name, origin, pids, startMilliseconds, idleMegabytes } = server;
  const busyMegabytes = memoryMegabytes(pids);
  const target = { origin, pids, megabytes: streamMegabytes };
  if (streamMegabytes > 0) tell(`${streamMegabytes} MiB each way, ${name}`);
  const down = streamMegabytes > 0 ? await streamDown(target) : undefined;
  const up = streamMegabytes > 0 ? await streamUp(target) : undefined;
  return { name, startMilliseconds, idleMegabytes, busyMegabytes, down, up };
}

function publish(results: Results): void {
  const page = resultsPage(results);
  console.log(page);
  if (!results.options.write) return;
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), page);
  const clients = results.options.clients.includes(8) ? 8 : (results.options.clients[0] ?? 8);
  writeFileSync(join(import.meta.dirname, 'RESULTS.svg'), plot(results, clients));
}

// stdout is for the tables.
function tell(line: string): void {
  console.error(line);
}
