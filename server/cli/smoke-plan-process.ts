// The process that makes a plan of recorded requests beside the server (inspected-smoke.ts): a question on stdin, its
// answer on stdout as JSON. SIGTERM ends it, and its copies of the site with it.
import { text } from 'node:stream/consumers';
import type { Environment } from '../config/environment.ts';
import type { LoadedConfig } from '../config/load.ts';
import { CgiboxError } from '../errors.ts';
import { type RecordedPlan, recordedPlan } from '../smoke/recorded-plan.ts';
import type { Recorded } from '../smoke/recorder.ts';
import { rehearsedPlan } from '../smoke/rehearsed-plan.ts';
import { isLargeSite } from '../smoke/site-files.ts';
import type { CommonOptions } from './arguments.ts';
import { interruptible } from './interruption.ts';
import type { Shell } from './shell.ts';
import { rehearse } from './smoke-rehearsal.ts';
import { readSmokeWords } from './smoke-words.ts';

export interface PlanQuestion {
  /** Bodies as base64. */
  readonly recorded: readonly SentRecorded[];
  readonly name: string;
  /** Everything in the plan's own text. */
  readonly isInline: boolean;
  readonly loaded: LoadedConfig;
  readonly options: CommonOptions;
  readonly shell: Pick<Shell, 'temporaryFolder' | 'packageFolder' | 'workingDirectory'>;
  readonly environment: Environment;
}

export interface SentRecorded {
  readonly request: Omit<Recorded['request'], 'body'> & { readonly body: string | null };
  readonly answer: Omit<Recorded['answer'], 'body'> & { readonly body: string };
}

export type PlanAnswer =
  | {
      readonly kind: 'plan';
      readonly plan: Omit<RecordedPlan, 'files'> & { readonly files: readonly (readonly [string, string])[] };
    }
  | { readonly kind: 'failed'; readonly reason: string };

async function answerTo(question: PlanQuestion): Promise<PlanAnswer> {
  const { signal, end } = interruptible();
  try {
    const { files, ...plan } = await planOf(question, signal);
    const sent = [...files].map(([path, bytes]) => [path, bytes.toString('base64')] as const);
    return { kind: 'plan', plan: { ...plan, files: sent } };
  } catch (error) {
    if (error instanceof CgiboxError) return { kind: 'failed', reason: `${error.message}: ${error.hint}.` };
    if (signal.aborted) return { kind: 'failed', reason: 'The server has ended.' };
    throw error;
  } finally {
    end();
  }
}

async function planOf(question: PlanQuestion, signal: AbortSignal): Promise<RecordedPlan> {
  const { name, isInline, loaded, options, environment } = question;
  const recorded = question.recorded.map(received);
  const now = new Date();
  // Without a rehearsal only what is sure at first sight is expected.
  if (await isLargeSite(loaded.config.site.root)) {
    const plan = recordedPlan(recorded, { again: [], now, isInline: true }, name);
    return { ...plan, text: `# Not rehearsed: the site is too large to be copied for it.\n${plan.text}` };
  }
  const stream = { isTerminal: false, write: () => {} };
  const shell = { ...question.shell, environment, stdout: stream, stderr: stream };
  const words = readSmokeWords({ flags: new Map(), lists: new Map() }, []);
  const command = { kind: 'smoke', options: { ...options, verbose: false }, ...words } as const;
  const at = { command, loaded, shell, base: loaded.config.site.root, signal };
  return rehearsedPlan(recorded, { name, now, isInline, rehearse: (plan) => rehearse(plan, at) });
}

function received({ request, answer }: SentRecorded): Recorded {
  const body = request.body === null ? undefined : Buffer.from(request.body, 'base64');
  return { request: { ...request, body }, answer: { ...answer, body: Buffer.from(answer.body, 'base64') } };
}

const question = JSON.parse(await text(process.stdin)) as PlanQuestion;
const answer = JSON.stringify(await answerTo(question));
await new Promise((resolve) => process.stdout.write(answer, resolve));
process.exit(0);
