// Messages of the shells, as dash and bash word them: lines that end in CR LF, scripts for another shell, commands that are
// not here.
import { posix } from 'node:path';
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import { knownInterpreter, mendForBash, WRITTEN_FOR_BASH } from './explain-start.ts';
import { configuration, install, type Refinement, type StderrPattern, said } from './refinement.ts';
import { folderOf, nameOf, shellQuote } from './shell-quote.ts';

const WITHOUT_CARRIAGE_RETURNS = ({ scriptFile }: Evidence) => `sed -i 's/\\r$//' ${shellQuote(scriptFile)}`;

export const SHELL_PATTERNS: readonly StderrPattern[] = [
  {
    id: 'pageExecuted',
    pattern: /^[^:\n]{1,400}: (?:line )?\d+: /m,
    fits: ({ source = '' }) => /^\s*<(?:!doctype|html|head|\?xml|!--)/i.test(source),
    refine: (_groups, { scriptFile }) => ({
      title: 'The file is a page, and sh runs it as a script',
      why: 'It has the execute bit, lies where scripts lie, and begins with HTML and not with a #! line. Its place is the document root; where its URL has to stay, these lines make it a script that prints itself.',
      mend: [`sed -i '1i #!/bin/sh\\nexec tail -n +3 "$0"\\nContent-Type: text/html\\n' ${shellQuote(scriptFile)}`],
    }),
  },
  {
    id: 'carriageReturns',
    pattern: /^[^\n]{0,400}(?:\r: not found|\$'[^'\n]{0,200}\\r'|can't cd to [^\n]{0,200}\r|: \\r: )/m,
    refine: (_groups, evidence) => ({
      title: 'The lines of the script end in CR LF, as on Windows',
      why: 'A shell takes the carriage return for a part of the command: it looks for a program or folder with an invisible character at its end.',
      mend: [WITHOUT_CARRIAGE_RETURNS(evidence)],
    }),
  },
  {
    id: 'bashism',
    pattern:
      /^[^:\n]{1,400}: \d+: (\[\[|source|function|declare|typeset|shopt|let|pushd|popd|\w{1,80}(?:\+\+|--)): not found/m,
    refine: (groups, evidence) => ({
      title: `${WRITTEN_FOR_BASH.title}: there is no ${said(groups, 1)}`,
      why: WRITTEN_FOR_BASH.why,
      mend: [mendForBash(evidence)],
    }),
  },
  {
    // dash's words for arrays, <( ), "function f", select, <<<, for (( )), ${x//a/b}, ++ and 16#ff, and switches of bash.
    id: 'bashSyntax',
    pattern:
      /^(?:[^:\n]{1,400}: \d+: )?(Syntax error: (?:"[(}]" unexpected|"do" unexpected|redirection unexpected|Bad for loop variable)(?: \(expecting "[^"\n]{1,9}"\))?$|Bad substitution$|arithmetic expression: expecting \w{1,20}: "[^\n]{0,200}(?:\+\+|--|\d#)|(?:set|read|printf|export|wait): Illegal option -|trap: (?:ERR|DEBUG|RETURN): bad trap)/m,
    fits: (evidence) => !readsCarriageReturns(evidence),
    refine: (groups, evidence) => ({
      title: 'The script seems to be written for bash, and sh runs it',
      why: `sh says: ${said(groups, 1)}. ${WRITTEN_FOR_BASH.why}`,
      mend: [mendForBash(evidence, `bash -n ${shellQuote(evidence.scriptFile)}`)],
    }),
  },
  {
    id: 'commandMissing',
    pattern: /^[^:\n]{1,400}: (?:line )?\d+: ([^\s:]{1,200}): (?:command )?not found/m,
    refine: ([, command = ''], evidence) =>
      command.includes('/') ? programMissing(command, evidence) : commandMissing(command, evidence),
  },
  {
    id: 'shellSyntax',
    pattern: /^[^:\n]{1,400}: (?:line )?\d+: ((?:Syntax error: |syntax error|unexpected EOF)[^\n]{0,200})/m,
    refine: (groups, evidence) => syntaxError(said(groups, 1), evidence),
  },
];

function commandMissing(command: ByteString, evidence: Evidence): Refinement {
  const named = replacedShell(evidence);
  const debianPackage = named && knownInterpreter(nameOf(named))?.debianPackage;
  const replaced = named
    ? ` The #! line names ${said([named], 0)}, and ${said(evidence.givenTo ?? [], 0)} runs the script in its place.`
    : '';
  return {
    title: `There is no command ${said([command], 0)}`,
    why: `A line of the shell script runs ${said([command], 0)}, and no folder of its PATH has it. Either it is not installed, or PATH was longer on the old server.${replaced}`,
    mend: [
      ...(debianPackage ? [install(debianPackage)] : []),
      `command -v ${shellQuote(command)}`,
      configuration('cgi:', '  environment:', '    PATH: /usr/local/bin:/usr/bin:/bin'),
    ],
  };
}

/** The program of the #! line where another runs the script: what a ksh has built in, bash looks for on PATH. */
function replacedShell({ source = '', givenTo = [] }: Evidence): ByteString | undefined {
  const [, program] = /^(?:\xef\xbb\xbf)?#! *(?:\S*\/env +(?:-S +)?)?(\S+)/.exec(source) ?? [];
  const [runs] = givenTo;
  return runs === undefined || program === undefined || nameOf(program) === nameOf(runs) ? undefined : program;
}

function programMissing(program: ByteString, { scriptFile }: Evidence): Refinement {
  const file = posix.resolve(folderOf(scriptFile), program);
  return {
    title: `There is no program ${said([program], 0)}`,
    why: 'A line of the shell script runs it by this path, and nothing is there, or the program that its own #! line names is not here. On the old server it was there; here it may lie elsewhere.',
    mend: [`ls -ld ${shellQuote(file)}`, `command -v ${shellQuote(nameOf(program))}`],
  };
}

function syntaxError(message: string, evidence: Evidence): Refinement {
  const title = 'The shell cannot read the script: a syntax error';
  const check = `sh -n ${shellQuote(evidence.scriptFile)}`;
  if (!readsCarriageReturns(evidence)) return { title, why: `The shell says: ${message}.`, mend: [check] };
  return {
    title,
    why: `The shell says: ${message}. Lines of the script end in CR LF, and a shell takes the carriage return for a part of the word before it.`,
    mend: [WITHOUT_CARRIAGE_RETURNS(evidence), check],
  };
}

/** Where its #! line ends in CR LF too, the server gives the shell the script without (cgi.tolerate: crlfShebang). */
function readsCarriageReturns({ source = '' }: Evidence): boolean {
  return source.includes('\r\n') && !/^(?:\xef\xbb\xbf)?#![^\n]*\r\n/.test(source);
}
