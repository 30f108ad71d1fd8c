// Python's own CGIHTTPServer, `python3 -m http.server --cgi`, which Python 3.15 removes.
import { join } from 'node:path';
import type { Contender, Start } from '../contender.ts';
import { findInterpreter, outputOf } from '../program.ts';
import { startProcess } from '../server-process.ts';

export function httpServer(): Contender {
  const program = findInterpreter('python3') ?? 'python3';
  const hasCgi = outputOf(program, ['-m', 'http.server', '--help']).includes('--cgi');
  return {
    name: 'http.server --cgi',
    version: hasCgi ? outputOf(program, ['--version']) : undefined,
    start: (start) => [startHttpServer(program, start)],
  };
}

function startHttpServer(program: string, { site, port, folder }: Start) {
  return startProcess({
    file: program,
    args: ['-W', 'ignore', '-m', 'http.server', '--cgi', '--bind', '127.0.0.1', String(port)],
    workingDirectory: site.folder,
    logFile: join(folder, 'access.log'),
  });
}
