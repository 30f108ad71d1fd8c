// The words and flags of cgibox smoke → what it is to do, or CgiboxError USAGE.
// Pure.
import { CgiboxError } from '../errors.ts';

export interface SmokeWords {
  /** Plans; none: every script that is found, and the plans in tests/smoke. */
  readonly files: readonly string[];
  readonly baseUrl: URL | undefined;
  readonly update: boolean;
  readonly list: boolean;
  readonly watch: boolean;
  readonly failFast: boolean;
  readonly ephemeral: boolean;
  readonly showSchema: boolean;
  readonly github: boolean;
  /** Report → file, as written; "-" is stdout. */
  readonly reports: Readonly<Partial<Record<ReportName, string>>>;
  readonly jobs: number | undefined;
  readonly timeoutSeconds: number;
  readonly filter: string | undefined;
  readonly tags: readonly string[];
  readonly record: string | undefined;
  /** --from: the old server that is recorded. */
  readonly from: URL | undefined;
  readonly har: string | undefined;
  readonly against: URL | 'warm' | undefined;
  /** As written: a date and time. */
  readonly clock: string | undefined;
}

export const REPORT_NAMES = ['junit', 'tap', 'html'] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

interface Given {
  readonly flags: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

/** @throws CgiboxError USAGE */
export function readSmokeWords({ flags, lists }: Given, files: readonly string[]): SmokeWords {
  const words: SmokeWords = {
    files,
    baseUrl: urlFlag(flags, 'base-url'),
    update: flags.has('update'),
    list: flags.has('list'),
    watch: flags.has('watch'),
    failFast: flags.has('fail-fast'),
    ephemeral: flags.has('ephemeral'),
    showSchema: flags.has('schema'),
    github: flags.has('github'),
    reports: Object.fromEntries(REPORT_NAMES.flatMap((name) => (flags.has(name) ? [[name, flags.get(name)]] : []))),
    jobs: numberFlag(flags, 'jobs', { least: 1, most: 64 }),
    timeoutSeconds: numberFlag(flags, 'timeout', { least: 0.1, most: 86_400 }) ?? 30,
    filter: flags.get('filter'),
    tags: lists.get('tag') ?? [],
    record: flags.get('record'),
    from: urlFlag(flags, 'from'),
    har: flags.get('har'),
    against: flags.get('against') === 'warm' ? 'warm' : urlFlag(flags, 'against'),
    clock: clockFlag(flags.get('clock')),
  };
  checkTogether(words);
  return words;
}

/** Pairs that mean nothing together: first flag, second flag, why. */
function checkTogether(words: SmokeWords): void {
  const { baseUrl, record, har, from, against, ephemeral, clock, update, watch } = words;
  const isRecording = record !== undefined || har !== undefined;
  const conflicts: readonly (readonly [boolean, string, string])[] = [
    [from !== undefined && record === undefined, '"--from" alone', 'add --record FILE, the plan to write'],
    [har !== undefined && record === undefined, '"--har" alone', 'add --record FILE, the plan to write'],
    [har !== undefined && from !== undefined, '"--har" and "--from": they are two sources', 'give one of them'],
    [isRecording && words.files.length > 0, 'a plan and "--record": one is run, the other written', 'give one of them'],
    [
      isRecording && (update || watch || against !== undefined),
      '"--record" with "--update", "--watch" or "--against"',
      'give one of them',
    ],
    [
      baseUrl !== undefined && ephemeral,
      '"--ephemeral" with "--base-url": the site is not ours',
      'leave one of them out',
    ],
    [
      baseUrl !== undefined && clock !== undefined,
      '"--clock" with "--base-url": the scripts are not ours',
      'leave one of them out',
    ],
    [
      baseUrl !== undefined && against === 'warm',
      '"--against warm" with "--base-url": the scripts are not ours',
      'leave one of them out',
    ],
    [
      against !== undefined && update,
      '"--update" with "--against": nothing golden is compared',
      'leave one of them out',
    ],
    [update && watch, '"--update" with "--watch"', 'give one of them'],
    [Object.values(words.reports).filter((file) => file === '-').length > 1, 'two reports to stdout', 'name files'],
  ];
  for (const [isSo, what, hint] of conflicts) if (isSo) throw usageError(`Cannot do ${what}`, hint);
}

function urlFlag(flags: ReadonlyMap<string, string>, name: string): URL | undefined {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw usageError(
    `Cannot use "--${name} ${text}": it is no URL of a web server`,
    `write --${name} http://localhost:8080`,
  );
}

function numberFlag(
  flags: ReadonlyMap<string, string>,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  const isWhole = least < 1 || Number.isInteger(number);
  if (text.trim() !== '' && isWhole && number >= least && number <= most) return number;
  throw usageError(`Cannot use "--${name} ${text}": it is no number from ${least} to ${most}`, `write --${name} 4`);
}

/** → the form that libfaketime reads as a clock that stands still. */
function clockFlag(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, date, time = '00:00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text) ?? [];
  const written = `${date}T${time.length === 5 ? `${time}:00` : time}`;
  if (date !== undefined && isThere(written)) return written.replace('T', ' ');
  throw usageError(`Cannot set the clock to "${text}": it is no date and time`, 'write --clock "1999-12-31 23:59:59"');
}

/** Is there such a day and hour? Date takes the 30th of February for the 2nd of March. */
function isThere(written: string): boolean {
  const time = new Date(`${written}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(written);
}

function usageError(message: string, hint: string): CgiboxError {
  return new CgiboxError('USAGE', message, { hint });
}
