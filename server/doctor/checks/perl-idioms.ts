// Perl that the perl of today refuses (perl5160delta to perl5380delta). The ids are those of diagnosis/stderr-perl.ts.
// Found in the text alone, so that --no-exec finds it too; perl -c has the last word (syntax.ts).
import type { Observation } from '../finding.ts';
import type { Source } from '../source.ts';

interface Idiom {
  readonly id: string;
  /** Tried on a line without comments and contents of strings. */
  readonly pattern: RegExp;
  readonly title: string;
  readonly why: string;
  readonly mend: (files: string) => readonly string[];
}

const IDIOMS: readonly Idiom[] = [
  {
    id: 'perl-defined-aggregate',
    pattern: /\bdefined\s*\(?\s*[@%]\{?\$?[A-Za-z_]/,
    title: 'defined(@array) and defined(%hash) are fatal since Perl 5.22',
    why: 'An array or hash is true when it holds something, so the word "defined" is simply left out.',
    mend: (files) => [`sed -i -E 's/defined *\\(? *([@%]\\w+) *\\)?/(\\1)/g' ${files}`],
  },
  {
    id: 'perl-array-base',
    pattern: /(?<![\w$@%&])\$\[\s*=(?!=)\s*(?!0\s*;)/,
    title: '$[ cannot be set since Perl 5.30',
    why: 'It made the first element of an array number 1. The line has to go, and the indexes of the script count from 0.',
    mend: (files) => [`grep -n '\\$\\[' ${files}`],
  },
  {
    id: 'perl-dropped-variable',
    pattern: /(?<![\w$@%&\\])\$[*#]\s*=(?![=~])/,
    title: '$* and $# are gone since Perl 5.30',
    why: '$* once made ^ and $ match at every line: give those patterns /m instead. $# chose the format of numbers: use sprintf.',
    mend: (files) => [`grep -nE '\\$[*#] *=' ${files}`],
  },
  {
    id: 'perl-scalar-aggregate',
    pattern:
      /(?<![\w$@%&>:-])(?:(?:keys|values|each|pop|shift|push|unshift|splice)\s*\(\s*|(?:keys|values|each|push|unshift|splice)\s+)\$[A-Za-z_]\w*(?:\s*->\s*[[{][^\]}]{0,80}[\]}]|[[{][^\]}]{0,80}[\]}])*\s*[,;)]/,
    title: 'keys, each, push … on a reference are fatal since Perl 5.24',
    why: 'Perl 5.14 to 5.22 let them work on a reference; later versions want the array or hash itself: @$name or %$name.',
    mend: (files) => [`grep -nE '(keys|values|each|push|unshift|pop|shift|splice) *\\(? *\\$' ${files}`],
  },
  {
    id: 'perl-lexical-topic',
    pattern: /\bmy\s*\(?\s*\$_\b/,
    title: 'my $_ is fatal since Perl 5.24',
    why: 'The topic variable cannot be lexical any more. "local $_" does what old scripts mean by it.',
    mend: (files) => [`sed -i -E 's/my +\\$_\\b/local $_/g' ${files}`],
  },
  {
    id: 'perl-bare-list',
    pattern: /\bfor(?:each)?\s+(?:my\s+)?\$\w+\s+qw\b/,
    title: 'foreach $x qw(…) is fatal since Perl 5.18',
    why: 'The list of a loop needs parentheses of its own: foreach $x (qw(a b)).',
    mend: (files) => [`sed -i -E 's/(for(each)? +(my +)?\\$\\w+) +(qw *\\([^)]*\\))/\\1 (\\4)/' ${files}`],
  },
  {
    id: 'perl-pragma-dropped',
    pattern: /^\s*use\s+encoding\b(?!::warnings)/,
    title: 'use encoding is fatal since Perl 5.26',
    why: '"use utf8" reads the source as UTF-8, and binmode sets the encoding of what the script prints.',
    mend: (files) => [`sed -i -E "s/^ *use encoding .*/use utf8; binmode STDOUT, ':utf8';/" ${files}`],
  },
  {
    id: 'perl-temporary-name',
    pattern: /\bPOSIX::tmpnam\s*\(|\bPOSIX\b[^;]{0,80}\btmpnam\b/,
    title: 'POSIX::tmpnam is gone since Perl 5.26',
    why: 'Use File::Temp, which also keeps others from guessing the name.',
    mend: (files) => [`grep -n 'tmpnam' ${files}   # use File::Temp qw(tempfile); ($handle, $name) = tempfile();`],
  },
];

// Elsewhere a brace that is no quantifier is still taken for itself, with a warning at most. A variable may hold a bound.
const BARE_BRACE =
  /(?:=~|!~|\bm[/{!|]|\bsplit\b|\bqr\b).*\\[dDwWsShHvVRX]\{(?!\s*\d*\s*,?\s*\d*\s*\}|[\d\s]*,?\s*[$@][\w{[])/;

export function checkPerlIdioms({ file, language, code }: Source): readonly Observation[] {
  if (language !== 'perl') return [];
  const found = IDIOMS.flatMap(({ id, pattern, title, why, mend }) =>
    code
      .filter(({ bare }) => pattern.test(bare))
      .map(({ number }): Observation => ({ id, severity: 'error', title, why, mend, place: { file, line: number } })),
  );
  return [
    ...found,
    ...code.filter(({ code: text }) => BARE_BRACE.test(text)).map(({ number }) => leftBrace(file, number)),
  ];
}

function leftBrace(file: Source['file'], line: number): Observation {
  return {
    id: 'perl-left-brace',
    severity: 'error',
    title: 'An unescaped { behind \\d, \\w or \\s is fatal since Perl 5.26',
    why: 'A brace that is meant as itself and not as a quantifier is written \\{ in a regular expression (perldiag).',
    place: { file, line },
    mend: (files) => [`grep -nE '[dws][{]' ${files}   # write \\{`],
  };
}
