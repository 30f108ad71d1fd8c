// One request of a plan, as a story: fill its templates, ask, look, compare, capture; again where it may be retried.
// Never rejects for what a script, a server or a plan's own files cause: that is the result.
import { setTimeout as delay } from 'node:timers/promises';
import { CgiboxError } from '../errors.ts';
import { bodyText, isText } from './answer-text.ts';
import { clientRequest } from './call.ts';
import { capture } from './captures.ts';
import { type Answer, ask, type ClientRequest, type NoAnswer } from './client.ts';
import type { CookieJar } from './cookie-jar.ts';
import { basicFailures, expectationFailures } from './expectations.ts';
import { type GoldenFolder, type GoldenRules, goldenName } from './golden.ts';
import type { PlanRequest, Redaction } from './plan.ts';
import { filledRedactions } from './redaction.ts';
import type { Failure, OwnServerKey, PlaceOf, RequestResult, ShownExchange } from './result.ts';
import type { ServerUnderTest, Witness } from './server-under-test.ts';
import { filled } from './template.ts';

/** What a request of a plan is run with. One for each row of the plan's data. */
export interface PlanRun {
  readonly server: ServerUnderTest;
  /** Display path; absent for scripts that were found. */
  readonly source: string | undefined;
  readonly goldens: GoldenFolder | undefined;
  readonly goldenRules: GoldenRules;
  readonly environment: Readonly<Record<string, string>>;
  readonly jar: CookieJar;
  /** Captures, the data row, variables and {{env.NAME}}. */
  readonly captures: Map<string, string>;
  readonly lookUp: (name: string) => string | undefined;
  readonly readFile: (path: string) => Buffer;
  readonly shown: ShownRoom;
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
  /** Told in the names of results and golden files; "" where there is one row or none. */
  readonly row: string;
}

/** Characters of bodies that the reports of a whole run may still take: thousands of pages would fill the memory. */
export interface ShownRoom {
  left: number;
}

export interface NumberedRequest {
  readonly index: number;
  readonly request: PlanRequest;
  readonly placeOf: PlaceOf;
  readonly tags: readonly string[];
  /** Display path, where it is known before it is run. */
  readonly script: string | undefined;
}

/** A result, and whether the server was there at all. */
export interface RunRequest {
  readonly result: RequestResult;
  readonly answer: Answer | undefined;
  /** Those of the plan, with what was captured until then. */
  readonly redactions: readonly Redaction[];
  /** The server wrote the page itself; absent where that is not known. */
  readonly isServersPage?: boolean;
  readonly isGone: boolean;
}

export async function runRequest(numbered: NumberedRequest, run: PlanRun): Promise<RunRequest> {
  const missing: string[] = [];
  const request = filled(numbered.request, run.lookUp, (name) => void missing.push(name));
  const told = new Teller({ ...numbered, request }, run);
  if (request.skip !== undefined) return told.skipped(request.skip);
  if (missing.length > 0) return told.error('capture', whyMissing([...new Set(missing)]));
  try {
    return await attempts({ ...numbered, request }, run, told);
  } catch (error) {
    // A file that the plan names; a pattern that its templates made unlawful.
    if (error instanceof CgiboxError || error instanceof SyntaxError) return told.error('noAnswer', error.message);
    throw error;
  }
}

/** All else is given, or the plan would not have been read. */
function whyMissing(names: readonly string[]): string {
  const { variables = [], captures = [] } = Object.groupBy(names, (name) =>
    name.startsWith('env.') ? 'variables' : 'captures',
  );
  const listed = (given: readonly string[]) => given.map((name) => `{{${name}}}`).join(', ');
  return [
    ...(variables.length > 0 ? [`${listed(variables)} is not set in the environment`] : []),
    ...(captures.length > 0 ? [`${listed(captures)} was not captured: the request before it failed`] : []),
  ].join('; ');
}

