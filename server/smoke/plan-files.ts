// Plans on the disk: which there are, and their text. The door to them.
// Promises: a plan that is absent, no text or too large is one clear error before anything is asked.
import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { reasonOf } from '../config/read-file.ts';
import { CgiboxError } from '../errors.ts';
import { type ReadPlan, readPlan } from './read-plan.ts';

/** A recording of some thousand requests. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The plans of a site: tests/smoke/*.yaml below its root, sorted. */
export function plansOfSite(root: string): readonly string[] {
  const folder = join(root, 'tests/smoke');
  try {
    return readdirSync(folder)
      .filter((name) => /^[^.].*\.ya?ml$/i.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch {
    // No such folder: the site has no plans.
    return [];
  }
}

/** @throws CgiboxError PLAN_UNREADABLE, PLAN_INVALID */
export function openPlan(file: string, source: string): ReadPlan {
  const bytes = readBytes(file, `the plan "${source}"`);
  if (!isUtf8(bytes) || bytes.includes(0)) throw unreadable(`the plan "${source}"`, 'it is not text in UTF-8');
  return readPlan(new TextDecoder().decode(bytes), { file, source });
}

/**
 * Bytes of a file that a plan names, relative to the plan.
 *
 * @throws CgiboxError PLAN_UNREADABLE
 */
export function readFileOfPlan(plan: string | undefined, path: string): Buffer {
  return readBytes(resolve(plan === undefined ? '.' : dirname(plan), path), `"${path}", which the plan names`);
}

function readBytes(file: string, named: string): Buffer {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw unreadable(named, stats.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    if (stats.size > MAX_BYTES) throw unreadable(named, `it has ${stats.size} bytes, more than ${MAX_BYTES}`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof CgiboxError) throw error;
    throw unreadable(named, reasonOf(error), error);
  }
}

function unreadable(named: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'give a file that is there and that you may read';
  return new CgiboxError('PLAN_UNREADABLE', `Cannot read ${named}: ${reason}`, { hint, cause });
}
