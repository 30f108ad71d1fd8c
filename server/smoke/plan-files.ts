// Plans on the disk: which there are, and their text. The door to them.
// Promises: a plan that is absent, no text or too large is one clear error before anything is asked.
import { isUtf8 } from 'node:buffer';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Problem, problemsError } from '../config/problem.ts';
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
  const plan = readPlan(new TextDecoder().decode(bytes), { file, source });
  const problems = unreadableFiles(plan);
  if (problems.length > 0) throw problemsError(problems, 'PLAN_UNREADABLE');
  return plan;
}

/** Files that the plan sends, as far as their names are known yet. */
function unreadableFiles({ plan, file, source, placeOf }: ReadPlan): readonly Problem[] {
  return plan.requests.flatMap(({ request: { files = {}, body }, skip }, index) => {
    const sent = Object.entries(files).map(([name, { path }]) => ({ path, at: ['files', name, 'path'] }));
    if (typeof body === 'object') sent.push({ path: body.file, at: ['body', 'file'] });
    return sent.flatMap(({ path, at }): readonly Problem[] => {
      const why = skip !== undefined || path.includes('{{') ? undefined : whyUnreadable(resolve(dirname(file), path));
      if (why === undefined) return [];
      const stretch = placeOf(['requests', index, 'request', ...at]);
      return [{ source, isFile: true, stretch, what: `its file "${path}": ${why}`, advice: READABLE }];
    });
  });
}

function whyUnreadable(file: string): string | undefined {
  try {
    checkFile(file);
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return error instanceof Unfit ? error.message : reasonOf(error);
  }
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
    checkFile(file);
    return readFileSync(file);
  } catch (error) {
    throw unreadable(named, error instanceof Unfit ? error.message : reasonOf(error), error);
  }
}

/** What the system would read, and we do not. */
class Unfit extends Error {}

function checkFile(file: string): void {
  const stats = statSync(file);
  if (!stats.isFile()) throw new Unfit(stats.isDirectory() ? 'it is a folder' : 'it is not a regular file');
  if (stats.size > MAX_BYTES) throw new Unfit(`it has ${stats.size} bytes, more than ${MAX_BYTES}`);
}

const READABLE = 'give a file that is there and that you may read';

function unreadable(named: string, reason: string, cause?: unknown): CgiboxError {
  return new CgiboxError('PLAN_UNREADABLE', `Cannot read ${named}: ${reason}`, { hint: READABLE, cause });
}
