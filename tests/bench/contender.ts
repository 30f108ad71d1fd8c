// A server to measure: how it is started on a port with the benchmark's site, and what it is called.
import type { BenchSite } from './bench-site.ts';
import type { ServerProcess } from './server-process.ts';

export interface Start {
  readonly site: BenchSite;
  readonly port: number;
  /** An empty folder for its configuration, sockets and logs; every user may enter it. */
  readonly folder: string;
}

export interface Contender {
  readonly name: string;
  /** Program and version, absent where it is not installed. */
  readonly version: string | undefined;
  /** Starts it. Settles when the processes are there, not when the port answers. */
  start(start: Start): readonly ServerProcess[];
}
