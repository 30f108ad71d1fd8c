// Two requests side by side: only what differs in request, environment, answer and output. Pure.
import { diffLines } from 'diff';
import type { Config } from '../config/schema.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import { type Detail, detailOf } from './detail.ts';
import type { ShownField, ShownRun } from './shown-run.ts';
import { type Summary, summaryOf } from './summary.ts';

export interface ChangedValue {
  readonly name: string;
  /** null where it is absent. */
  readonly a: string | null;
  readonly b: string | null;
}

/** Lines that only one has, or both. */
export interface DiffPart {
  readonly kind: 'same' | 'onlyA' | 'onlyB';
  readonly text: string;
}

export interface TextDiff {
  readonly isSame: boolean;
  /** null where both are too different to tell in reasonable time. */
  readonly parts: readonly DiffPart[] | null;
}

export interface Comparison {
  readonly a: Summary;
  readonly b: Summary;
  readonly facts: readonly ChangedValue[];
  readonly fields: readonly ChangedValue[];
  readonly environment: readonly ChangedValue[];
  readonly requestBody: TextDiff;
  readonly header: TextDiff;
  readonly output: TextDiff;
  readonly stderr: TextDiff;
}

export function compareEntries(a: HistoryEntry, b: HistoryEntry, config: Config): Comparison {
  const [left, right] = [a, b].map((entry) => detailOf(entry, { config, isRevealed: false })) as [Detail, Detail];
  const [runA, runB] = [left.runs.at(-1), right.runs.at(-1)];
  return {
    a: summaryOf(a),
    b: summaryOf(b),
    facts: changedValues(factsOf(left, runA), factsOf(right, runB)),
    fields: changedValues(left.request.fields, right.request.fields),
    environment: changedValues(runA?.environment ?? [], runB?.environment ?? []),
    requestBody: textDiff(left.request.body.text, right.request.body.text),
    header: textDiff(runA?.stdout.header ?? '', runB?.stdout.header ?? ''),
    output: textDiff(runA?.stdout.body ?? '', runB?.stdout.body ?? ''),
    stderr: textDiff(stderrOf(runA), stderrOf(runB)),
  };
}

type Named = Pick<ShownField, 'name' | 'value'>;

function factsOf(detail: Detail, run: ShownRun | undefined): readonly Named[] {
  const facts = {
    method: detail.method,
    URL: detail.url,
    status: detail.status,
    'what went wrong': detail.diagnosis,
    exit: run?.exit,
    command: run?.command == null ? null : [run.command.file, ...run.command.args].join(' '),
    runner: run?.runner,
    duration: detail.durationMs === null ? null : `${detail.durationMs} ms`,
  };
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => ({ name, value: String(value) }));
}

/** Names in the order of the first, then those that only the second has. Repeated ones are compared together. */
function changedValues(a: readonly Named[], b: readonly Named[]): readonly ChangedValue[] {
  const [left, right] = [joined(a), joined(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((name) => ({ name, a: left.get(name) ?? null, b: right.get(name) ?? null }))
    .filter((value) => value.a !== value.b);
}

function joined(all: readonly Named[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of all) {
    const former = values.get(name);
    values.set(name, former === undefined ? value : `${former}\n${value}`);
  }
  return values;
}

// The inspector shares its process with the site: a diff must not hold it up.
const MOST_TEXT = 128 * 1024;
const LONGEST_DIFF = { maxEditLength: 2000, timeout: 150 };

function textDiff(a: string, b: string): TextDiff {
  if (a === b) return { isSame: true, parts: [] };
  const found = diffLines(a.slice(0, MOST_TEXT), b.slice(0, MOST_TEXT), LONGEST_DIFF);
  if (found === undefined) return { isSame: false, parts: null };
  return {
    isSame: false,
    parts: found.map(({ value, added, removed }) => ({ kind: kindOf(added, removed), text: value })),
  };
}

function kindOf(isAdded: boolean, isRemoved: boolean): DiffPart['kind'] {
  if (isAdded) return 'onlyB';
  return isRemoved ? 'onlyA' : 'same';
}

function stderrOf(run: ShownRun | undefined): string {
  return run?.stderr.lines.map(({ text }) => `${text}\n`).join('') ?? '';
}
