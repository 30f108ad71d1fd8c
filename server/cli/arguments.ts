// The command line → a Command (PRODUCT.md section 3), or CgiboxError USAGE with "did you mean".
// Pure but for one question to the file system, which is passed in: is this word a folder?
import { parseArgs } from 'node:util';
import type { FlagSetting } from '../config/load.ts';
import { nearestWord } from '../config/suggestion.ts';
import { CgiboxError } from '../errors.ts';
import { type ExecWords, readExecWords } from './exec-words.ts';
import { readSmokeWords, type SmokeWords } from './smoke-words.ts';
import { COMMANDS, COMMON_FLAGS, type CommandUsage, type FlagUsage } from './usage.ts';

/** What every command may be told. */
export interface CommonOptions {
  readonly site: string | undefined;
  readonly file: string | undefined;
  /** Flags that set keys: --host, --port. */
  readonly settings: readonly FlagSetting[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colour: boolean;
}

export interface ExecCommand extends ExecWords {
  readonly kind: 'exec';
  readonly options: CommonOptions;
}

export interface SmokeCommand extends SmokeWords {
  readonly kind: 'smoke';
  readonly options: CommonOptions;
}

export interface DoctorCommand {
  readonly kind: 'doctor';
  readonly mayExecute: boolean;
  readonly format: 'text' | 'json' | 'github';
  readonly baseline: string | undefined;
  readonly writesBaseline: boolean;
  readonly options: CommonOptions;
}

export type Command =
  | { readonly kind: 'help'; readonly about: CommandUsage | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve' | 'health'; readonly options: CommonOptions }
  | ExecCommand
  | SmokeCommand
  | DoctorCommand
  | { readonly kind: 'config'; readonly show: 'values' | 'check' | 'schema'; readonly options: CommonOptions };

/**
 * Reads the arguments after the program's name.
 *
 * @throws CgiboxError USAGE
 */
export function readArguments(words: readonly string[], isFolder: (path: string) => boolean): Command {
  const given = split(words);
  if (given.flags.has('version')) return { kind: 'version' };
  if (given.flags.has('help') && given.positionals.length === 0) return { kind: 'help', about: undefined };
  // `cgibox serve "$SITE"` with SITE unset would serve the folder one happens to be in.
  if (given.positionals.includes(''))
    throw usageError(
      'Cannot read an empty argument: it names nothing',
      'leave it out, or set the variable it stands for',
    );
  const { usage, rest } = chooseCommand(given.positionals, isFolder);
  if (given.flags.has('help') || usage === 'help') return { kind: 'help', about: helpTopic(usage, rest) };
  if (usage.name === 'sendmail') throw usageError('Cannot run "sendmail" behind flags', 'write cgibox sendmail first');
  checkFlags(given.flags, usage);
  if (usage.name === 'exec') {
    const options = commonOptions(given.flags, given.flags.get('site'));
    return { kind: 'exec', ...readExecWords(given, rest), options };
  }
  if (usage.name === 'smoke') {
    const options = commonOptions(given.flags, given.flags.get('site'));
    return { kind: 'smoke', ...readSmokeWords(given, rest), options };
  }
  if (rest.length > 1) throw usageError(`Cannot serve more than one SITE: "${rest.join('" "')}"`, 'give one folder');
  const options = commonOptions(given.flags, rest[0]);
  if (usage.name === 'doctor') return doctorCommand(given.flags, options);
  if (usage.name === 'serve' || usage.name === 'health') return { kind: usage.name, options };
  return { kind: 'config', show: whatToShow(given.flags), options };
}

type Flags = ReadonlyMap<string, string>;

interface Given {
  readonly positionals: readonly string[];
  /** Flag → its value, the last one; "" for a switch. */
  readonly flags: Flags;
  /** Flags that may be repeated → all their values. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

const ALL_FLAGS: readonly FlagUsage[] = [...COMMON_FLAGS, ...COMMANDS.flatMap((command) => command.flags)];

function split(words: readonly string[]): Given {
  const options = ALL_FLAGS.map((flag) => {
    const type = flag.value === undefined ? ('boolean' as const) : ('string' as const);
    return [flag.name, { type, ...(flag.short !== undefined && { short: flag.short }) }] as const;
  });
  // Not strict: its own messages neither suggest anything nor say what to write.
  const parsed = parseArgs({
    args: [...words],
    options: Object.fromEntries(options),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const flags = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue;
    const value = flagValue({ ...token, value: token.value, isInline: token.inlineValue === true });
    flags.set(token.name, value);
    lists.set(token.name, [...(lists.get(token.name) ?? []), value]);
  }
  return { positionals: parsed.positionals, flags, lists };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly isInline: boolean;
}

function flagValue({ name, rawName, value, isInline }: OptionToken): string {
  const flag = ALL_FLAGS.find((known) => known.name === name);
  if (flag === undefined) throw unknownFlag(rawName, ALL_FLAGS);
  if (flag.value === undefined) {
    if (value === undefined) return '';
    throw usageError(`Cannot give a value to "${rawName}": it is a switch`, `write ${rawName} alone`);
  }
  if (value === undefined || value === '' || (!isInline && /^-./.test(value))) {
    throw usageError(`Cannot read "${rawName}": its value is missing`, `write ${rawName} ${flag.value}`);
  }
  return value;
}

function unknownFlag(written: string, known: readonly FlagUsage[]): CgiboxError {
  const nearest = nearestWord(
    written.replace(/^-+/, ''),
    known.map((flag) => flag.name),
  );
  const hint = nearest === undefined ? 'see cgibox --help' : `did you mean --${nearest}?`;
  return usageError(`Cannot read "${written}": there is no such flag`, hint);
}

interface Chosen {
  readonly usage: CommandUsage | 'help';
  readonly rest: readonly string[];
}

/** A first word that is no command is a SITE only if it is a folder or holds "/" or ".": else a typing error. */
function chooseCommand(positionals: readonly string[], isFolder: (path: string) => boolean): Chosen {
  const [first, ...rest] = positionals;
  if (first === 'help') return { usage: 'help', rest };
  const named = COMMANDS.find((command) => command.name === first);
  if (named !== undefined) return { usage: named, rest };
  const [serve] = COMMANDS;
  if (serve === undefined) throw new Error('the table of commands is empty');
  if (first === undefined || /[/.]/.test(first) || isFolder(first)) return { usage: serve, rest: positionals };
  throw unknownCommand(first);
}

function unknownCommand(word: string): CgiboxError {
  const names = COMMANDS.map((command) => command.name);
  const nearest = nearestWord(word, names);
  const hint =
    nearest === undefined
      ? `write one of ${names.join(', ')}, or ./${word} for a folder`
      : `did you mean cgibox ${nearest}?`;
  return usageError(`Cannot run "${word}": there is no such command or folder`, hint);
}

function helpTopic(usage: CommandUsage | 'help', rest: readonly string[]): CommandUsage | undefined {
  if (usage !== 'help') return usage;
  const [word] = rest;
  if (word === undefined) return undefined;
  const topic = COMMANDS.find((command) => command.name === word);
  if (topic === undefined) throw unknownCommand(word);
  return topic;
}

function checkFlags(flags: Flags, usage: CommandUsage | 'help'): void {
  const own = usage === 'help' ? [] : usage.flags;
  const known = [...COMMON_FLAGS, ...own];
  for (const name of flags.keys()) {
    if (!known.some((flag) => flag.name === name)) throw unknownFlag(`--${name}`, known);
  }
  if (flags.has('quiet') && flags.has('verbose')) {
    throw usageError('Cannot be both "--quiet" and "--verbose": they contradict each other', 'give one of them');
  }
}

function commonOptions(flags: Flags, site: string | undefined): CommonOptions {
  const settings = (['host', 'port'] as const).flatMap((name) => {
    const text = flags.get(name);
    return text === undefined ? [] : [{ flag: `--${name}`, key: `server.${name}`, text }];
  });
  return {
    site,
    file: flags.get('config'),
    settings,
    json: flags.has('json'),
    quiet: flags.has('quiet'),
    verbose: flags.has('verbose'),
    colour: !flags.has('no-color'),
  };
}

function doctorCommand(flags: Flags, options: CommonOptions): DoctorCommand {
  if (flags.has('github') && options.json)
    throw usageError('Cannot do both "--json" and "--github": they are two results', 'give one of them');
  if (flags.has('write-baseline') && !flags.has('baseline'))
    throw usageError('Cannot write the baseline: no file is named', 'write --baseline FILE --write-baseline');
  const format = options.json ? 'json' : 'text';
  return {
    kind: 'doctor',
    mayExecute: !flags.has('no-exec'),
    format: flags.has('github') ? 'github' : format,
    baseline: flags.get('baseline'),
    writesBaseline: flags.has('write-baseline'),
    options,
  };
}

function whatToShow(flags: Flags): 'values' | 'check' | 'schema' {
  if (flags.has('check') && flags.has('schema')) {
    throw usageError('Cannot do both "--check" and "--schema": they are two results', 'give one of them');
  }
  if (flags.has('check')) return 'check';
  return flags.has('schema') ? 'schema' : 'values';
}

function usageError(message: string, hint: string): CgiboxError {
  return new CgiboxError('USAGE', message, { hint });
}
