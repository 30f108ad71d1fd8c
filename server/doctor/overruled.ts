// The interpreter has the last word: what was found in the text of a file that compiles is no error of compilation, and
// what explains a refusal makes the interpreter's own message needless. Where no interpreter is asked, it may have been wrong.
// Pure.
import type { Compiles } from './compile.ts';
import type { Observation } from './finding.ts';
import type { Source } from './source.ts';
import type { Verdict } from './verdict.ts';

// Found when a file is compiled, if they are there at all; $[ and the names of Python 2 show when it runs.
const OF_COMPILATION = new Set([
  'perl-defined-aggregate',
  'perl-dropped-variable',
  'perl-scalar-aggregate',
  'perl-lexical-topic',
  'perl-bare-list',
  'perl-pragma-dropped',
  'perl-left-brace',
  'python2-syntax',
]);

export interface Overruled {
  readonly kept: readonly Observation[];
  /** Sources whose refusal is explained by what was found in their text. */
  readonly explained: ReadonlySet<Source>;
}

export interface Asked {
  readonly verdicts: ReadonlyMap<Source, Verdict>;
  readonly compiles: Compiles;
}

export function overruled(
  found: ReadonlyMap<Source, readonly Observation[]>,
  { verdicts, compiles }: Asked,
): Overruled {
  const kept: Observation[] = [];
  const explained = new Set<Source>();
  for (const [source, observations] of found) {
    const verdict = verdicts.get(source);
    const isGood = verdict?.kind === 'good';
    for (const observation of observations) {
      const isOfCompilation = OF_COMPILATION.has(observation.id);
      if (isGood && isOfCompilation) continue;
      kept.push(isOfCompilation && compiles === 'none' ? unasked(observation) : observation);
      if (isOfCompilation && verdict?.kind === 'refused') explained.add(source);
    }
  }
  return { kept, explained };
}

function unasked(observation: Observation): Observation {
  const why = `${observation.why} This was found in the text alone: cgibox doctor asks the interpreter.`;
  return { ...observation, severity: 'warning', why };
}
