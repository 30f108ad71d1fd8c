// A copy of a folder of the project that a test may write into: byte for byte, with its links, gone when the test ends.
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './start-site.ts';

/** Copies a folder, given relative to the project, and returns the path of the copy. */
export async function copiedFolder(t: Pick<TestContext, 'after'>, folder: string): Promise<string> {
  const copy = path.join(await temporaryFolder(t), path.basename(folder));
  await cp(path.resolve(import.meta.dirname, '../..', folder), copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}
