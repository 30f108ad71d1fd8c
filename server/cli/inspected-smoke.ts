// "Save as smoke test" of the inspector: its records become a plan. Here, because the inspector knows no plans and smoke
// knows no records: only cli/ may know both (HOUSE-STYLE.md section 2), as with the findings of doctor.
// A process of its own rehearses the plan on a copy of the site until it passes; the site itself is asked nothing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endBeforeServer } from '../cgi/out-of-memory.ts';
import type { LoadedConfig } from '../config/load.ts';
import { reasonOfWriting } from '../config/read-file.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import type { SavedSmoke, SmokeRefusal, SmokeTests, SmokeText } from '../inspector/inspected-site.ts';
import { type IsSecret, secretNames } from '../inspector/secrets.ts';
import type { RecordedPlan } from '../smoke/recorded-plan.ts';
import type { Recorded } from '../smoke/recorder.ts';
import type { CommonOptions } from './arguments.ts';
import { recordedEntries } from './recorded-entries.ts';
import type { Shell } from './shell.ts';
import type { PlanAnswer, PlanQuestion } from './smoke-plan-process.ts';
import { isInCi } from './smoke-setting.ts';
import { nearestFolder, whyUnwritable } from './writable.ts';
import { writePlan } from './write-plan.ts';

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

/** Why the process made none, in a sentence. */
class NoPlan extends Error {}

/** What the operator's files or a limit of the system cause; anything else is a bug. */
function refusalOf(error: unknown): SmokeRefusal {
  if (error instanceof NoPlan) return refused(error.message);
  if (error instanceof Error && error.name === 'AbortError') return refused('The server ends.');
  throw error;
}

async function asText(
  entries: readonly HistoryEntry[],
  isSecret: IsSecret,
  setting: SmokeTestsOptions,
): Promise<SmokeText | SmokeRefusal> {
  const { recorded, leftOut } = recordedEntries(await ended(entries));
  if (recorded.length === 0) return nothingToTest(leftOut);
  const plan = await planOf(recorded, { name: 'copied', isInline: true, setting });
  if (plan.files.size > 0) return refused('Its body is no text: save it as a file instead.');
  const secret = plan.literalFields.filter(isSecret);
  if (secret.length > 0)
    return refused(`It holds what is hidden (${secret.join(', ')}), and would not pass without: ask with ?reveal=1.`);
  return { kind: 'text', text: [...leftOut.map((line) => `# left out: ${line}\n`), plan.text].join('') };
}

const LAST_WORDS_MS = 2000;

/** A script may end a moment after its answer. */
async function ended(entries: readonly HistoryEntry[]): Promise<readonly HistoryEntry[]> {
  const until = performance.now() + LAST_WORDS_MS;
  while (entries.some(({ isFinished }) => !isFinished) && performance.now() < until) await delay(10);
  return entries;
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
  const { recorded, leftOut } = recordedEntries(await ended(entries));
  if (recorded.length === 0) return nothingToTest(leftOut);
  const folder = join(root, 'tests/smoke');
  const why = whyUnwritable(join(folder, 'test.yaml'), nearestFolder(folder));
  if (why !== undefined) return refused(`Cannot write into ${folder}: ${why}. Copy the test instead.`);
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

const PROGRAM = fileURLToPath(new URL('./smoke-plan-process.ts', import.meta.url));

/** In a process of its own: the site goes on meanwhile, and the server keeps none of the memory that it takes. */
async function planOf(recorded: readonly Recorded[], { name, isInline, setting }: Planning): Promise<RecordedPlan> {
  const { shell, options, signal } = setting;
  const { temporaryFolder, packageFolder, workingDirectory, environment } = shell;
  const question: PlanQuestion = {
    recorded: recorded.map(sent),
    name,
    isInline,
    loaded: setting.loaded(),
    options,
    shell: { temporaryFolder, packageFolder, workingDirectory },
    environment,
  };
  signal.throwIfAborted();
  const child = spawn(process.execPath, [PROGRAM], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.pid !== undefined) endBeforeServer(child.pid);
  const end = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  // It may be gone before it has read; then its answer is empty.
  for (const part of [child, child.stdin]) part.on('error', () => {});
  child.stdin.end(JSON.stringify(question));
  const said = await text(child.stdout);
  signal.removeEventListener('abort', end);
  const answer: PlanAnswer =
    said === ''
      ? { kind: 'failed', reason: 'The process that makes the test has died.' }
      : (JSON.parse(said) as PlanAnswer);
  if (answer.kind === 'failed') throw new NoPlan(answer.reason);
  const files = answer.plan.files.map(([path, bytes]) => [path, Buffer.from(bytes, 'base64')] as const);
  return { ...answer.plan, files: new Map(files) };
}

function sent({ request, answer }: Recorded): PlanQuestion['recorded'][number] {
  const body = request.body?.toString('base64') ?? null;
  return { request: { ...request, body }, answer: { ...answer, body: answer.body.toString('base64') } };
}
