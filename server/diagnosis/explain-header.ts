// Why what a script wrote is no lawful CGI header (RFC 3875 §6.2, §6.3), or why there is none, in words.
import type { Cause, Evidence, Exit } from './cause.ts';
import { mendForBash, scriptOf, WRITTEN_FOR_BASH } from './explain-start.ts';
import { configuration, type Refinement } from './refinement.ts';
import { folderOf, nameOf, shellQuote } from './shell-quote.ts';
import { linesOf, visibleLine } from './visible-text.ts';

export function noOutput(exit: Exit | undefined, evidence: Evidence): Refinement {
  return {
    title: `${scriptOf(evidence)} ${endOf(exit)} and wrote nothing`,
    why: `A script answers with a header, an empty line and the page; this one wrote not a single byte.${meaningOf(exit)}`,
    ...mendOrRepeat(limitOf(exit), evidence),
  };
}

export function headerIncomplete(exit: Exit | undefined, evidence: Evidence): Refinement {
  return {
    title: `${scriptOf(evidence)} ${endOf(exit)} before the empty line that ends its header`,
    why: `An empty line has to stand between the header and the page, and none came.${meaningOf(exit)}`,
    mend: [...limitOf(exit), ...printHeader(evidence), runAgain(evidence)],
  };
}

const STATUS_LINE = /^HTTP\/\d/;

export function headerMalformed(cause: Extract<Cause, { kind: 'headerMalformed' }>, evidence: Evidence): Refinement {
  const title = `Line ${cause.line} of the output of ${scriptOf(evidence)} is no header field`;
  const lines = linesOf(evidence.output, 200);
  const line = lines[cause.line - 1] ?? '';
  if (line.startsWith('\xef\xbb\xbf')) return byteOrderMark(title, evidence);
  if (/^-(?:e|ne|en) /.test(line)) return echoOfBash(title, evidence);
  if (!STATUS_LINE.test(line) && lines.slice(cause.line).some((later) => /^content-type\s*:/i.test(later)))
    return isShellScript(evidence) ? printedByCommand(title, evidence) : printedTooEarly(title);
  return {
    title,
    why: `${whyMalformed(line, cause)} A script first writes fields such as "Content-Type: text/html", then an empty line, then the page.`,
    ...orRepeat(STATUS_LINE.test(line) && cause.line === 1 ? asNph(evidence) : printHeader(evidence), evidence),
  };
}

export function headerTooLarge(limit: string, evidence: Evidence): Refinement {
  return {
    title: `The header of ${scriptOf(evidence)} is too large`,
    why: `It passed the limit (${limit}) and no empty line had come. Mostly the empty line after the header is missing, so that the whole page is read as header.`,
    mend: [...printHeader(evidence), configuration('limits:', '  headerBytes: 256kb')],
  };
}

export function headerWithoutCgiField(evidence: Evidence): Refinement {
  return {
    title: `The header of ${scriptOf(evidence)} has no Content-Type, Location or Status`,
    why: 'A script has to write at least one of the three before the empty line (RFC 3875 §6.3). An empty line that comes too early ends the header too early.',
    ...orRepeat(printHeader(evidence), evidence),
  };
}

export function statusMalformed(value: string, evidence: Evidence): Refinement {
  return {
    title: `The Status of ${scriptOf(evidence)} is no HTTP status`,
    why: `It wrote "${visibleLine(value, 100)}". A Status is three digits, 200 or more, and, after a space, a reason (RFC 3875 §6.3.3).`,
    mend: ['Status: 404 Not Found'],
  };
}

export function locationMalformed(value: string, evidence: Evidence): Refinement {
  return {
    title: `The Location of ${scriptOf(evidence)} leads nowhere`,
    why: `It wrote "${visibleLine(value, 200)}". A Location is a whole URL, or a path on this server that begins with "/" (RFC 3875 §6.3.2).`,
    mend: ['Location: /index.html', 'Location: http://www.example.com/index.html'],
  };
}

export function localRedirectLoop(limit: number, evidence: Evidence): Refinement {
  return {
    title: `${scriptOf(evidence)} redirects in a circle`,
    why: `Its answer is a Location on this server, which leads to a script that answers with a Location, and so on: after ${limit} steps there was no page.`,
    ...mendOrRepeat([], evidence),
  };
}

function byteOrderMark(title: string, evidence: Evidence): Refinement {
  return {
    title,
    why: 'A byte order mark (EF BB BF) stands before it: an editor put it into the script, or into a file that the script prints.',
    mend: [`sed -i 's/\\xEF\\xBB\\xBF//' ${shellQuote(evidence.scriptFile)}`],
  };
}

function echoOfBash(title: string, evidence: Evidence): Refinement {
  return {
    title,
    why: `The echo of bash takes "-e" for a switch, and that of sh prints it. ${WRITTEN_FOR_BASH.why}`,
    mend: [mendForBash(evidence)],
  };
}

// perl and python keep back what they print to a pipe; a program they start writes at once, and overtakes the header.
function printedTooEarly(title: string): Refinement {
  return {
    title,
    why: 'The header comes later in the output: something was printed before it. Mostly it is a program that the script started, whose output overtook a header still waiting in a buffer; the buffer has to be emptied first.',
    mend: ['$| = 1;   # Perl', 'sys.stdout.flush()   # Python'],
  };
}

// A shell keeps nothing back.
function printedByCommand(title: string, { scriptFile }: Evidence): Refinement {
  return {
    title,
    why: 'The header comes later in the output. A command that stands above the header printed it: the header has to come first, or what that command prints has to go elsewhere.',
    mend: [`sh -x ${shellQuote(scriptFile)}   # shows which command it is`, 'command >&2   # into the log'],
  };
}

