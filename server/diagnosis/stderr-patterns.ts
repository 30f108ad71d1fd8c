// The one table of what stderr can tell: pattern → refinement of a cause. The order decides: the first that matches wins.
// System rows that any language can meet come last; those of env and of carriage returns stand before every language.
import type { Evidence } from './cause.ts';
import type { Refinement, StderrPattern } from './refinement.ts';
import { PERL_PATTERNS } from './stderr-perl.ts';
import { PYTHON_PATTERNS } from './stderr-python.ts';
import { RUBY_AND_TCL_PATTERNS } from './stderr-ruby-tcl.ts';
import { LAST_WORDS, SYSTEM_PATTERNS } from './stderr-system.ts';

export const STDERR_PATTERNS: readonly StderrPattern[] = [
  ...PERL_PATTERNS,
  ...PYTHON_PATTERNS,
  ...RUBY_AND_TCL_PATTERNS,
  ...SYSTEM_PATTERNS,
  ...LAST_WORDS,
];

const MOST_LINES = 500;
const LONGEST_LINE = 2000;

/** What the script's stderr says is wrong; absent where no row of the table knows it. Never throws. */
export function refinementOf(evidence: Evidence): (Refinement & { readonly id: string }) | undefined {
  const text = searchable(evidence.stderr);
  for (const { id, pattern, fits, refine } of STDERR_PATTERNS) {
    const match = pattern.exec(text);
    if (match && fits?.(evidence) !== false) return { id, ...refine(match, evidence) };
  }
  return undefined;
}

// Long lines are cut, so that no script can make a pattern slow. The end is kept: the error stands last.
function searchable(stderr: string): string {
  const lines = stderr.split('\n');
  const kept = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES / 2), ...lines.slice(-MOST_LINES / 2)] : lines;
  return kept.map((line) => line.slice(0, LONGEST_LINE)).join('\n');
}
