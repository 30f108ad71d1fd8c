// The bound that no server can pass by much: the scripts started by a C program in a loop, with no HTTP.
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './program.ts';

/** Runs per second of one script, with so many at once. */
export type SpawnLoop = (file: string, run: { clients: number; seconds: number }) => Promise<number>;

/** Compiles the loop into the folder; absent where there is no C compiler. */
export function createSpawnLoop(folder: string): SpawnLoop | undefined {
  const compiler = findProgram('cc') ?? findProgram('gcc');
  if (compiler === undefined) return undefined;
  const program = join(folder, 'spawn-loop');
  const result = spawnSync(compiler, ['-O2', '-o', program, join(import.meta.dirname, 'spawn-loop.c')], {
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`Cannot compile spawn-loop.c: ${result.stderr}`);
  const run = promisify(execFile);
  return async (file, { clients, seconds }) =>
    Number((await run(program, [String(clients), String(seconds), file])).stdout);
}
