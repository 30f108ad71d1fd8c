// Perl that the perl of today refuses (perl5160delta to perl5380delta). The ids are those of diagnosis/stderr-perl.ts.
// Found in the text alone, so that --no-exec finds it too; perl -c has the last word (syntax.ts).
import type { ByteString } from '../../config/byte-string.ts';
import {
  BARE_LIST,
  DEFINED_AGGREGATE,
  FORM_NAMES,
  LEFT_BRACE,
  LEXICAL_TOPIC,
  mendIdiom,
  type PerlIdiom,
  pragmaDropped,
  TEMPORARY_NAME,
} from '../../diagnosis/perl-idioms.ts';
import { edited } from '../../diagnosis/sed-line.ts';
import { bareOf, type CodeLine } from '../code-lines.ts';
import type { Observation } from '../finding.ts';
import type { Source } from '../source.ts';

interface Idiom extends PerlIdiom {
  readonly id: string;
  /** Tried on a line without comments and contents of strings. */
  readonly pattern: RegExp;
  /** Tried with the contents of strings. */
  readonly isInStrings?: true;
}

// Elsewhere a brace that is no quantifier is still taken for itself, with a warning at most. A variable may hold a bound.
const BARE_BRACE =
  /(?:=~|!~|\bm[/{!|]|\bsplit\b|\bqr\b).*\\[dDwWsShHvVRX]\{(?!\s*\d*\s*,?\s*\d*\s*\}|[\d\s]*,?\s*[$@][\w{[])/;

const IDIOMS: readonly Idiom[] = [
  {
    id: 'perl-defined-aggregate',
    pattern: /\bdefined\s*\(?\s*(?:my\s*)?[@%](?:\{|\$*(?:::)?[A-Za-z_][\w:']*(?![\w:'[{]))/,
    ...DEFINED_AGGREGATE,
  },
  {
    id: 'perl-array-base',
    pattern: /(?<![\w$@%&])\$\[\s*=(?!=)\s*(?!0\s*;)/,
    title: '$[ cannot be set since Perl 5.30',
    why: 'It made the first element of an array number 1. The line has to go, and the indexes of the script count from 0.',
    show: (files) => `grep -n '\\$\\[' ${files}`,
  },
  {
    id: 'perl-dropped-variable',
    pattern: /(?<![\w$@%&\\])\$[*#]\s*=(?![=~])/,
    title: '$* and $# are gone since Perl 5.30',
    why: '$* once made ^ and $ match at every line: give those patterns /m instead. $# chose the format of numbers: use sprintf.',
    show: (files) => `grep -nE '\\$[*#] *=' ${files}`,
  },
  {
    id: 'perl-scalar-aggregate',
    pattern:
      /(?<![\w$@%&>:-])(?:(?:keys|values|each|pop|shift|push|unshift|splice)\s*\(\s*|(?:keys|values|each|push|unshift|splice)\s+)\$[A-Za-z_]\w*(?:\s*->\s*[[{][^\]}]{0,80}[\]}]|[[{][^\]}]{0,80}[\]}])*\s*[,;)]/,
    title: 'keys, each, push … on a reference are fatal since Perl 5.24',
    why: 'Perl 5.14 to 5.22 let them work on a reference; later versions want the array or hash itself: @$name or %$name.',
    show: (files) => `grep -nE '(keys|values|each|push|unshift|pop|shift|splice) *\\(? *\\$' ${files}`,
  },
  {
    id: 'perl-lexical-topic',
    pattern: /\bmy\s*(?:\([^)]{0,200})?\$_\b/,
    ...LEXICAL_TOPIC,
  },
  {
    id: 'perl-bare-list',
    pattern: /\bfor(?:each)?\s+(?:(?:my|our)\s+)?\$\w+\s+qw\b/,
    ...BARE_LIST,
  },
  {
    id: 'perl-temporary-name',
    pattern: /\bPOSIX::tmpnam\s*\(|\bPOSIX\b[^;]{0,80}\btmpnam\b/,
    ...TEMPORARY_NAME,
  },
  { id: 'perl-left-brace', pattern: BARE_BRACE, isInStrings: true, ...LEFT_BRACE },
];

const USE_ENCODING = /^\s*use\s+encoding\b(?!::warnings)/;
const FORM_NAME = /(?<![\w$@%{])(?:start|end)form\b(?!\s*=>)/;

export function checkPerlIdioms({ file, language, text, code }: Source): readonly Observation[] {
  if (language !== 'perl') return [];
  const ofFile: Idiom = { id: 'perl-pragma-dropped', pattern: USE_ENCODING, ...pragmaDropped(text) };
  const ofCgi: Idiom = { id: 'perl-form-name', pattern: FORM_NAME, ...FORM_NAMES };
  const idioms = [...IDIOMS, ofFile, ...(usesCgi(code) ? [ofCgi] : [])];
  return idioms.flatMap((idiom) =>
    code.filter((line) => isFound(idiom, line.code)).map((line) => observation(idiom, line, file)),
  );
}

function isFound({ pattern, isInStrings }: Idiom, code: ByteString): boolean {
  return pattern.test(isInStrings ? code : bareOf(code));
}

/** And has no subroutine of its own with the name. */
function usesCgi(code: readonly CodeLine[]): boolean {
  return (
    code.some(({ bare }) => /\bCGI\b/.test(bare)) && !code.some(({ bare }) => /\bsub\s+(?:start|end)form\b/.test(bare))
  );
}

/** One finding for what the edits mend, and one for what they leave. */
function observation(idiom: Idiom, { code, number }: CodeLine, file: ByteString): Observation {
  const { id, title, why } = idiom;
  const isLeft = idiom.edits !== undefined && !idiom.isWhole && isFound(idiom, edited(code, idiom.edits));
  const command = (files: string) => (isLeft ? idiom.show(files) : mendIdiom(idiom, files));
  return {
    id,
    severity: 'error',
    title,
    why,
    key: command(''),
    place: { file, line: number },
    mend: (files) => [command(files)],
  };
}
