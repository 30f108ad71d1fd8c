// A recorded plan is rehearsed until it passes: first with every capture that might be one, then with those that proved so.
// Promises: what comes out passed as it is, or expects less of the requests that did not.
import { carriedValues } from './carried-values.ts';
import { type RecordedPlan, type Rehearsed, recordedPlan } from './recorded-plan.ts';
import type { Recorded } from './recorder.ts';

/** How one rehearsal went, by request. */
export interface RehearsalOutcome {
  readonly answers: Rehearsed;
  readonly hasPassed: readonly boolean[];
}

export interface Rehearsing {
  /** Of the plan's file, without its extension. */
  readonly name: string;
  readonly now: Date;
  /** Everything in the plan's own text: no golden files. */
  readonly isInline?: boolean;
  /** Runs a plan where it changes nothing that matters. */
  readonly rehearse: (plan: RecordedPlan) => Promise<RehearsalOutcome>;
}

const MOST_REHEARSALS = 4;

/** Rejects with what `rehearse` rejects with. */
export async function rehearsedPlan(recorded: readonly Recorded[], rehearsing: Rehearsing): Promise<RecordedPlan> {
  const { name, now, isInline = false, rehearse } = rehearsing;
  const again: Rehearsed[] = [];
  const carried = carriedValues(recorded);
  let plan = recordedPlan(recorded, { again, now, isInline, carried, isFirst: true }, name);
  for (let round = 1; ; round += 1) {
    const { answers, hasPassed } = await rehearse(plan);
    again.push(answers);
    const failing = recorded.flatMap((_, index) => (hasPassed[index] === true ? [] : [index]));
    if (round > 1 && failing.length === 0) return plan;
    const doubtful = round < MOST_REHEARSALS ? [] : failing;
    plan = recordedPlan(recorded, { again, now, isInline, carried, doubtful: new Set(doubtful) }, name);
    if (round === MOST_REHEARSALS) return plan;
  }
}
