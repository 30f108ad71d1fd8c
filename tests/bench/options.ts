// The flags of `npm run bench`. An unknown flag or a number that is none ends it with exit code 2.
import { parseArgs } from 'node:util';

export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly clients: readonly number[];
  /** Size of the streams each way in MiB; 0: none. */
  readonly streamMegabytes: number;
  /** Settings of cgibox to measure, each as a server of its own. */
  readonly variants: readonly string[];
  readonly scripts: readonly string[] | undefined;
  readonly servers: readonly string[] | undefined;
  readonly install: boolean;
  readonly write: boolean;
}

export const USAGE = `Usage: npm run bench -- [FLAG...]
  --seconds N      of each measurement (5)
  --rounds N       the median of N rounds counts (3)
  --clients N,N    connections at once (8)
  --stream MIB     size of the streams each way, 0 for none (1024)
  --variants A,B   of cgibox: default, direct, warm, unrecorded (default)
  --scripts A,B    only these, by name: c, sh, perl, python3, cgi-pm, python-cgi, static
  --servers A,B    only these, by name: cgibox, apache, lighttpd, nginx, http.server
  --install        install the other servers, wrk and gcc first (apt-get, as root)
  --no-write       leave RESULTS.md and RESULTS.svg as they are`;

/** Reads the command line. Throws a TypeError or RangeError that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      clients: { type: 'string', default: '8' },
      stream: { type: 'string', default: '1024' },
      variants: { type: 'string', default: 'default' },
      scripts: { type: 'string' },
      servers: { type: 'string' },
      install: { type: 'boolean', default: false },
      write: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seconds: count('--seconds', values.seconds, 1),
    rounds: count('--rounds', values.rounds, 1),
    clients: words(values.clients).map((text) => count('--clients', text, 1)),
    streamMegabytes: count('--stream', values.stream, 0),
    variants: words(values.variants),
    scripts: values.scripts === undefined ? undefined : words(values.scripts),
    servers: values.servers === undefined ? undefined : words(values.servers),
    install: values.install,
    write: values.write,
  };
}

function count(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`Cannot use ${flag} "${text}": it must be a whole number of at least ${least}`);
}

function words(list: string): readonly string[] {
  return list.split(',').filter((word) => word !== '');
}
