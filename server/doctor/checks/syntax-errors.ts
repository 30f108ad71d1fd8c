// What the interpreters refuse to compile, in the words of the table that failure pages use (diagnosis/stderr-patterns.ts).
// A missing module is a matter of modules.ts, and is not said twice.
import type { ByteString } from '../../config/byte-string.ts';
import { WRITTEN_FOR_BASH } from '../../diagnosis/explain-start.ts';
import { ENCODING_MENDS, pageEncoding } from '../../diagnosis/python-encoding.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { sourcePlace } from '../../diagnosis/source-place.ts';
import { refinementOf } from '../../diagnosis/stderr-patterns.ts';
import { linesOf, visibleLine } from '../../diagnosis/visible-text.ts';
import type { Observation, Place } from '../finding.ts';
import type { Language, Source } from '../source.ts';
import type { Verdict } from '../verdict.ts';
import { python2Syntax } from './python2.ts';

const PLAIN: Readonly<Record<Language, string>> = {
  perl: 'perl-syntax',
  python: 'python-syntax',
  shell: 'shell-syntax',
  other: 'syntax',
};
const COMMANDS: Readonly<Record<Language, (file: string) => string>> = {
  perl: (file) => `perl -c ${file}`,
  python: (file) => `python3 -m py_compile ${file}`,
  shell: (file) => `sh -n ${file}`,
  other: (file) => `file ${file}`,
};
// A matter of modules.ts and perl-files.ts.
const ELSEWHERE_TOO = /^(?:\[[^\]\n]{10,40}\] \S+: )?(?:Can't locate \/|Base class package ")/m;
const ELSEWHERE = new Set(['perlModuleMissing', 'perlLibraryMissing', 'perlDotInc', 'pythonModuleMissing']);

export function syntaxErrors(source: Source, verdict: Verdict): readonly Observation[] {
  if (verdict.kind === 'timeLimit') return [endless(source)];
  if (verdict.kind === 'stopped') return [stopped(source, verdict.stderr)];
  if (verdict.kind !== 'refused') return [];
  const evidence = { scriptFile: source.file, scriptName: '', stderr: verdict.stderr, output: '' };
  const refined = refinementOf(evidence);
  if ((refined !== undefined && ELSEWHERE.has(refined.id)) || ELSEWHERE_TOO.test(verdict.stderr)) return [];
  if (verdict.stderr.trim() === '') return [silent(source)];
  const place = sourcePlace(evidence) ?? { file: source.file, line: undefined };
  const said = firstLine(verdict.stderr);
  if (verdict.isForBash === true) return [forBash(said, place)];
  if (refined?.id.startsWith('python2')) return [python2Syntax(place)];
  const isKnown = refined !== undefined && /^(perl|python)(?!Died|Exception)/.test(refined.id);
  return [
    {
      id: isKnown ? kebab(refined.id) : PLAIN[source.language],
      severity: 'error',
      key: `${source.file}`,
      title: isKnown ? refined.title : `The ${NAMES[source.language]} cannot be compiled`,
      why: isKnown ? `${refined.why}${quoted(said, refined.why)}` : `Its interpreter says: ${said}`,
      place,
      mend: (file) =>
        ENCODING_MENDS[refined?.id ?? '']?.(file, pageEncoding(source.text)) ?? [COMMANDS[source.language](file)],
    },
  ];
}

const NAMES: Readonly<Record<Language, string>> = {
  perl: 'Perl script',
  python: 'Python script',
  shell: 'shell script',
  other: 'script',
};

function quoted(said: string, why: string): string {
  return why.includes(said.slice(0, 40)) ? '' : ` The interpreter says: ${said}`;
}

function firstLine(stderr: ByteString): string {
  const lines = linesOf(stderr, 50);
  const error = lines.find((line) => /^\w*Error: /.test(line)) ?? lines.find((line) => /\S/.test(line)) ?? 'nothing';
  // CGI::Carp puts the time and the name in front.
  return visibleLine(error.replace(/^\[\w{3} \w{3} [\d: ]+\] \S+: /, '').trim(), 300);
}

function forBash(said: string, place: Place): Observation {
  const { title, why, mend } = WRITTEN_FOR_BASH;
  return { id: PLAIN.shell, severity: 'error', title, why: `${why} sh says: ${said}`, place, mend };
}

/** Its own BEGIN block may be right: only doctor forbids what it does. */
function stopped({ file }: Source, stderr: ByteString): Observation {
  const place = sourcePlace({ scriptFile: file, scriptName: '', stderr, output: '' }) ?? { file, line: undefined };
  return {
    id: 'compile-stopped',
    severity: 'note',
    key: file,
    title: 'The script would write or connect while it is compiled',
    why: `A BEGIN block or a "use" line wants to change a file or to reach the network. doctor allows neither, so that the rest of the script is not compiled. It said: ${firstLine(stderr)}`,
    place,
    mend: (name) => [`perl -c ${name}   # does it, and compiles the rest`],
  };
}

/** Mostly a BEGIN block that found something missing, and exit. */
function silent({ file, language }: Source): Observation {
  return {
    id: 'compile-silent',
    severity: 'warning',
    title: 'The script ends while it is compiled, and says nothing',
    why: 'A BEGIN block or a module ended its interpreter before the script was read to its end. Often something is missing that the script looks for by itself.',
    place: { file, line: undefined },
    mend: (files) => [`${COMMANDS[language](files)}; echo $?`],
  };
}

function endless({ file, language }: Source): Observation {
  return {
    id: 'compile-time-limit',
    severity: 'warning',
    title: 'Compiling the script did not end in time',
    why:
      language === 'perl'
        ? 'perl -c executes BEGIN blocks and "use" lines: one of them waits, or works for long. After ten such files no more are asked about.'
        : 'Its compiler was ended.',
    place: { file, line: undefined },
    mend: (files) => [`timeout 60 ${COMMANDS[language](files || shellQuote(file))}`],
  };
}

function kebab(id: string): string {
  return id.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
