// Lines with their numbers in the margin and a caret under the one to blame, as compilers show them.
import type { Excerpt } from '../diagnosis/excerpt.ts';
import { visibleLine } from '../diagnosis/visible-text.ts';

export interface NumberedLine {
  readonly text: string;
  readonly kind: 'plain' | 'blamed' | 'caret';
}

const LONGEST = 300;

/** The lines of an excerpt, each at most 300 bytes of the original; the blamed one is marked and followed by a caret. */
export function numberedLines({ firstLine, lines, line }: Excerpt): readonly NumberedLine[] {
  const width = String(firstLine + lines.length - 1).length;
  return lines.flatMap((bytes, index): readonly NumberedLine[] => {
    const number = firstLine + index;
    const text = visibleLine(bytes, LONGEST);
    const margin = String(number).padStart(width);
    if (number !== line) return [{ text: `  ${margin} | ${text}`.trimEnd(), kind: 'plain' }];
    const indent = /^\s*/.exec(text)?.[0] ?? '';
    // The caret marks the line from its first letter; a very long one is not underlined to its end.
    const carets = '^'.repeat(Math.min(60, Math.max(1, text.length - indent.length)));
    return [
      { text: `> ${margin} | ${text}`.trimEnd(), kind: 'blamed' },
      { text: `  ${' '.repeat(width)} | ${indent}${carets}`, kind: 'caret' },
    ];
  });
}
