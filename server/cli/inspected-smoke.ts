// "Save as smoke test" of the inspector: its records become a plan. Here, because the inspector knows no plans and smoke
// knows no records: only cli/ may know both (HOUSE-STYLE.md section 2), as with the findings of doctor.
// The plan is rehearsed on a copy of the site until it passes; the site itself is asked nothing.
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '../config/load.ts';
import { reasonOfWriting } from '../config/read-file.ts';
import { CgiboxError } from '../errors.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import type { SavedSmoke, SmokeRefusal, SmokeTests, SmokeText } from '../inspector/inspected-site.ts';
import { type IsSecret, secretNames } from '../inspector/secrets.ts';
import { type RecordedPlan, recordedPlan } from '../smoke/recorded-plan.ts';
import type { Recorded } from '../smoke/recorder.ts';
import { rehearsedPlan } from '../smoke/rehearsed-plan.ts';
import { isLargeSite } from '../smoke/site-files.ts';
import type { CommonOptions } from './arguments.ts';
import { recordedEntries } from './recorded-entries.ts';
import type { Shell } from './shell.ts';
import { rehearse, writePlan } from './smoke-rehearsal.ts';
import { isInCi } from './smoke-setting.ts';
import { readSmokeWords } from './smoke-words.ts';

export interface SmokeTestsOptions {
  /** The configuration in force. */
  readonly loaded: () => LoadedConfig;
  readonly options: CommonOptions;
  readonly shell: Shell;
  /** The server ends: what is being rehearsed is given up. */
  readonly signal: AbortSignal;
}

export interface RunningSmokeTests extends SmokeTests {
  /** Settles when nothing is being made. */
  idle(): Promise<unknown>;
}

/** One test is made at a time: each of them runs scripts. */
export function smokeTests(setting: SmokeTestsOptions): RunningSmokeTests {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Made>(make: () => Promise<Made | SmokeRefusal>): Promise<Made | SmokeRefusal> => {
    const made = last.then(make).catch(refusalOf);
    last = made;
    return made;
  };
  return {
    asText: (entries, isSecret) => inTurn(() => asText(entries, isSecret, setting)),
    save: (entries, name) => inTurn(() => save(entries, name, setting)),
    idle: () => last.catch(() => {}),
  };
}

function refused(reason: string): SmokeRefusal {
  return { kind: 'refused', reason };
}

/** What the operator's files or a limit of the system cause; anything else is a bug. */
function refusalOf(error: unknown): SmokeRefusal {
  if (error instanceof CgiboxError) return refused(`${error.message}: ${error.hint}.`);
  if (error instanceof Error && 'code' in error) return refused(`Cannot make the test: ${reasonOfWriting(error)}.`);
  throw error;
}

async function asText(
  entries: readonly HistoryEntry[],
  isSecret: IsSecret,
  setting: SmokeTestsOptions,
): Promise<SmokeText | SmokeRefusal> {
  const { recorded, leftOut } = recordedEntries(entries);
  if (recorded.length === 0) return nothingToTest(leftOut);
  const plan = await planOf(recorded, { name: 'copied', isInline: true, setting });
  if (plan.files.size > 0) return refused('Its body is no text: save it as a file instead.');
  const secret = plan.literalFields.filter(isSecret);
  if (secret.length > 0)
    return refused(`It holds what is hidden (${secret.join(', ')}), and would not pass without: ask with ?reveal=1.`);
  return { kind: 'text', text: [...leftOut.map((line) => `# left out: ${line}\n`), plan.text].join('') };
}

function nothingToTest(leftOut: readonly string[]): SmokeRefusal {
  if (leftOut.length === 0) return refused('There is no request to make a test of.');
  return refused(`There is no request to make a test of: ${leftOut.slice(0, 3).join('; ')}.`);
}

async function save(
  entries: readonly HistoryEntry[],
  asked: string | undefined,
  setting: SmokeTestsOptions,
): Promise<SavedSmoke | SmokeRefusal> {
  const { loaded, shell } = setting;
  const { root } = loaded().config.site;
  if (isInCi(shell)) return refused('Nothing is written where CI is set: copy the test instead.');
  const fileOf = (name: string) => `tests/smoke/${name}.yaml`;
  const isThere = (name: string) => existsSync(join(root, fileOf(name)));
  if (asked !== undefined && isThere(asked)) return refused(`${fileOf(asked)} is there already: choose another name.`);
  const { recorded, leftOut } = recordedEntries(entries);
  if (recorded.length === 0) return nothingToTest(leftOut);
  const writable = nearestFolder(join(root, 'tests/smoke'));
  try {
    accessSync(writable, constants.W_OK);
  } catch (error) {
    return refused(`Cannot write into ${writable}: ${reasonOfWriting(error)}. Copy the test instead.`);
  }
  const name = asked ?? freeName(recorded, isThere);
  const plan = await planOf(recorded, { name, isInline: false, setting });
  try {
    writePlan(join(root, fileOf(name)), plan);
  } catch (error) {
    return refused(`Cannot write ${fileOf(name)} in ${root}: ${reasonOfWriting(error)}. Copy the test instead.`);
  }
  const isSecret = secretNames(loaded().config.inspector.mask, false);
  return {
    kind: 'saved',
    plan: fileOf(name),
    files: [...plan.files.keys()].map((path) => `tests/smoke/${path}`),
    requests: recorded.length,
    leftOut,
    command: commandFor(fileOf(name), setting),
    holdsSecrets: plan.literalFields.some(isSecret),
  };
}

/** What there is of a path. */
function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(dirname(folder));
}

/** "guestbook" for /cgi-bin/guestbook.pl; with a number where that is taken. */
function freeName([first]: readonly Recorded[], isTaken: (name: string) => boolean): string {
  const path = first?.request.path.split('?')[0] ?? '';
  const script = path.split('/').find((part) => /\.\w+$/.test(part)) ?? path.split('/').findLast((part) => part !== '');
  const words = (script ?? '')
    .replace(/\.\w+$/, '')
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const wanted = words.slice(0, 60) || 'test';
  let name = wanted;
  for (let number = 2; isTaken(name); number += 1) name = `${wanted}-${number}`;
  return name;
}

function commandFor(plan: string, { options: { site, file } }: SmokeTestsOptions): string {
  const quoted = (word: string) => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  if (site !== undefined) return `cgibox smoke --site ${quoted(site)} ${plan}`;
  return file === undefined ? `cgibox smoke ${plan}` : `cgibox smoke --config ${quoted(file)} ${plan}`;
}

interface Planning {
  readonly name: string;
  readonly isInline: boolean;
  readonly setting: SmokeTestsOptions;
}

async function planOf(recorded: readonly Recorded[], planning: Planning): Promise<RecordedPlan> {
  const { name, isInline, setting } = planning;
  const { shell, options, signal } = setting;
  const loaded = setting.loaded();
  const now = new Date();
  // Without a rehearsal only what is sure at first sight is expected.
  if (await isLargeSite(loaded.config.site.root)) {
    const plan = recordedPlan(recorded, { again: [], now, isInline: true }, name);
    return { ...plan, text: `# Not rehearsed: the site is too large to be copied for it.\n${plan.text}` };
  }
  const words = readSmokeWords({ flags: new Map(), lists: new Map() }, []);
  const command = { kind: 'smoke', options: { ...options, verbose: false }, ...words } as const;
  const at = { command, loaded, shell, base: loaded.config.site.root, signal };
  return rehearsedPlan(recorded, { name, now, isInline, rehearse: (plan) => rehearse(plan, at) });
}
