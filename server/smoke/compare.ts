// The same plan on two servers: what differs, after redaction (--against).
// What the plan expects is left aside here: the other server is the expectation.
import { setTimeout as delay } from 'node:timers/promises';
import { textOfBytes } from '../config/byte-string.ts';
import { bodyText, headerValues, isText } from './answer-text.ts';
import type { Answer } from './client.ts';
import { diffLines, quote } from './matching.ts';
import type { Redaction } from './plan.ts';
import { redacted, serverNames } from './redaction.ts';
import type { Failure, RequestResult, SmokeResult } from './result.ts';
import { type RunOptions, runSmoke } from './run.ts';
import type { RunnablePlan } from './run-plan.ts';
import type { RunRequest } from './run-request.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** What differs between any two runs, unless the plan says otherwise. */
const USUAL: readonly Redaction[] = ['uuid', 'date', 'time', 'timestamp', 'ip', 'port', 'hex'];

export interface OtherServer {
  readonly open: () => Promise<ServerUnderTest>;
  /** Its interpreters are started by the first requests, which are run cold. */
  readonly isKeptWarm: boolean;
}

const WARM_UP_ROUNDS = 3;
const WARM_UP_MS = 700;

/** Asks what may be asked twice until scripts are run warm, or it is clear that they are not. */
async function warmUp(plans: readonly RunnablePlan[], options: RunOptions): Promise<void> {
  const isWanted: RunOptions['isWanted'] = (request, plan) =>
    request.request.method === 'GET' && options.isWanted(request, plan);
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    const runners: (string | undefined)[] = [];
    await runSmoke(plans, { ...options, isWanted, onResult: ({ result }) => void runners.push(result.runner) });
    if (runners.every((runner) => runner === undefined || runner === 'warm')) return;
    await delay(WARM_UP_MS, undefined, { signal: options.signal }).catch(() => {});
  }
}

/** Asks the first server everything, then the other; the results are those of the first, with the differences. */
export async function compareServers(
  plans: readonly RunnablePlan[],
  options: RunOptions,
  other: OtherServer,
): Promise<SmokeResult> {
  const bare = plans.map(withoutExpectations);
  const inOrder: RunOptions = {
    ...options,
    jobs: 1,
    concurrency: 1,
    failFast: false,
    mayWriteGoldens: false,
    isWithoutExpectations: true,
  };
  const ours: RunRequest[] = [];
  const theirs: RunRequest[] = [];
  const urls: URL[] = [];
  const openServer = async (): Promise<ServerUnderTest> => {
    const opened = await options.openServer();
    urls.push(opened.url);
    return opened;
  };
  const first = await runSmoke(bare, { ...inOrder, openServer, onResult: (each) => void ours.push(each) });
  const server = await other.open();
  const kept: RunOptions = { ...inOrder, openServer: async () => ({ ...server, close: async () => {} }) };
  try {
    if (other.isKeptWarm) await warmUp(bare, kept);
    await runSmoke(bare, { ...kept, onResult: (each) => void theirs.push(each) });
  } finally {
    await server.close();
  }
  const names = serverNames([...urls, server.url]);
  const results = ours.map((each, index) => compared(each, theirs[index], names));
  for (const result of results) options.onResult({ result, answer: undefined, redactions: [], isGone: false });
  const notes = [...first.notes, ...runnerNotes(theirs)];
  return { ...first, results, notes, milliseconds: options.now() - first.startedAt };
}

/** A script that cannot be run warm is run cold: the comparison says less then. */
function runnerNotes(theirs: readonly RunRequest[]): readonly string[] {
  const runners = theirs.map(({ result }) => result.runner).filter((runner) => runner !== undefined);
  if (runners.length === 0) return [];
  const warm = runners.filter((runner) => runner === 'warm').length;
  return [`${warm} of ${runners.length} runs were warm`];
}

function withoutExpectations(runnable: RunnablePlan): RunnablePlan {
  const requests = runnable.plan.requests.map(({ expect, retry, ...request }) => request);
  return { ...runnable, plan: { ...runnable.plan, redact: [...(runnable.plan.redact ?? USUAL)], requests } };
}

