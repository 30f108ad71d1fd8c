// Perl that the perl of today refuses (perl5160delta to perl5380delta), in the words that failure page and doctor share.
// Pure. Tests carry the commands out on the spellings that old scripts have, and ask perl.
import { isUtf8 } from 'node:buffer';
import type { ByteString } from '../config/byte-string.ts';
import { edited, type SedEdit, sedEdits, sedWholeEdits } from './sed-line.ts';

export interface PerlIdiom {
  readonly title: string;
  readonly why: string;
  /** What they leave alone is for a person. */
  readonly edits?: readonly SedEdit[];
  /** They reach over line ends. */
  readonly isWhole?: true;
  /** Shows the lines; gets files as words of the shell. */
  readonly show: (files: string) => string;
}

/**
 * The command that mends the text, else the one that shows where.
 *
 * `text`: absent, nobody has read it.
 */
export function mendIdiom({ edits, isWhole, show }: PerlIdiom, files: string, text?: ByteString): string {
  if (edits === undefined || (text !== undefined && edited(text, edits) === text)) return show(files);
  return isWhole ? sedWholeEdits(edits, files) : sedEdits(edits, files);
}

/** Whether the text holds what the command of the idiom mends. */
export function wouldMend({ edits = [] }: PerlIdiom, text: ByteString = ''): boolean {
  return edited(text, edits) !== text;
}

// @a, %$h, @main'a, @Foo::ISA, @{$h{x}}. A quote belongs to a name only before a letter: 'if defined @a' is a text.
const AGGREGATE = String.raw`[@%](\$*(::)?\w+(('|::)\w+)*|\{([^{}]|\{[^{}]*\})*\})`;

export const DEFINED_AGGREGATE: PerlIdiom = {
  title: 'defined(@array) and defined(%hash) are fatal since Perl 5.22',
  why: 'Perl refuses to be asked that of an array or hash: it is true when it holds something, which scalar(@array) asks.',
  edits: [
    { from: String.raw`\bdefined *\( *(${AGGREGATE}) *\)`, to: String.raw`scalar(\1)` },
    // Of a slice, @a[0], its last element is asked about: that is lawful.
    { from: String.raw`\bdefined +(${AGGREGATE})([^A-Za-z0-9_:'{[]|$)`, to: String.raw`scalar(\1)\7` },
  ],
  show: (files) => `grep -nE 'defined *\\(? *(my *)?[@%]' ${files}`,
};

export const LEXICAL_TOPIC: PerlIdiom = {
  title: 'my $_ is fatal since Perl 5.24',
  why: 'The topic variable cannot be lexical any more: "local $_" does what old scripts mean by it, and a loop makes it local by itself.',
  edits: [
    { from: String.raw`\b(for|foreach)\s+my\s*\$_\b`, to: String.raw`\1` },
    { from: String.raw`\bmy\s*\$_\b`, to: 'local $_' },
    { from: String.raw`\bmy\s*\(\s*\$_\s*\)`, to: 'local ($_)' },
  ],
  show: (files) => `grep -nE 'my *(\\([^)]*)?\\$_' ${files}`,
};

export const BARE_LIST: PerlIdiom = {
  title: 'foreach $x qw(…) is fatal since Perl 5.18',
  why: 'The list of a loop needs parentheses of its own: foreach $x (qw(a b)).',
  isWhole: true,
  edits: [
    {
      from: String.raw`\b(for(each)?\s+((my|our)\s+)?\$\w+\s+)(qw\s*(\([^()]*\)|\{[^{}]*\}|<[^<>]*>|\[[^[{]*\]|\/[^\/]*\/|\|[^|]*\||![^!]*!))`,
      to: String.raw`\1(\5)`,
    },
  ],
  show: (files) => `grep -nE 'for(each)? .*qw' ${files}`,
};

export const LEFT_BRACE: PerlIdiom = {
  title: 'An unescaped { behind \\d, \\w or \\s is fatal since Perl 5.26',
  why: 'A brace that is meant as itself and not as a quantifier is written \\{ in a regular expression (perldiag).',
  // A bound may be a number, blank or variable.
  edits: [{ from: String.raw`(\\[dDwWsShHvVRX])\{([^0-9,$@ ])`, to: String.raw`\1\\{\2` }],
  show: (files) => `grep -nE '\\\\[dDwWsShHvVRX][{]' ${files}   # write \\{`,
};

export const TEMPORARY_NAME: PerlIdiom = {
  title: 'POSIX::tmpnam is gone since Perl 5.26',
  why: 'Use File::Temp, which also keeps others from guessing the name.',
  show: (files) => `grep -n 'tmpnam' ${files}   # use File::Temp qw(tempfile); ($handle, $name) = tempfile();`,
};

export const FORM_NAMES: PerlIdiom = {
  title: 'startform and endform are gone from CGI.pm',
  why: 'They were other names of start_form and end_form, and CGI.pm has dropped them.',
  edits: [{ from: String.raw`\b(start|end)form\b`, to: String.raw`\1_form` }],
  show: (files) => `grep -nE '(start|end)form' ${files}`,
};

const ENCODING = String.raw`^(\s*)use\s+encoding(\s+[^;]*)?;`;
const PRAGMA_DROPPED = {
  title: 'use encoding is fatal since Perl 5.26',
  show: (files: string) => `grep -n 'use *encoding' ${files}`,
};
const BYTES_STAY: PerlIdiom = {
  ...PRAGMA_DROPPED,
  why: 'Perl refuses the pragma "encoding". Without it the bytes of the script are printed as they stand there.',
  edits: [{ from: ENCODING, to: String.raw`\1` }],
};
const READ_AS_UTF8: PerlIdiom = {
  ...PRAGMA_DROPPED,
  why: 'Perl refuses the pragma "encoding". "use utf8" reads the source as UTF-8, and binmode sets the encoding of what the script prints.',
  edits: [{ from: ENCODING, to: String.raw`\1use utf8; binmode STDOUT, ':utf8';` }],
};

/** "use utf8" ends a script in Latin-1 or EUC-JP with "Malformed UTF-8 character". `text`: absent, nobody has read it. */
export function pragmaDropped(text: ByteString = ''): PerlIdiom {
  return /[\x80-\xff]/.test(text) && isUtf8(Buffer.from(text, 'latin1')) ? READ_AS_UTF8 : BYTES_STAY;
}
