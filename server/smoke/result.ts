// What smoke found out: the one value that every report is written from.
// Bytes of scripts are text here already, but not yet safe for a terminal, XML or HTML: each report sees to that.
import type { Stretch } from '../config/problem.ts';
import type { HeaderField } from './client.ts';

/** Where a key of what is expected stands; absent for scripts that were found. */
export type PlaceOf = (path: readonly PropertyKey[]) => Stretch | undefined;

/** Something that is not as expected. */
export interface Failure {
  /** What was looked at: stable, for machines. */
  readonly kind:
    | 'noAnswer'
    | 'notBegun'
    | 'status'
    | 'header'
    | 'body'
    | 'golden'
    | 'json'
    | 'html'
    | 'stderr'
    | 'mail'
    | 'time'
    | 'script'
    | 'capture'
    | 'difference';
  /** One line: "the status is 500, not 200". */
  readonly summary: string;
  /** Lines below it: a diff, the script's stderr. */
  readonly detail: readonly string[];
  /** Where the plan expects it; absent for scripts that were found. */
  readonly place?: Stretch | undefined;
  /** Commands that mend it. */
  readonly mend?: readonly string[];
}

/** One request and its answer, for the HTML and JSON reports. Bodies are cut. */
export interface ShownExchange {
  readonly request: { readonly head: string; readonly body: string };
  readonly answer:
    | { readonly status: number; readonly fields: readonly HeaderField[]; readonly body: string }
    | undefined;
}

export type OwnServerKey = 'stderr' | 'mail' | 'env';

export interface RequestResult {
  /** Display path of the plan; absent for scripts that were found. */
  readonly plan: string | undefined;
  /** In words; "" where it has no name. */
  readonly name: string;
  readonly method: string;
  /** Path and query, as text. */
  readonly url: string;
  /** Where the request stands in its plan. */
  readonly place: Stretch | undefined;
  readonly tags: readonly string[];
  /** Display path of the script that answered. */
  readonly script: string | undefined;
  /** How the script was started; absent where that is not known. */
  readonly runner: string | undefined;
  /** failed: not as expected. error: nothing to compare, for example no answer at all. */
  readonly outcome: 'passed' | 'failed' | 'error' | 'skipped';
  readonly skipped: string | undefined;
  /** Skipped because the run had ended before: interrupted, --fail-fast, the server gone. */
  readonly wasNotAsked?: boolean;
  readonly failures: readonly Failure[];
  /** Keys of the request that only a server of our own can fulfil, and this one was none (--base-url). */
  readonly notChecked: readonly OwnServerKey[];
  readonly milliseconds: number;
  readonly attempts: number;
  readonly stderr: string;
  readonly exchange: ShownExchange | undefined;
}

/** All of a run. */
export interface SmokeResult {
  readonly results: readonly RequestResult[];
  /** What is to be known besides: obsolete golden files, files that the scripts changed. */
  readonly notes: readonly string[];
  readonly startedAt: number;
  readonly milliseconds: number;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
  readonly skipped: number;
}

export function countsOf(results: readonly RequestResult[]): Counts {
  const count = (outcome: RequestResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), errors: count('error'), skipped: count('skipped') };
}
