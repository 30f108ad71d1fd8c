// Messages of the shells, as dash and bash word them: lines that end in CR LF, scripts for another shell, commands that are
// not here.
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import { WRITTEN_FOR_BASH } from './explain-start.ts';
import { configuration, type StderrPattern, said } from './refinement.ts';
import { shellQuote } from './shell-quote.ts';

const WITHOUT_CARRIAGE_RETURNS = ({ scriptFile }: Evidence) => `sed -i 's/\\r$//' ${shellQuote(scriptFile)}`;

export const SHELL_PATTERNS: readonly StderrPattern[] = [
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
    refine: (groups, { scriptFile }) => ({
      title: `${WRITTEN_FOR_BASH.title}: there is no ${said(groups, 1)}`,
      why: WRITTEN_FOR_BASH.why,
      mend: WRITTEN_FOR_BASH.mend(shellQuote(scriptFile)),
    }),
  },
  {
    // dash's words for arrays, <( ), "function f", select, <<<, for (( )), ${x//a/b}, ++ and 16#ff, and switches of bash.
    id: 'bashSyntax',
    pattern:
      /^(?:[^:\n]{1,400}: \d+: )?(Syntax error: (?:"[(}]" unexpected|"do" unexpected|redirection unexpected|Bad for loop variable)$|Bad substitution$|arithmetic expression: expecting \w{1,20}: "[^\n]{0,200}(?:\+\+|--|\d#)|(?:set|read|printf|export|wait): Illegal option -|trap: (?:ERR|DEBUG|RETURN): bad trap)/m,
    fits: (evidence) => !readsCarriageReturns(evidence),
    refine: (groups, { scriptFile }) => ({
      title: 'The script seems to be written for bash, and sh runs it',
      why: `sh says: ${said(groups, 1)}. ${WRITTEN_FOR_BASH.why}`,
      mend: WRITTEN_FOR_BASH.mend(shellQuote(scriptFile)).map((mend) => `bash -n ${shellQuote(scriptFile)} && ${mend}`),
    }),
  },
  {
    id: 'commandMissing',
    pattern: /^[^:\n]{1,400}: (?:line )?\d+: ([^\s:]{1,200}): (?:command )?not found/m,
    refine: (groups) => ({
      title: `There is no command ${said(groups, 1)}`,
      why: `A line of the shell script runs ${said(groups, 1)}, and no folder of its PATH has it. Either it is not installed, or PATH was longer on the old server.`,
      mend: [
        `command -v ${shellQuote(groups[1] ?? '')}`,
        configuration('cgi:', '  environment:', '    PATH: /usr/local/bin:/usr/bin:/bin'),
      ],
    }),
  },
  {
    id: 'shellSyntax',
    pattern: /^[^:\n]{1,400}: (?:line )?\d+: ((?:Syntax error: |syntax error|unexpected EOF)[^\n]{0,200})/m,
    refine: (groups, evidence) => syntaxError(said(groups, 1), evidence),
  },
];

function syntaxError(message: ByteString, evidence: Evidence) {
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
function readsCarriageReturns({ head = '' }: Evidence): boolean {
  return head.includes('\r\n') && !/^(?:\xef\xbb\xbf)?#![^\n]*\r\n/.test(head);
}
