// Messages of env and of the system itself, with those of the shells: the rows that any script in any language can meet.
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence, NamedFile } from './cause.ts';
import { envSwitches } from './explain-start.ts';
import { configuration, type Refinement, type StderrPattern, said } from './refinement.ts';
import { folderOf, nameOf, shellQuote } from './shell-quote.ts';
import { SHELL_PATTERNS } from './stderr-shell.ts';

const NAME = String.raw`([^\s"'<>:]{1,400})`;
const FILE = `["'<>]{0,4}${NAME}`;
/** A word of prose stands without quotes, and has neither "/" nor "." in it. */
const NO_PROSE = String.raw`(?:["'<>]{1,4}|(?=[^\s"'<>:]{0,400}(?:/|\.\w)))${NAME}`;

/** The words around a file that the system answered for: Python's, a shell's, a tool's, and what scripts mostly write. */
function answered(answer: string, file = FILE): RegExp {
  return new RegExp(
    [
      String.raw`${answer}: '([^'\n]{1,400})'`,
      String.raw`cannot (?:create|open) ([^\n:]{1,400}): ${answer}`,
      String.raw`^[^:\n]{1,400}: (?:(?:line )?\d+: )?${NAME}: ${answer}`,
      String.raw`\b(?:open|creat|writ|append|read|lock|mkdir|unlink|renam)\w{0,9} (?:\w{1,20} )?${file}["']?[:,]? [(:-]? ?${answer}`,
    ].join('|'),
    'm',
  );
}

const LONGEST = 8192;
const REFUSED = answered('Permission denied');
const ABSENT = answered('(?:No such file|Directory nonexistent)(?: or directory)?', NO_PROSE);

/** The program that env was to start is not there: its #! line says `env NAME`. */
const ENV_MISSING =
  /^(?:\/usr\/bin\/)?env: [^\w./\\-]{0,4}([\w./+-]{1,200})(\\r)?[^\w\n]{0,4}: No such file or directory/m;

