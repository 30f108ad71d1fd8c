// Why a script could not be started, in words, with the command that mends it (execve(2), and what people bring along).
import type { ByteString } from '../config/byte-string.ts';
import { TOLERANCES } from '../config/schema.ts';
import type { Cause, Evidence } from './cause.ts';
import { configuration, install, type Refinement } from './refinement.ts';
import { sedPattern } from './sed-line.ts';
import { folderOf, nameOf, shellQuote } from './shell-quote.ts';
import { visibleLine } from './visible-text.ts';

// A list in the file replaces the default, so that the whole of it is given.
const TOLERATE = configuration('cgi:', `  tolerate: [${TOLERANCES.join(', ')}]`);

export function notExecutable(evidence: Evidence): Refinement {
  return {
    title: `${scriptOf(evidence)} is not executable`,
    why: 'The file has no execute permission for the user that runs the scripts. It is often lost in a zip file, an upload by FTP or a checkout on Windows.',
    mend: [`chmod +x ${shellQuote(evidence.scriptFile)}`, TOLERATE],
  };
}

export function shebangMissing(evidence: Evidence): Refinement {
  const file = shellQuote(evidence.scriptFile);
  const guess = interpreterFor(evidence);
  return {
    title: `${scriptOf(evidence)} does not say which program runs it`,
    why: 'Its first line is no #! line, and its extension is not among cgi.interpreters, so the system cannot start it.',
    mend: [`sed -i '1i #!${guess}' ${file}`, TOLERATE],
  };
}

export function shebangCarriageReturn(interpreter: string, evidence: Evidence): Refinement {
  return {
    title: `The #! line of ${scriptOf(evidence)} ends in CR LF, as on Windows`,
    why: `The system looks for a program called "${visibleLine(interpreter.replace(/\r$/, ''), 200)}" with a carriage return at its end, which does not exist.`,
    mend: [`sed -i '1s/\\r$//' ${shellQuote(evidence.scriptFile)}`, TOLERATE],
  };
}

export function shebangByteOrderMark(evidence: Evidence): Refinement {
  return {
    title: `${scriptOf(evidence)} begins with a byte order mark`,
    why: 'An editor put three invisible bytes (EF BB BF) in front of "#!", so the system does not see the #! line.',
    mend: [`sed -i '1s/^\\xEF\\xBB\\xBF//' ${shellQuote(evidence.scriptFile)}`, TOLERATE],
  };
}

/** One long line for the system, and one long comment for an interpreter. */
export const MACINTOSH = {
  title: 'The lines end in CR, as on an old Macintosh',
  why: 'The whole file is one line to the system: it looks for a program of that name, and finds none.',
  mend: (files: string) => [`sed -i -e 's/\\r$//' -e 's/\\r/\\n/g' ${files}`],
};

export const WRITTEN_FOR_BASH = {
  title: 'The script is written for bash, and sh runs it',
  why: 'On Debian sh is dash, which knows the shell of POSIX and nothing of bash beyond it. The #! line decides which shell runs the script.',
  mend: (files: string) => [`sed -i '1s|^#!.*|#!/bin/bash|' ${files}`],
};

/** @param check a command that tells whether bash reads it */
export function mendForBash({ scriptFile, source = '' }: Evidence, check?: string): string {
  const file = shellQuote(scriptFile);
  // A #! line that ends in CR LF has the server take out all of them; the new one does not.
  const lineEnds = source.includes('\r\n') ? [`sed -i 's/\\r$//' ${file}`] : [];
  return [...lineEnds, ...(check === undefined ? [] : [check]), ...WRITTEN_FOR_BASH.mend(file)].join(' && ');
}

/** @param asked the program with its switches, as text */
export function envSwitches(asked: string) {
  return {
    title: `env is asked for the program "${asked}"`,
    why: 'Linux gives everything behind the program of a #! line as one word, so that env looks for a program with blanks in its name.',
    mend: (files: string) => [`sed -i '1s|env  *|env -S |' ${files}`],
  };
}

export function interpreterMissing(interpreter: string, evidence: Evidence): Refinement {
  // A command that replaces its #! line would replace the whole of it.
  if (/\r[^\r]/.test(interpreter)) return { ...MACINTOSH, mend: MACINTOSH.mend(shellQuote(evidence.scriptFile)) };
  const program = interpreter.trim().split(/\s+/)[0] ?? '';
  const name = nameOf(program.replaceAll('\\', '/')).replace(/\.exe$/i, '');
  const known = knownInterpreter(name);
  const replacement = known?.program ?? `/path/to/${/^[\w.+-]+$/.test(name) ? name : 'interpreter'}`;
  // Else the package brings it to where it is looked for; and a name alone, as in cgi.interpreters, stands in no #! line.
  const isElsewhere = program !== replacement && (/[/\\]/.test(program) || name !== nameOf(replacement));
  const replacements = [
    configuration('cgi:', '  shebangs:', `    ${JSON.stringify(visibleLine(program, 200))}: ${replacement}`),
    `sed -i ${shellQuote(`1s|${programPattern(program)}|#!${replacement}|`)} ${shellQuote(evidence.scriptFile)}`,
  ];
  return {
    title: `The interpreter ${visibleLine(interpreter.trim(), 200)} is not here`,
    why: `The script ${scriptOf(evidence)} is to be run by it, and there is no such program at that place. On the old server it was there.`,
    mend: [...(known ? [install(known.debianPackage)] : []), ...(isElsewhere ? replacements : [])],
  };
}

