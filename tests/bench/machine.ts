// The machine that the figures are true for.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import type { Contender } from './contender.ts';
import { findInterpreter, outputOf } from './program.ts';

/** How busy the machine is: what else runs is in every figure. To be asked before the first measurement. */
export function otherLoad(): string {
  return `load average ${(loadavg()[0] ?? 0).toFixed(1)} before the start`;
}

/** Lines of Markdown: processor, memory, system, versions of servers and interpreters. */
export function machineLines(contenders: readonly Contender[], busy: string): readonly string[] {
  const installed = contenders.map(({ version }) => version).filter((version) => version !== undefined);
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  return [
    `- Machine: ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, ${gibibytes} GiB of memory, ${system()}, Linux ${release()}, ${busy}`,
    `- Servers: ${[...new Set(installed)].join(', ')}`,
    `- Interpreters: ${interpreters().join(', ')}`,
  ];
}

function interpreters(): readonly string[] {
  const perlFile = findInterpreter('perl') ?? 'perl';
  const perl = outputOf(perlFile, ['-e', 'print "Perl ", sprintf("%vd", $^V)']);
  const cgiPm = outputOf(perlFile, ['-MCGI', '-e', 'print "CGI.pm $CGI::VERSION"']);
  return [perl, cgiPm, outputOf(findInterpreter('python3') ?? 'python3', ['--version'])].filter((line) => line !== '');
}

function system(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}