export const SYSTEM_PATTERNS: readonly StderrPattern[] = [
  {
    // The loader's words (ld.so(8)), also where perl or python3 loads a compiled module.
    id: 'sharedLibraryMissing',
    pattern: /\b(lib[\w.+-]{1,200}): cannot open shared object file/,
    refine: ([, library = ''], evidence) => ({
      title: `The shared library ${library} is not here`,
      why: 'A compiled program, or a compiled module of Perl or Python, was built with it. A package of the old system brought it; where this one has no such package, the program has to be compiled anew, or the file copied from there.',
      mend: [`ldd ${shellQuote(evidence.scriptFile)}`, `apt-file search ${shellQuote(library)}`],
    }),
  },
  {
    id: 'envSwitches',
    pattern:
      /^(?:\/usr\/bin\/)?env: [^\w./\\-]{0,4}([\w./+-]{1,200} [^\n]{1,200}?)[^\w\n]{0,4}: No such file or directory/m,
    refine: (groups, { scriptFile }) => {
      const { mend, ...words } = envSwitches(said(groups, 1));
      return { ...words, mend: mend(shellQuote(scriptFile)) };
    },
  },
  {
    id: 'interpreterMissing',
    pattern: ENV_MISSING,
    refine: ([, program = '', carriageReturn], evidence) => envMissing(program, carriageReturn !== undefined, evidence),
  },
  ...SHELL_PATTERNS,
  {
    id: 'scriptUnreadable',
    pattern:
      /(?:Can't open perl script |can't open file |: 0: cannot open )["']?([^"'\n:]{1,400})["']?: (?:\[Errno \d+\] )?(Permission denied|No such file)/,
    refine: (groups, evidence) => ({
      title: `The interpreter may not read the script: ${said(groups, 2)}`,
      why: 'The file could be started, but the program of its #! line could not open it. An interpreter reads the file, so it needs the read permission as well.',
      mend: [`chmod a+rx ${shellQuote(evidence.scriptFile)}`, `ls -ld ${shellQuote(folderOf(evidence.scriptFile))}`],
    }),
  },
  {
    id: 'permissionDenied',
    pattern: REFUSED,
    refine: (groups, evidence) => permissionDenied(groups, evidence),
  },
  {
    id: 'permissionDeniedSomewhere',
    pattern: /Permission denied|\bEACCES\b/,
    refine: (_groups, evidence) => ({
      title: 'The script was refused a file: Permission denied',
      why: 'The user that runs the scripts may not do with a file what the script wants. The message of the script does not name the file; the folders it writes to are the first to look at.',
      mend: [`ls -la ${shellQuote(folderOf(evidence.scriptFile))}`, 'id'],
    }),
  },
  {
    id: 'fileMissing',
    pattern: ABSENT,
    refine: (groups) => ({
      title: `The script did not find ${said([fileOf(groups)], 0)}`,
      why: `There is no such file or folder. The working directory of a script is its own folder; a path of the old server that is absolute needs the site at that place, or a change of the script.`,
      mend: [`ls -ld ${shellQuote(fileOf(groups))} ${shellQuote(folderOf(fileOf(groups)))}`],
    }),
  },
  {
    id: 'cannotFork',
    pattern: /(?:Cannot fork|can't fork|fork: retry|Resource temporarily unavailable)/i,
    refine: () => ({
      title: 'The script could not start a further process',
      why: "The limit of processes is reached: limits.processes, or the container's own.",
      mend: [configuration('limits:', '  processes: null')],
    }),
  },
  {
    id: 'diskFull',
    pattern: /No space left on device|Disk quota exceeded/,
    refine: () => ({
      title: 'The script could not write: the disk is full',
      why: 'The system has no space left where the script writes.',
      mend: ['df -h'],
    }),
  },
  {
    id: 'readOnly',
    pattern: /Read-only file system/,
    refine: () => ({
      title: 'The script could not write: the file system is read-only',
      why: 'The folder it writes to is mounted without the right to write. In a container the site must be mounted without ":ro", or the data folder on its own.',
      mend: ['docker run -v "$PWD":/site …'],
    }),
  },
  {
    id: 'segmentationFault',
    pattern: /Segmentation fault/,
    refine: () => ({
      title: 'A program that the script ran crashed: segmentation fault',
      why: 'It reached for memory that is not its own: a fault of the program or of a compiled module, mostly one that was built for another version.',
      mend: [],
    }),
  },
];

/** Tried when no other row fits: the script's own last words. */
export const LAST_WORDS: readonly StderrPattern[] = [
  {
    id: 'pythonException',
    pattern: /^Traceback \(most recent call last\):\n(?:[ \t][^\n]*\n)*([A-Za-z_][\w.]{0,80})(?:: ([^\n]{0,300}))?/m,
    refine: (groups) => ({
      title: `The script stopped with ${said(groups, 1)}${groups[2] ? `: ${said(groups, 2)}`.replace(/\.$/, '') : ''}`,
      why: 'It raised an exception that nothing in it catches, before it had written a header. The last line of the traceback in the script itself is the place to look at.',
      mend: [],
    }),
  },
  {
    id: 'perlDied',
    // What a BEGIN block or a library died of stands above the lines that say where.
    pattern:
      /(?:^|\n)([^\n]{1,300}?) at [^\n]{1,300} line \d+(?:, <\w{1,40}> (?:line|chunk) \d+)?\.(?:\n(?:BEGIN failed--compilation aborted|Compilation failed in require) at [^\n]{1,300})*\s*$/,
    refine: (groups) => ({
      title: `The script stopped: ${said(groups, 1)}`,
      why: 'It ended itself with these words, or perl ended it, before it had written a header.',
      mend: [],
    }),
  },
];

function envMissing(program: ByteString, endsInCarriageReturn: boolean, evidence: Evidence): Refinement {
  const file = shellQuote(evidence.scriptFile);
  const name = said([program], 0);
  if (endsInCarriageReturn) {
    return {
      title: 'The #! line ends in CR LF, as on Windows',
      why: `The system looked for a program called "${name}" with a carriage return at its end.`,
      mend: [`sed -i '1s/\\r$//' ${file}`],
    };
  }
  return {
    title: `The interpreter ${name} is not installed`,
    why: `The #! line asks env for ${name}, and no folder of PATH has a program of that name.`,
    mend: [
      configuration(
        'cgi:',
        '  shebangs:',
        `    ${name}: ${name === 'python' ? 'python3' : `/path/to/${nameOf(program)}`}`,
      ),
    ],
  };
}

function fileOf(groups: readonly ByteString[]): ByteString {
  return groups.slice(1).find((group) => group !== undefined) ?? '';
}

/** The file that stderr says was refused, as written there: what `Evidence.namedFile` is to describe. */
export function refusedFile(stderr: ByteString): ByteString | undefined {
  const match = REFUSED.exec(stderr.slice(0, LONGEST));
  return match ? fileOf(match) : undefined;
}

/** A file as a script names it, which runs in its own folder, as anybody finds it. */
export function absoluteName(file: ByteString, { scriptFile }: Evidence): ByteString {
  return file.startsWith('/') ? file : `${folderOf(scriptFile)}/${file}`;
}

function permissionDenied(groups: readonly ByteString[], evidence: Evidence): Refinement {
  const named = fileOf(groups);
  const file = absoluteName(named, evidence);
  const facts = evidence.namedFile;
  const about = facts ? ` ${ownership(facts)}` : '';
  return {
    title: `The script was refused ${said([named], 0)}: Permission denied`,
    why: `The user that runs the scripts may not do with it what the script wants; to make a new file it needs the right to write to the folder.${about}`,
    mend: [`ls -ld ${shellQuote(file)} ${shellQuote(folderOf(file))}`, allow(shellQuote(file), facts)],
  };
}

/** Of another's file the owner, and of one that not even its owner may write the mode. */
function allow(file: string, facts: NamedFile | undefined): string {
  const chmod = `chmod u+rw ${file}`;
  if (facts === undefined || facts.ownerId === facts.runsAs) return chmod;
  const chown = `chown ${facts.runsAs} ${file}`;
  return (facts.mode & 0o600) === 0o600 ? chown : `${chown} && ${chmod}`;
}

function ownership(facts: NamedFile): string {
  const mode = (facts.mode & 0o7777).toString(8).padStart(4, '0');
  return `It belongs to user ${facts.ownerId}, group ${facts.groupId}, with mode ${mode}; scripts run as user ${facts.runsAs}.`;
}