async function attempts(numbered: NumberedRequest, run: PlanRun, told: Teller): Promise<RunRequest> {
  const { times, waitSeconds } = numbered.request.retry ?? { times: 0, waitSeconds: 0 };
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(numbered, run, told.attempt(attempt));
    if (outcome.result.outcome === 'passed' || attempt > times || run.signal.aborted) return outcome;
    await delay(waitSeconds * 1000, undefined, { signal: run.signal }).catch(() => {});
  }
}

async function attemptOnce(numbered: NumberedRequest, run: PlanRun, told: Teller): Promise<RunRequest> {
  const { request: planned, placeOf } = numbered;
  const { server, jar } = run;
  const { cookies } = planned.request;
  await server.useEnvironment?.({ ...run.environment, ...planned.env });
  const kept = cookies === false ? '' : jar.header(planned.request.path, cookies === true ? {} : cookies);
  const request = clientRequest(planned.request, { readFile: run.readFile, cookies: kept });
  const { timeoutMilliseconds, signal } = run;
  const outcome = await ask(server.url, request, { timeoutMilliseconds, signal });
  const witness = await server.witness?.(outcome.localPort);
  told.saw(request, outcome, witness);
  if (outcome.kind === 'noAnswer') return told.noAnswer(outcome);
  if (cookies !== false) jar.keep(outcome.fields, request.path, Date.now());
  if (witness === undefined) told.couldNotSee(ownServerKeys(planned, run));
  const { expect } = planned;
  const observed = { answer: outcome, witness };
  const failures: Failure[] =
    expect === undefined
      ? [...basicFailures(observed)]
      : [...expectationFailures(observed, expect, (path) => placeOf(['expect', ...path]))];
  // Before the golden file: a page may show what is captured from it.
  const captured = capture(planned.capture ?? {}, { answer: outcome, jar }, placeOf);
  for (const [name, value] of captured.values) run.captures.set(name, value);
  const golden = goldenOutcome(numbered, run, outcome);
  if (golden.failure !== undefined) failures.push({ ...golden.failure, place: placeOf(['expect', 'body', 'golden']) });
  failures.push(...captured.failures);
  return told.compared(outcome, failures, golden.isError);
}

/** What of a request needs a server whose scripts we see. */
function ownServerKeys({ expect, env }: PlanRequest, { environment, server }: PlanRun): readonly OwnServerKey[] {
  const hasVariables = Object.keys({ ...environment, ...env }).length > 0;
  return [
    ...(expect?.stderr === undefined ? [] : (['stderr'] as const)),
    ...(expect?.mail === undefined ? [] : (['mail'] as const)),
    ...(hasVariables && server.useEnvironment === undefined ? (['env'] as const) : []),
  ];
}

function goldenOutcome({ request, index }: NumberedRequest, run: PlanRun, answer: Answer) {
  const golden = request.expect?.body?.golden;
  if (golden === undefined || run.goldens === undefined) return { failure: undefined, isError: false };
  const title = `${request.name ?? `${index + 1} ${request.request.method} ${request.request.path}`} ${run.row}`;
  const rules = { ...run.goldenRules, redactions: filledRedactions(run.goldenRules.redactions, run.lookUp) };
  return run.goldens.compare(answer, golden === true ? goldenName(title, answer) : golden, rules);
}

const MAX_SHOWN_BODY = 64 * 1024;
/** Of each body when the room is used up. */
const LEAST_SHOWN_BODY = 1024;

/** Puts the results of one request into words. */
class Teller {
  readonly #numbered: NumberedRequest;
  readonly #run: PlanRun;
  #attempts = 0;
  #milliseconds = 0;
  #witness: Witness | undefined;
  #notChecked: readonly OwnServerKey[] = [];
  #exchange: ShownExchange | undefined;

  constructor(numbered: NumberedRequest, run: PlanRun) {
    this.#numbered = numbered;
    this.#run = run;
  }

  attempt(number: number): this {
    this.#attempts = number;
    return this;
  }

