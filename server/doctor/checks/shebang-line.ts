// Does the #! line lead to a program? (execve(2), and what cgi.tolerate works around)
import { findProgram } from '../../cgi/programs.ts';
import { type Shebang, shebang } from '../../cgi/shebang.ts';
import type { ByteString } from '../../config/byte-string.ts';
import type { Tolerance } from '../../config/schema.ts';
import { envSwitches, knownInterpreter, MACINTOSH, programPattern } from '../../diagnosis/explain-start.ts';
import { configuration } from '../../diagnosis/refinement.ts';
import { sedPattern } from '../../diagnosis/sed-line.ts';
import { nameOf, shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import type { Observation, Severity } from '../finding.ts';
import type { Language, RunPlan, Source } from '../source.ts';
import type { Survey } from '../survey.ts';

const LINE_BYTES = 512;
const WINDOWS_PATH = /^[A-Za-z]:|\\|\.exe$/i;
const USUAL_FOLDER = /^\/(usr\/)?s?bin\//;
const PROGRAMS: Readonly<Partial<Record<Language, string>>> = {
  perl: '/usr/bin/perl',
  python: '/usr/bin/env python3',
  shell: '/bin/sh',
};
const PERL_TEXT =
  /^\s*(?:use\s+(?:strict|warnings|CGI)\b[^\n]*;|(?:my|local)\s*\(?\s*[$@%]\w|print\s+["']content-type:[^\n]*;\s*$)/im;
const CARRIAGE_RETURNS = (files: string) => [`sed -i 's/\\r$//' ${files}`];

export function checkShebang(source: Source, survey: Survey): readonly Observation[] {
  const { script, text } = source;
  if (script === undefined) return [];
  if (text === '' && script.place.head !== undefined) return [empty(source)];
  const line = shebang(text.slice(0, LINE_BYTES));
  if (line === undefined) return missing(source, script, survey);
  if (/^#![^\n]*\r[^\n]/.test(text)) return [macintoshLines(source)];
  const see = observer(source, survey);
  return [
    ...(line.hasByteOrderMark ? [see.byteOrderMark()] : []),
    ...(line.hasCarriageReturn ? [see.carriageReturn(line)] : []),
    ...programProblem(line, source, survey),
  ];
}

function empty({ file }: Source): Observation {
  return {
    id: 'script-empty',
    severity: 'error',
    title: 'The script is empty',
    why: 'There is nothing to run: its URL is answered with 500. Perhaps the copy broke off, or the disk was full.',
    place: { file, line: undefined },
    mend: (files) => [`ls -l ${files}   # copy it again`],
  };
}

function macintoshLines({ file }: Source): Observation {
  return {
    id: 'line-ends-macintosh',
    severity: 'error',
    ...MACINTOSH,
    place: { file, line: 1 },
  };
}

function missing(source: Source, { how, place }: RunPlan, survey: Survey): readonly Observation[] {
  const at = { place: { file: source.file, line: 1 } };
  if (how.kind === 'failed' && how.cause.kind === 'interpreterMissing')
    return [notInstalled(how.cause.interpreter, at.place)];
  if (/^(?:\xef\xbb\xbf)?\s+#!/.test(source.text)) {
    return [
      {
        ...at,
        id: 'shebang-misplaced',
        severity: how.kind === 'failed' ? 'error' : 'warning',
        title: 'A blank stands before the #! line',
        why: 'The system looks at the first two bytes of the file. With anything before "#!" the line is a comment, and another program runs the script, or none.',
        mend: (files) => [`sed -i -e '/./,$!d' -e '1s/^[[:space:]]*//' ${files} && chmod +x ${files}`],
      },
    ];
  }
  if (how.kind === 'interpreted' && !how.isMapped) return [notAScript(source)];
  if (how.kind === 'executed' && place.head === undefined) return [];
  const program = programFor(source, how, survey);
  return [
    {
      ...at,
      id: 'shebang-missing',
      severity: how.kind === 'failed' ? 'error' : 'note',
      key: program ?? '',
      title: 'There is no #! line',
      why:
        how.kind === 'failed'
          ? 'Nothing says which program runs the script: neither a #! line nor an extension of cgi.interpreters that leads to a program here.'
          : 'The extension says here which program runs the script (cgi.interpreters). Most other servers look at the first line only.',
      mend: (files) =>
        program === undefined ? [] : [`sed -i ${shellQuote(`1i #!${program}`)} ${files} && chmod +x ${files}`],
    },
  ];
}

/** What a #! line names to have the script run as it is here; absent where nobody knows its language. */
function programFor(source: Source, how: RunPlan['how'], { environment }: Survey): ByteString | undefined {
  if (how.kind !== 'interpreted') return PERL_TEXT.test(source.text) ? PROGRAMS.perl : PROGRAMS[source.language];
  const { program } = how;
  if (source.language === 'shell' && nameOf(program) === 'sh') return PROGRAMS.shell;
  if (USUAL_FOLDER.test(program)) return program;
  const isFirst = findProgram(nameOf(program), environment.PATH ?? '') === program;
  return isFirst ? `/usr/bin/env ${nameOf(program)}` : program;
}

/** What cgi.interpreters, or cgi.perScript, gives the script to. */
function notInstalled(interpreter: ByteString, place: Observation['place']): Observation {
  return {
    id: 'interpreter-missing',
    severity: 'error',
    title: `The interpreter ${visibleLine(interpreter, 200)} is not here`,
    why: 'The configuration gives the script to it (cgi.interpreters, cgi.perScript), and there is no such program, so that the script cannot run.',
    place,
    mend: () => install(interpreter),
    debianPackage: packageOf(interpreter),
  };
}

function install(interpreter: ByteString): readonly string[] {
  const name = programName(interpreter);
  const known = packageOf(interpreter);
  if (name === '') return [];
  return [known === undefined ? `apt-cache search ${shellQuote(name)}` : `apt-get install ${known}`];
}

function packageOf(interpreter: ByteString): string | undefined {
  return knownInterpreter(programName(interpreter))?.debianPackage;
}

function programName(interpreter: ByteString): ByteString {
  return nameOf(interpreter.replaceAll('\\', '/')).replace(/\.exe\r?$|\r$/i, '');
}

/** An executable text that is given to sh (execvp(3)): a script in sh, or a data file on a disk that marks all executable. */
function notAScript({ file, text }: Source): Observation {
  const program = PERL_TEXT.test(text) ? PROGRAMS.perl : PROGRAMS.shell;
  return {
    id: 'shebang-missing',
    severity: 'warning',
    key: `sh ${program}`,
    title: 'An executable text without a #! line is given to sh',
    why: 'The file has the execute bit and says nowhere which program runs it, so that its URL runs it as a shell script. Give a script its #! line, and take the execute bit from a data file.',
    place: { file, line: 1 },
    mend: (files) => [`sed -i '1i #!${program}' ${files}   # if it is a script`, `chmod -x ${files}   # if it is data`],
  };
}

function observer(source: Source, { config }: Survey) {
  const place = { file: source.file, line: 1 };
  const severity = severityOf('crlfShebang', config.cgi.tolerate);
  return {
    byteOrderMark: (): Observation => ({
      id: 'shebang-byte-order-mark',
      severity,
      title: 'A byte order mark stands before the #! line',
      why: 'An editor put three invisible bytes (EF BB BF) in front of "#!", so the system does not see the line.',
      place,
      mend: (files) => [`sed -i '1s/^\\xEF\\xBB\\xBF//' ${files}`],
    }),
    carriageReturn: ({ interpreter }: Shebang): Observation => ({
      id: 'shebang-crlf',
      severity,
      key: 'crlf',
      title: 'The #! line ends in CR LF, as on Windows',
      why: `The system looks for a program with a carriage return at the end of its name ("${nameOf(visibleLine(interpreter, 80))}\\r"), which does not exist.`,
      place,
      mend: CARRIAGE_RETURNS,
    }),
  };
}

/** Tolerated, it runs here and nowhere else; else it does not run. */
export function severityOf(tolerance: Tolerance, tolerated: readonly Tolerance[]): Severity {
  return tolerated.includes(tolerance) ? 'warning' : 'error';
}

function programProblem(line: Shebang, { file, script, text }: Source, survey: Survey): readonly Observation[] {
  const place = { file, line: 1 };
  const how = script?.how;
  const { cgi } = survey.config;
  if (how === undefined || cgi.shebangs[line.interpreter] !== undefined) return [];
  const name = visibleLine(line.interpreter, 200);
  const isHere =
    (line.usesEnv || line.interpreter.startsWith('/')) &&
    findProgram(line.interpreter, survey.environment.PATH ?? '') !== undefined;
  if (isHere) return [...envWords(line, text, place), ...unusualFolder(line, place)];
  const isRun = how.kind === 'interpreted' && !how.isMapped;
  const program = isRun ? how.program : '';
  return [
    {
      id: WINDOWS_PATH.test(line.interpreter) ? 'shebang-windows' : 'interpreter-missing',
      severity: isRun || isByOverride(how) ? 'warning' : 'error',
      title: `${line.usesEnv ? 'The program' : 'The interpreter'} ${name} is not here`,
      why: isRun
        ? `The #! line names it. Here ${program} takes its place (cgi.tolerate: foreignShebang); most other servers answer with an error.`
        : 'The #! line names it, and no program of that language was found, so that the script cannot run.',
      place,
      mend: (files) =>
        isRun
          ? [
              `sed -i ${replaceProgram(line, program)} ${files}`,
              configuration('cgi:', '  shebangs:', `    ${JSON.stringify(name)}: ${program}`),
            ]
          : install(line.interpreter),
      debianPackage: isRun ? undefined : packageOf(line.interpreter),
    },
  ];
}

function replaceProgram({ interpreter, usesEnv }: Shebang, program: string): string {
  const name = nameOf(program);
  // What lies at a place that only this machine has, env finds; -S for the switches of some of the scripts.
  const byName = USUAL_FOLDER.test(program) ? program : `/usr/bin/env -S ${name}`;
  return shellQuote(`1s|${programPattern(interpreter)}|#!${usesEnv ? `/usr/bin/env ${name}` : byName}|`);
}

function isByOverride(how: RunPlan['how']): boolean {
  return how.kind === 'interpreted' && how.isMapped;
}

function envWords(
  { usesEnv, switches, interpreter }: Shebang,
  text: string,
  place: Observation['place'],
): readonly Observation[] {
  if (!usesEnv || switches.length === 0 || /^.{0,20}env\s+-/.test(text)) return [];
  return [
    {
      id: 'shebang-env-switches',
      severity: 'error',
      ...envSwitches(visibleLine([interpreter, ...switches].join(' '), 120)),
      place,
    },
  ];
}

function unusualFolder({ usesEnv, interpreter }: Shebang, place: Observation['place']): readonly Observation[] {
  if (usesEnv || USUAL_FOLDER.test(interpreter)) return [];
  const name = visibleLine(interpreter, 200);
  return [
    {
      id: 'shebang-absolute',
      severity: 'note',
      title: `The #! line names ${name}, which few machines have`,
      why: 'It is here. On another machine, or in a container, the interpreter is mostly in /usr/bin.',
      place,
      mend: (files) => [
        `sed -i ${shellQuote(`1s|^#! *${sedPattern(interpreter)}|#!/usr/bin/${nameOf(interpreter)}|`)} ${files}`,
      ],
    },
  ];
}
