// Writes a plan that was made: its text, and the golden files and bodies beside it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RecordedPlan } from '../smoke/recorded-plan.ts';

/** The plan at `file`, its other files beside it. Throws the system's errors. */
export function writePlan(file: string, { text, files }: RecordedPlan): void {
  mkdirSync(dirname(file), { recursive: true });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(dirname(file), path)), { recursive: true });
    writeFileSync(join(dirname(file), path), bytes);
  }
  writeFileSync(file, text);
}