/** The #! line up to its program; what is behind stays. A name in quotes, or with blanks, takes its whole line with it. */
export function programPattern(program: ByteString): string {
  return /[ "]/.test(program) ? '^#!.*' : `^#!.*${sedPattern(program)}`;
}

interface Interpreter {
  readonly debianPackage: string;
  /** Absolute path of the program that the package brings. */
  readonly program: string;
}

/** What Debian has of an interpreter, by its name with or without version: of its own version, else of today's. */
export function knownInterpreter(name: string): Interpreter | undefined {
  const names = [name, name.replace(/[\d.]+$/, '')].map((each) => each.toLowerCase());
  const found = names.find((each) => Object.hasOwn(INTERPRETERS, each));
  return found === undefined ? undefined : INTERPRETERS[found];
}

const INTERPRETERS: Readonly<Record<string, Interpreter>> = {
  perl: { debianPackage: 'perl', program: '/usr/bin/perl' },
  python: { debianPackage: 'python3', program: '/usr/bin/python3' },
  ruby: { debianPackage: 'ruby', program: '/usr/bin/ruby' },
  'php-cgi': { debianPackage: 'php-cgi', program: '/usr/bin/php-cgi' },
  php: { debianPackage: 'php-cgi', program: '/usr/bin/php-cgi' },
  tclsh: { debianPackage: 'tcl', program: '/usr/bin/tclsh' },
  bash: { debianPackage: 'bash', program: '/bin/bash' },
  ksh: { debianPackage: 'ksh', program: '/bin/ksh' },
  tcsh: { debianPackage: 'tcsh', program: '/bin/tcsh' },
  csh: { debianPackage: 'tcsh', program: '/bin/tcsh' },
  mksh: { debianPackage: 'mksh', program: '/bin/mksh' },
  zsh: { debianPackage: 'zsh', program: '/bin/zsh' },
  lua: { debianPackage: 'lua5.4', program: '/usr/bin/lua' },
  ...Object.fromEntries(
    ['lua5.1', 'lua5.2', 'lua5.3', 'lua5.4'].map((name) => [
      name,
      { debianPackage: name, program: `/usr/bin/${name}` },
    ]),
  ),
  node: { debianPackage: 'nodejs', program: '/usr/bin/node' },
  gawk: { debianPackage: 'gawk', program: '/usr/bin/gawk' },
  awk: { debianPackage: 'gawk', program: '/usr/bin/awk' },
};

/** The system's word for a start that failed → what it means for a script. */
const ERRNO: Readonly<Record<string, string>> = {
  EACCES:
    'The script, its interpreter or a folder above may not be used by the user that runs the scripts, or lies on a file system mounted with noexec.',
  EPERM:
    'The system forbids it: a security module, a container without the capability, or a file system mounted with nosuid.',
  ENOENT:
    'The script, or the program its #! line names, has gone since the request came in; or it is a compiled program of an older or a 32-bit system, whose loader (ld-linux.so.2) is not here.',
  ENOEXEC: 'The file is a program for another kind of processor, or a text without a #! line.',
  ENOTDIR: 'A part of the path is a file where a folder should be.',
  ELOOP: 'The path leads through symbolic links in a circle, or a #! line names another script too often.',
  ETXTBSY: 'Somebody is writing the file at this moment.',
  EAGAIN: "The limit of processes is reached: limits.processes, the container's or the user's.",
  ENOMEM: 'The machine or the container has no memory left for a further process.',
  EMFILE: 'The server has too many files open.',
  ENFILE: 'The machine has too many files open.',
};

export function couldNotStart(cause: Extract<Cause, { kind: 'couldNotStart' }>, evidence: Evidence): Refinement {
  const file = shellQuote(evidence.scriptFile);
  const mend: Readonly<Record<string, readonly string[]>> = {
    EACCES: [`chmod a+rx ${file}`, `ls -ld ${file} ${shellQuote(folderOf(evidence.scriptFile))}`],
    ENOENT: [`ls -ld ${file}`, `head -n 1 ${file}`, `file ${file}`],
    ENOEXEC: [`file ${file}`, `head -n 1 ${file}`],
    EAGAIN: ['ulimit -u', configuration('limits:', '  processes: null', '  running: 16')],
    ENOMEM: ['free -m', configuration('limits:', '  running: 8')],
    EMFILE: ['ulimit -n 65536'],
  };
  return {
    title: `${scriptOf(evidence)} could not be started: ${visibleLine(cause.errno, 40)}`,
    why: ERRNO[cause.errno] ?? 'The system refused to start it, with no more than this word.',
    mend: mend[cause.errno] ?? [`ls -ld ${file}`, `head -n 1 ${file}`],
  };
}

export function environmentTooLarge(): Refinement {
  return {
    title: 'The request does not fit into the environment of a script',
    why: 'A CGI script gets the header fields, the path and the query of a request as environment variables, and the system takes no single one above 128 KiB. The cookies or the query of this request are larger.',
    mend: [configuration('limits:', '  requestHeaderBytes: 64kb')],
  };
}

/** The script's file name, for a title. */
export function scriptOf(evidence: Evidence): string {
  return visibleLine(nameOf(evidence.scriptFile), 80);
}

function interpreterFor(evidence: Evidence): string {
  const extension = /\.\w+$/.exec(evidence.scriptFile)?.[0].toLowerCase() ?? '';
  const programs: Readonly<Record<string, string>> = {
    '.py': '/usr/bin/python3',
    '.sh': '/bin/sh',
    '.rb': '/usr/bin/ruby',
    '.php': '/usr/bin/php-cgi',
    '.tcl': '/usr/bin/tclsh',
  };
  return programs[extension] ?? '/usr/bin/perl';
}