  saw(request: ClientRequest, outcome: Answer | NoAnswer, witness: Witness | undefined): void {
    this.#milliseconds += outcome.milliseconds;
    this.#witness = witness;
    this.#exchange = {
      request: {
        head: [`${request.method} ${request.path}`, ...request.fields.map(([name, value]) => `${name}: ${value}`)].join(
          '\n',
        ),
        body: this.#cut(shownBody(request.body ?? Buffer.alloc(0))),
      },
      answer:
        outcome.kind === 'noAnswer'
          ? undefined
          : {
              status: outcome.status,
              fields: outcome.fields,
              body: this.#cut(this.#inSite(isText(outcome.body) ? bodyText(outcome) : shownBody(outcome.body))),
            },
    };
  }

  couldNotSee(keys: readonly OwnServerKey[]): void {
    this.#notChecked = keys;
  }

  /** A page of an error names files of the copy that is gone when it is read. */
  #inSite(body: string): string {
    return this.#run.server.inSite?.(body) ?? body;
  }

  #cut(body: string): string {
    const { shown } = this.#run;
    const limit = Math.min(MAX_SHOWN_BODY, Math.max(LEAST_SHOWN_BODY, shown.left));
    shown.left -= Math.min(body.length, limit);
    if (body.length <= limit) return body;
    // A part of a string would keep the whole in memory.
    return `${Buffer.from(body.slice(0, limit)).toString()}\n… cut: ${body.length} characters`;
  }

  skipped(reason: string): RunRequest {
    return this.#told({ ...this.#result('skipped', []), skipped: reason });
  }

  error(kind: Failure['kind'], summary: string): RunRequest {
    const failure = { kind, summary, detail: [], place: this.#numbered.placeOf(['request']) };
    return this.#told(this.#result('error', [failure]));
  }

  noAnswer({ reason, isGone }: NoAnswer): RunRequest {
    const { fault, stderr = '', mend = [] } = this.#witness ?? {};
    const failure: Failure = {
      kind: 'noAnswer',
      summary: fault === undefined ? reason : `${reason}: ${fault}`,
      detail: stderr === '' ? [] : ['stderr:', ...stderr.trimEnd().split('\n').slice(-20)],
      place: this.#numbered.placeOf(['request']),
      mend,
    };
    return { ...this.#told(this.#result('error', [failure])), isGone };
  }

  compared(answer: Answer, failures: readonly Failure[], isError: boolean): RunRequest {
    if (failures.length === 0) return this.#told(this.#result('passed', []), answer);
    return this.#told(this.#result(isError ? 'error' : 'failed', failures), answer);
  }

  #told(result: RequestResult, answer?: Answer): RunRequest {
    const { goldenRules, lookUp } = this.#run;
    const redactions = filledRedactions(goldenRules.redactions, lookUp);
    return { result, answer, redactions, isServersPage: this.#witness?.isServersPage === true, isGone: false };
  }

  #result(outcome: RequestResult['outcome'], failures: readonly Failure[]): RequestResult {
    const { request, placeOf, tags, script } = this.#numbered;
    const path = this.#exchange?.request.head.split('\n')[0]?.replace(/^\S+ /, '') ?? request.request.path;
    return {
      plan: this.#run.source,
      name: [request.name, this.#run.row].filter((part) => part !== undefined && part !== '').join(' '),
      method: request.request.method,
      url: path,
      place: placeOf(['request']),
      tags,
      script: this.#witness?.script ?? script,
      runner: this.#witness?.runner,
      outcome,
      skipped: undefined,
      failures,
      notChecked: this.#notChecked,
      milliseconds: this.#milliseconds,
      attempts: this.#attempts,
      stderr: this.#witness?.stderr ?? '',
      exchange: this.#exchange,
    };
  }
}

function shownBody(body: Buffer): string {
  if (!isText(body)) return `(${body.length} bytes that are no text)`;
  return body.toString();
}
