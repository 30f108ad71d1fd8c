// cgibox smoke --record: a plan of what goes through a proxy, or of a browser's session (--har).
// Written twice: as it was seen, and, after a rehearsal, without what differs from run to run.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf, reasonOfWriting } from '../config/read-file.ts';
import { CgiboxError } from '../errors.ts';
import { startError } from '../http/start-error.ts';
import { type Answer, ask } from '../smoke/client.ts';
import { recordedInHar } from '../smoke/har.ts';
import { type RecordedPlan, recordedPlan } from '../smoke/recorded-plan.ts';
import { type Recorded, type Recorder, startRecorder } from '../smoke/recorder.ts';
import { rehearsedPlan } from '../smoke/rehearsed-plan.ts';
import { interruptible } from './interruption.ts';
import { rehearse } from './smoke-rehearsal.ts';
import { isInCi, type Smoking } from './smoke-setting.ts';
import { sitesUnderTest } from './smoke-site.ts';
import { nearestFolder, whyUnwritable } from './writable.ts';
import { writePlan } from './write-plan.ts';

/** @throws CgiboxError USAGE, PLAN_UNREADABLE, REPORT_UNWRITABLE, and of starting */
export async function recordPlan(written: string, smoking: Smoking): Promise<number> {
  const { command, shell, base, people } = smoking;
  const file = resolve(base, written);
  if (isInCi(shell))
    throw usage('Cannot record where CI is set: nothing is written there', 'record on your own machine');
  if (!/\.ya?ml$/i.test(file))
    throw usage(`Cannot record into "${written}": a plan is a YAML file`, `write --record ${written}.yaml`);
  if (existsSync(file))
    throw usage(`Cannot record into "${written}": it is there already`, 'remove it, or name another file');
  // Before anything is recorded: the session would be lost.
  const why = whyUnwritable(file, nearestFolder(dirname(file)));
  if (why !== undefined) throw unwritable(written, why);
  const recorded = command.har === undefined ? await throughProxy(smoking) : inHar(command.har, base);
  if (recorded.length === 0) {
    people.write('nothing was recorded: no plan is written\n');
    return 1;
  }
  const name = basename(file).replace(/\.ya?ml$/i, '');
  const now = new Date();
  const write = (plan: RecordedPlan) => writeFor(plan, { file, written });
  const seen = recordedPlan(recorded, { again: [], now }, name);
  // At once: a recording is not lost to a rehearsal that fails.
  write(seen);
  const steady =
    command.from === undefined
      ? await untilItPasses(recorded, { name, now }, smoking)
      : recordedPlan(recorded, { again: [await askAgain(command.from, recorded, smoking)], now }, name);
  if (steady === undefined) {
    people.write(`the rehearsal was interrupted: ${written} is as it was seen, and fails where an answer differs\n`);
    return 1;
  }
  for (const path of seen.files.keys()) if (!steady.files.has(path)) rmSync(join(dirname(file), path));
  write(steady);
  people.write(`${recorded.length} ${recorded.length === 1 ? 'request is' : 'requests are'} in ${written}\n`);
  return 0;
}

/** Absent where a signal ended it. */
async function untilItPasses(
  recorded: readonly Recorded[],
  of: { readonly name: string; readonly now: Date },
  smoking: Smoking,
): Promise<RecordedPlan | undefined> {
  const { signal, end } = interruptible();
  const where = smoking.command.baseUrl === undefined ? 'on a copy of the site' : `on ${smoking.command.baseUrl.href}`;
  smoking.people.write(`rehearsing ${where}, Ctrl+C ends it\n`);
  try {
    return await rehearsedPlan(recorded, { ...of, rehearse: (plan) => rehearse(plan, { ...smoking, signal }) });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    end();
  }
}

function inHar(har: string, base: string): readonly Recorded[] {
  try {
    const recorded = recordedInHar(readFileSync(resolve(base, har), 'utf8'));
    if (recorded !== undefined) return recorded;
  } catch (error) {
    throw unreadable(har, reasonOf(error), error);
  }
  throw unreadable(har, 'it is no HAR file');
}

function unreadable(har: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'save the session in the network panel of the browser: "Save all as HAR with content"';
  return new CgiboxError('PLAN_UNREADABLE', `Cannot read the browser session "${har}": ${reason}`, { hint, cause });
}

/** Until Ctrl+C. */
async function throughProxy(smoking: Smoking): Promise<readonly Recorded[]> {
  const { command, loaded, shell, base, people } = smoking;
  const sites = command.from === undefined ? await sitesUnderTest(command, loaded, { shell, base }) : undefined;
  const server = await sites?.open();
  const interruption = interruptible();
  try {
    const recorder = await openProxy(command.from ?? server?.url ?? new URL('http://127.0.0.1/'), smoking);
    people.write(`recording: open ${recorder.url}/ in a browser, Ctrl+C ends it\n`);
    if (!interruption.signal.aborted)
      await new Promise((done) => interruption.signal.addEventListener('abort', done, { once: true }));
    await recorder.close();
    return recorder.recorded;
  } finally {
    interruption.end();
    await server?.close();
    await sites?.close();
  }
}

async function openProxy(to: URL, { command, loaded, people }: Smoking): Promise<Recorder> {
  const { host, port } = loaded.config.server;
  try {
    return await startRecorder(to, {
      host,
      port,
      timeoutMilliseconds: command.timeoutSeconds * 1000,
      onRecorded: ({ request, answer }) => people.write(`  ${request.method} ${request.path} → ${answer.status}\n`),
    });
  } catch (error) {
    throw startError(error, { host, port });
  }
}

/** The old server is asked again only for what changes nothing there. */
async function askAgain(
  from: URL,
  recorded: readonly Recorded[],
  { command }: Smoking,
): Promise<readonly (Answer | undefined)[]> {
  const again: (Answer | undefined)[] = [];
  const options = { timeoutMilliseconds: command.timeoutSeconds * 1000, signal: new AbortController().signal };
  for (const { request } of recorded) {
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    const outcome = isSafe ? await ask(from, request, options) : undefined;
    again.push(outcome?.kind === 'answer' ? outcome : undefined);
  }
  return again;
}

function writeFor(plan: RecordedPlan, { file, written }: { readonly file: string; readonly written: string }): void {
  try {
    writePlan(file, plan);
  } catch (error) {
    throw unwritable(written, reasonOfWriting(error), error);
  }
}

function unwritable(written: string, reason: string, cause?: unknown): CgiboxError {
  const hint = 'name a file in a folder that may be written';
  return new CgiboxError('REPORT_UNWRITABLE', `Cannot write the plan "${written}": ${reason}`, { hint, cause });
}

function usage(message: string, hint: string): CgiboxError {
  return new CgiboxError('USAGE', message, { hint });
}
