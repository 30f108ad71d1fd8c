// Do pages count on server-side includes? (Apache mod_include; not built, PRODUCT.md section 5)
import { linesOf } from '../../diagnosis/visible-text.ts';
import type { Observation } from '../finding.ts';
import type { Survey } from '../survey.ts';

const DIRECTIVE = /<!--#(?:include|exec|echo|config|flastmod|fsize|set|if|printenv)\b/i;
const MAX_LINES = 50_000;

export function checkServerIncludes({ pages }: Survey): readonly Observation[] {
  return pages.flatMap(({ file, text }) => {
    const index = linesOf(text, MAX_LINES).findIndex((line) => DIRECTIVE.test(line));
    if (index < 0) return [];
    return [
      {
        id: 'includes-not-run',
        severity: 'warning' as const,
        title: 'Server-side includes are not run',
        why: 'The page is sent as it is: what <!--#include …> and <!--#exec …> put in on the old server is missing from it.',
        place: { file, line: index + 1 },
        mend: (files: string) => [`grep -n '<!--#' ${files}`],
      },
    ];
  });
}
