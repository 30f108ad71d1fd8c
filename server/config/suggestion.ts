// "Did you mean": the known word nearest to an unknown one.
// Silent rather than far-fetched: a third of the letters may differ, or the word is the beginning of a known one.
import { distance } from 'fastest-levenshtein';

/** The nearest of the known words, or undefined where none is near. Case does not count. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, 80);
  let best: { readonly word: string; readonly cost: number } | undefined;
  for (const candidate of known) {
    const cost = costOf(wanted, candidate.toLowerCase());
    if (cost !== undefined && (best === undefined || cost < best.cost)) best = { word: candidate, cost };
  }
  return best?.word;
}

function costOf(wanted: string, candidate: string): number | undefined {
  // Letters in the wrong order ("prot") are the commonest slip; plain edit distance counts two for each pair.
  if (letters(wanted) === letters(candidate)) return 1;
  const edits = distance(wanted, candidate);
  if (edits <= Math.max(1, Math.floor(wanted.length / 3))) return edits;
  const isBeginning = wanted.length >= 3 && candidate.startsWith(wanted);
  return isBeginning ? wanted.length : undefined;
}

function letters(word: string): string {
  return [...word].toSorted().join('');
}