function whyMalformed(line: string, cause: Extract<Cause, { kind: 'headerMalformed' }>): string {
  if (/^\s*<|^\s*$/.test(line) && cause.line > 1) return 'The page begins there: the empty line before it is missing.';
  if (/^\s*</.test(line)) return 'The page begins there, without any header before it.';
  if (STATUS_LINE.test(line)) {
    return 'It is a status line, which only a non-parsed-header script may write: one whose name begins with "nph-", or that perScript calls one.';
  }
  // The parser's own words, which may quote the line.
  const reason = visibleLine(cause.reason, 300).replace(/\.$/, '');
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

/** A line in the script's language; of a compiled program it is not to be had. */
function printHeader(evidence: Evidence): readonly string[] {
  return evidence.isCompiled === true ? [] : [headerLine(evidence)];
}

function orRepeat(mend: readonly string[], evidence: Evidence): Pick<Refinement, 'mend' | 'repeats'> {
  return mend.length > 0 ? { mend } : { mend: [runByHand(evidence)], repeats: true };
}

function isShellScript({ scriptFile, source = '' }: Evidence): boolean {
  return source.startsWith('#!')
    ? /^#![^\n]*[/ ](?:a|ba|da|k|mk|pdk|z)?sh\d*\s/.test(source)
    : /\.(?:sh|bash|ksh)$/i.test(scriptFile);
}

function headerLine(evidence: Evidence): string {
  return isShellScript(evidence) ? `printf 'Content-Type: text/html\\n\\n'` : `print("Content-Type: text/html\\n\\n");`;
}

/** It speaks HTTP itself: rightly, once the server knows. */
function asNph({ scriptFile, scriptName }: Evidence): readonly string[] {
  const renamed = `${folderOf(scriptFile)}/nph-${nameOf(scriptFile)}`;
  const url = JSON.stringify(visibleLine(scriptName, 200));
  return [
    configuration('cgi:', '  perScript:', `    ${url}: { nph: true }`),
    `mv ${shellQuote(scriptFile)} ${shellQuote(renamed)}`,
  ];
}

function mendOrRepeat(mend: readonly string[], evidence: Evidence): Pick<Refinement, 'mend' | 'repeats'> {
  return mend.length > 0 ? { mend: [...mend, runAgain(evidence)] } : { mend: [runByHand(evidence)], repeats: true };
}

/** Behind commands that mend, one that does not is told apart. */
function runAgain(evidence: Evidence): string {
  return `# to see it again, by hand\n${runByHand(evidence)}`;
}

function runByHand({ scriptFile, query = '', givenTo = [] }: Evidence): string {
  const asked = query === '' ? '' : shellQuote(query);
  const file = [...givenTo, `./${nameOf(scriptFile)}`].map(shellQuote).join(' ');
  return `cd ${shellQuote(folderOf(scriptFile))} && env -i PATH="$PATH" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET QUERY_STRING=${asked} ${file}`;
}

function endOf(exit: Exit | undefined): string {
  if (exit === undefined) return 'closed its output';
  if (exit.kind === 'exited') return `ended with exit status ${exit.code}`;
  return exit.signal === 'unknown' ? 'ended, nobody saw how,' : `was ended by ${exit.signal}`;
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGSEGV: 'SIGSEGV is a crash: the interpreter or a compiled module reached for memory that is not its own.',
  SIGBUS: 'SIGBUS is a crash, mostly of a file that became shorter while it was mapped into memory.',
  SIGILL: 'SIGILL is a crash: the program holds instructions that this processor does not have.',
  SIGFPE: 'SIGFPE is a crash of arithmetic, such as a division by zero.',
  SIGABRT: 'With SIGABRT a program ends itself when it finds itself in a state that cannot be.',
  SIGKILL:
    'SIGKILL mostly comes from the system when memory runs out, or from a limit: limits.cpuSeconds ends so what goes on after SIGXCPU.',
  SIGTERM: 'Somebody asked it to end: the server when it stopped, or a program on this machine.',
  SIGXCPU: 'It used more processor time than limits.cpuSeconds allows.',
  SIGXFSZ: 'It wrote a file larger than limits.fileSizeBytes allows.',
  SIGPIPE: 'It wrote to a pipe that nobody reads any more.',
  SIGALRM: 'Its own alarm clock rang, and it had no handler for it.',
  unknown: 'The helper process that started it, and that would have seen its exit status, ended before it did.',
};

function meaningOf(exit: Exit | undefined): string {
  if (exit === undefined) return '';
  if (exit.kind === 'killed') return SIGNALS[exit.signal] ? ` ${SIGNALS[exit.signal]}` : '';
  if (exit.code === 127) return ' Exit status 127 is what a shell ends with when a command does not exist.';
  if (exit.code === 126) return ' Exit status 126 is what a shell ends with when a file may not be executed.';
  const signal = exit.code > 128 ? NUMBERED[exit.code - 128] : undefined;
  return signal ? ` Exit status ${exit.code} says that a command was ended by ${signal}. ${SIGNALS[signal]}` : '';
}

const NUMBERED: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
};

function limitOf(exit: Exit | undefined): readonly string[] {
  if (exit?.kind !== 'killed') return [];
  if (exit.signal === 'SIGXCPU') return [configuration('limits:', '  cpuSeconds: null')];
  if (exit.signal === 'SIGXFSZ') return [configuration('limits:', '  fileSizeBytes: null')];
  return [];
}