function compared(ours: RunRequest, theirs: RunRequest | undefined, names: RegExp): RequestResult {
  const { result } = ours;
  if (result.outcome === 'skipped') return result;
  if (ours.answer === undefined || theirs?.answer === undefined) {
    const isSame = ours.answer === undefined && theirs?.answer === undefined;
    const reasons = [result, theirs?.result].map((each) => each?.failures[0]?.summary ?? each?.skipped ?? 'an answer');
    const which = isSame ? 'neither server gave an answer' : 'only one server gave an answer';
    const failure = differing(`${which}: here ${reasons[0]}, there ${reasons[1]}`, []);
    return { ...result, outcome: 'error', failures: [{ ...failure, place: result.place }] };
  }
  const sides = [
    { ...ours.answer, redactions: ours.redactions, names, isServersPage: isServersPage(ours) },
    { ...theirs.answer, redactions: theirs.redactions, names, isServersPage: isServersPage(theirs) },
  ] as const;
  const failures = differences(...sides).map((failure) => ({ ...failure, place: result.place }));
  return { ...result, outcome: failures.length > 0 ? 'failed' : 'passed', failures };
}

function differing(summary: string, detail: readonly string[]): Failure {
  return { kind: 'difference', summary, detail };
}

/** An answer, with what its own server gave to be left out. */
interface Side extends Answer {
  readonly redactions: readonly Redaction[];
  /** Of both servers: a page with the whole address of one says the same on the other. */
  readonly names: RegExp;
  readonly isServersPage: boolean;
}

/** Did the server write the page of an error or a redirect in its own words, or leave it empty? */
function isServersPage({ answer, isServersPage = false }: RunRequest): boolean {
  return answer !== undefined && answer.status >= 300 && (isServersPage || answer.body.length === 0);
}

function differences(ours: Side, theirs: Side): readonly Failure[] {
  const found: Failure[] = [];
  if (ours.status !== theirs.status)
    found.push(differing(`the status is ${ours.status} here and ${theirs.status} there`, []));
  // Each server has words of its own for an error.
  const isOwnWords = ours.status === theirs.status && ours.isServersPage;
  for (const name of isOwnWords ? ['location'] : ['content-type', 'location', 'set-cookie']) {
    const [here, there] = [comparable(ours, name), comparable(theirs, name)];
    if (here !== there) found.push(differing(`the field ${name} is ${shown(here)} here and ${shown(there)} there`, []));
  }
  if (!isOwnWords && plainBody(ours) !== plainBody(theirs))
    found.push(differing('the body differs: "-" is there, "+" is here', bodyDifference(ours, theirs)));
  return found;
}

/** With the names of the servers as the address that REMOTE_ADDR may be, too. */
function plainBody({ body, redactions, names }: Side): string {
  return redacted(body.toString('latin1').replace(names, '[ip]'), redactions);
}

function shown(value: string): string {
  return value === '' ? 'absent' : quote(value);
}

/** Case and blanks do not matter in a Content-Type, the server's own name not in a Location, values not in a cookie. */
function comparable({ fields, redactions, names }: Side, name: string): string {
  const values = headerValues(fields, name);
  if (name === 'content-type') return values.join(', ').toLowerCase().replaceAll(' ', '');
  if (name === 'set-cookie')
    return values
      .map((value) => value.split('=')[0])
      .toSorted()
      .join(', ');
  return values
    .map((value) => redacted(value.replace(/^https?:\/\/[^/]*/i, '').replace(names, '[ip]'), redactions))
    .join(', ');
}

function bodyDifference(ours: Side, theirs: Side): readonly string[] {
  if (!isText(ours.body) || !isText(theirs.body))
    return [`${theirs.body.length} bytes there, ${ours.body.length} here; they are no text`];
  const text = (side: Side): string => bodyText({ ...side, body: Buffer.from(plainBody(side), 'latin1') });
  const lines = diffLines(text(theirs), text(ours));
  return lines.length > 0 ? lines : [`in bytes: ${quote(textOfBytes(theirs.body.toString('latin1')))}`];
}
