// How a script is run, in a few words for people: for the report of the start and the page of all scripts.
import { textOfBytes } from '../config/byte-string.ts';
import type { Interpretation } from './interpreter.ts';

/** "/usr/bin/perl -w (tolerated: crlfShebang)"; may hold whatever a #! line holds. */
export function howRun(run: Interpretation): string {
  switch (run.kind) {
    case 'executed':
      return run.interpreter === undefined ? 'a program of its own' : textOfBytes(run.interpreter);
    case 'interpreted': {
      const warned = run.tolerated.length === 0 ? '' : ` (tolerated: ${run.tolerated.join(', ')})`;
      return `${textOfBytes([run.program, ...run.switches].join(' '))}${warned}`;
    }
    case 'failed':
      return `will fail: ${run.cause.kind}${'interpreter' in run.cause ? ` ${run.cause.interpreter}` : ''}`;
    default:
      return run satisfies never;
  }
}
