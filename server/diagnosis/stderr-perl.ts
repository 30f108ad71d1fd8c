// Messages of perl (perldiag): the rows of the table that belong to it, worded as perl 5.36 and 5.40 write them.
import type { Evidence } from './cause.ts';
import { debianPackage } from './debian-lists.ts';
import { isPerl4Library } from './debian-packages.ts';
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
  wouldMend,
} from './perl-idioms.ts';
import { blamedFile, libraryGone, libraryMissing, pathMissing } from './perl-libraries.ts';
import { configuration, install, type Refinement, type StderrPattern, said } from './refinement.ts';
import { SENDMAIL_MISSING } from './sendmail-missing.ts';
import { nameOf, shellQuote } from './shell-quote.ts';

const PERL_CHECK = (evidence: Evidence) => `perl -c ${shellQuote(evidence.scriptFile)}`;

export const PERL_PATTERNS: readonly StderrPattern[] = [
  {
    id: 'perlModuleMissing',
    pattern: /^(?:.{0,400}: )?Can't locate ([\w/]+)\.pm in @INC/m,
    refine: ([, path = '']) => moduleMissing(path.replaceAll('/', '::')),
  },
  {
    id: 'perlLibraryMissing',
    // With "." at the end of the folders, beside the script was looked too.
    pattern: /Can't locate ([^\s()]{1,300}) in @INC(?: \([^)\n]{0,4000}( \.)\))?/,
    refine: ([, file = '', dot], evidence) =>
      dot === undefined || isPerl4Library(file) ? libraryMissing(file, evidence) : libraryGone(file, evidence),
  },
  {
    id: 'perlPathMissing',
    pattern: /Can't locate (\/[^\n]{1,300}?) at [^\n]{1,300} line \d/,
    refine: ([, file = ''], evidence) => pathMissing(file, evidence),
  },
  {
    id: 'perlDotInc',
    pattern: /do "([^"\n]{1,300})" failed, '\.' is no longer in @INC/,
    refine: ([, file = ''], evidence) => libraryMissing(file, evidence),
  },
  {
    id: 'perlDefinedAggregate',
    pattern: /Can't use 'defined\(([@%])\w+\)'/,
    refine: ([, sigil = '@'], evidence) => ({
      ...idiom(DEFINED_AGGREGATE, evidence),
      title: `defined(${sigil}…) is fatal since Perl 5.22`,
    }),
  },
  {
    id: 'perlArrayBase',
    pattern: /Assigning non-zero to \$\[ is no longer possible/,
    refine: (_groups, evidence) => ({
      title: 'The script sets $[, which Perl dropped in 5.30',
      why: 'It makes the first element of an array number 1 by setting $[. Perl allows only 0 there since version 5.30: the line has to go, and the indexes of the script count from 0.',
      mend: [`grep -n '\\$\\[' ${shellQuote(evidence.scriptFile)}`],
    }),
  },
  {
    id: 'perlDroppedVariable',
    pattern: /\$([*#]) is no longer supported/,
    refine: ([, variable = '*'], evidence) => ({
      title: `The script uses $${variable}, which Perl has dropped`,
      why:
        variable === '*'
          ? 'Setting $* once made ^ and $ match at every line. Perl 5.30 and later refuse it: give the patterns that need it the switch /m instead.'
          : 'Setting $# once chose the format of printed numbers. Perl 5.30 and later refuse it: use printf or sprintf instead.',
      mend: [`grep -n '\\$${variable === '*' ? '\\*' : '#'}' ${shellQuote(evidence.scriptFile)}`],
    }),
  },
  {
    id: 'perlScalarAggregate',
    pattern: /Experimental (\w+) on scalar is now forbidden/,
    refine: (groups, evidence) => ({
      title: `${said(groups, 1)} on a reference is fatal since Perl 5.24`,
      why: `Perl 5.14 to 5.22 let ${said(groups, 1)} work on a reference; later versions want the array or hash itself: write @$name or %$name.`,
      mend: [PERL_CHECK(evidence)],
    }),
  },
  {
    id: 'perlPragmaDropped',
    pattern: /The encoding pragma is no longer supported/,
    refine: (_groups, evidence) => idiom(pragmaDropped(evidence.source), evidence),
  },
  {
    id: 'perlLexicalTopic',
    pattern: /Can't use global \$_ in "my"/,
    refine: (_groups, evidence) => idiom(LEXICAL_TOPIC, evidence),
  },
  {
    id: 'perlBareList',
    pattern: /^syntax error at [^\n]{1,300} line \d+, near "\$\w{1,80} qw\b/m,
    refine: (_groups, evidence) => idiom(BARE_LIST, evidence),
  },
  {
    id: 'perlLeftBrace',
    pattern: /Unescaped left brace in regex is illegal here/,
    refine: (_groups, evidence) => idiom(LEFT_BRACE, evidence),
  },
  {
    id: 'perlTemporaryName',
    pattern: /Unimplemented: POSIX::tmpnam\(\)/,
    refine: (_groups, evidence) => idiom(TEMPORARY_NAME, evidence),
  },
  {
    id: 'perlFormName',
    pattern:
      /(?:Undefined subroutine &(?:main|CGI)::|Can't locate object method ")(?:start|end)form(?:" via package "CGI\b| called)/,
    refine: (_groups, evidence) => idiom(FORM_NAMES, evidence),
  },
  {
    id: 'perlVersion',
    // "use 5.99" is read as 5.990.
    pattern: /^Perl (v[\d.]+) required(?: \(did you mean (v[\d.]+)\?\))?--this is only (v[\d.]+)/m,
    refine: (groups) => ({
      title: `The script wants Perl ${said(groups, 1)}, and ${said(groups, 3)} is here`,
      why: `A "use" or "require" line of the script names a newer perl than the one that runs it.${groups[2] === undefined ? '' : ` Perl asks whether it means ${said(groups, 2)}.`}`,
      mend: ['perl -v', configuration('cgi:', '  shebangs:', '    /usr/bin/perl: /opt/perl/bin/perl')],
    }),
  },
  {
    id: 'perlTaintLate',
    pattern: /"-T" is on the #! line, it must also be used on the command line/,
    refine: (_groups, evidence) => ({
      title: 'The script wants taint mode, and perl was started without -T',
      why: 'Perl accepts the -T of the #! line only when it starts with it. cgibox does that for a script it starts by its own #! line; here another program or a setting put perl in between.',
      mend: [`head -n 1 ${shellQuote(evidence.scriptFile)}`, `chmod +x ${shellQuote(evidence.scriptFile)}`],
    }),
  },
  {
    id: 'perlInsecurePath',
    pattern: /Insecure (?:\$ENV\{(\w+)\}|directory in \$ENV\{PATH\}) while running with -T switch/,
    refine: (groups) => ({
      title: `Taint mode stopped the script: it runs a program with an unchecked ${said(groups, 1) || 'PATH'}`,
      why: 'With -T perl runs no program before the script has set the variables that decide which program that is.',
      mend: [`$ENV{PATH} = '/usr/bin:/bin'; delete @ENV{qw(IFS CDPATH ENV BASH_ENV)};`],
    }),
  },
  {
    id: 'perlTainted',
    pattern: /Insecure dependency in ([\w ]+?) while running with -T switch/,
    refine: (groups) => ({
      title: `Taint mode stopped the script: unchecked data in ${said(groups, 1)}`,
      why: `With -T perl gives nothing that came from outside to ${said(groups, 1)} until a pattern has checked it.`,
      mend: [`($name) = $name =~ /^([\\w.-]+)$/ or die "bad name";`],
    }),
  },
  {
    id: 'perlStrict',
    pattern: /Global symbol "([^"\n]{1,80})" requires explicit package name/,
    refine: (groups, evidence) => ({
      title: `The variable ${said(groups, 1)} is not declared`,
      why: `The script says "use strict", so each variable needs "my" or "our" before its first use; in a string, an @ that is no array is written \\@.`,
      mend: [PERL_CHECK(evidence)],
    }),
  },
  {
    id: 'perlHereDocument',
    pattern: /Can't find string terminator (?:"([^"\n]{0,80})"|'([^'\n]{0,80})') anywhere before EOF/,
    refine: (groups, evidence) => ({
      title: `The end of a string, ${said(groups, 1) || said(groups, 2)}, is missing`,
      why: 'Perl read to the end of the file without finding it. For a here-document the closing word must stand alone on its line: no space before or after it, no carriage return, and a line end even at the end of the file.',
      mend: [`sed -i 's/[ \\t\\r]*$//' ${shellQuote(evidence.scriptFile)}`, PERL_CHECK(evidence)],
    }),
  },
  {
    id: 'perlSubroutineMissing',
    pattern: /Undefined subroutine &([\w:']{1,200}) called/,
    refine: (groups) => ({
      title: `There is no subroutine ${said(groups, 1).replace(/^main::/, '')}`,
      why: 'It is called, but neither the script nor a library it loaded defines it. Often a library was not found or is another version.',
      mend: [],
    }),
  },
  {
    id: 'perlMethodMissing',
    // perl asks so only where nothing has loaded the package.
    pattern:
      /Can't locate object method "([^"\n]{1,200})" via package "([^"\n]{1,200})"( \(perhaps you forgot to load)?/,
    refine: (groups) => ({
      title: `The package ${said(groups, 2)} has no method ${said(groups, 1)}`,
      why:
        groups[3] === undefined
          ? 'It is loaded: what is here is another version than the script was written for, or the name is misspelt.'
          : `No "use ${said(groups, 2)};" was run.`,
      mend: groups[3] === undefined ? [] : [`use ${said(groups, 2)};`],
    }),
  },
  SENDMAIL_MISSING,
  {
    id: 'cannotExecute',
    pattern: /Can't exec "([^"\n]{1,300})": ([^\n]{1,60}?) at /,
    refine: (groups) => ({
      title: `The script could not start the program ${said(groups, 1)}`,
      why: `The system's answer is "${said(groups, 2)}". On the old server the program was at that place.`,
      mend: [`command -v ${shellQuote(nameOf((groups[1] ?? '').split(' ')[0] ?? ''))}`],
    }),
  },
  {
    id: 'perlSyntax',
    pattern: /^(syntax error at [^\n]{1,300} line \d+, near [^\n]{0,100})/m,
    // Of a list over several lines perl says only that a string may run away.
    refine: (groups, evidence) =>
      wouldMend(BARE_LIST, evidence.source)
        ? idiom(BARE_LIST, evidence)
        : {
            title: 'Perl cannot read the script: a syntax error',
            why: `perl says: ${said(groups, 1)}. A missing semicolon or quote on the line before is the usual reason.`,
            mend: [PERL_CHECK(evidence)],
          },
  },
  {
    id: 'perlMemory',
    pattern: /^Out of memory(?:!| in perl)/m,
    refine: () => ({
      title: 'The script ran out of memory',
      why: 'Perl could get no more memory: the limit limits.memoryBytes, the container or the machine stopped it.',
      mend: [configuration('limits:', '  memoryBytes: null')],
    }),
  },
];

function idiom(known: PerlIdiom, evidence: Evidence): Refinement {
  const file = blamedFile(evidence);
  const text = file === evidence.scriptFile ? evidence.source : undefined;
  const words = shellQuote(file);
  const commands = [mendIdiom(known, words, text), known.show(words), `perl -c ${words}`];
  return { title: known.title, why: known.why, mend: [...new Set(commands)] };
}

function moduleMissing(module: string): Refinement {
  const found = debianPackage('perl', module);
  const whence =
    found === undefined
      ? 'Debian has no package with it: it came with the site, or from CPAN. Copy it from the old server, and name the folder it lies in with "use lib".'
      : `Debian's package for it is ${found.name}; a module that came with the site needs "use lib" with the folder it lies in.`;
  return {
    title: `The Perl module ${module} is not installed`,
    why: `The script uses ${module}, and perl found it in none of its folders. ${whence}`,
    mend:
      found === undefined
        ? [`find / -xdev -path ${shellQuote(`*/${module.replaceAll('::', '/')}.pm`)} 2>/dev/null`]
        : [install(found.name)],
  };
}
