// An answer against what the plan expects of it → what is not so, each with its place in the plan.
// Pure. A request without expectations is held to those of every script: below 500, a lawful header, no error on stderr.
import { bodyText, headerValues } from './answer-text.ts';
import { bodyFailures } from './body-expectations.ts';
import type { Answer } from './client.ts';
import { type Mismatch, mismatches, quote } from './matching.ts';
import type { Expect, MailMatch } from './plan.ts';
import type { Failure, PlaceOf } from './result.ts';
import type { SeenMail, Witness } from './server-under-test.ts';
import { errorLine } from './stderr-error.ts';

/** An answer with all that is known of it. */
export interface Observed {
  readonly answer: Answer;
  /** Absent where the server is not ours: what needs it is not checked. */
  readonly witness: Witness | undefined;
}

const MAX_STDERR_LINES = 20;

/** What no script may do, whatever it is for. */
export function basicFailures({ answer, witness }: Observed): readonly Failure[] {
  const failures: Failure[] = [];
  const fault = witness?.fault;
  const stderr = lastLines(witness?.stderr ?? '');
  const mend = witness?.mend ?? [];
  if (fault !== undefined) failures.push({ kind: 'script', summary: fault, detail: stderr, mend });
  else if (answer.status >= 500)
    failures.push({ kind: 'status', summary: `the status is ${answer.status}`, detail: stderr, mend });
  const line = errorLine(witness?.stderr ?? '');
  if (failures.length === 0 && line !== undefined)
    failures.push({ kind: 'stderr', summary: `stderr looks like an error: ${quote(line)}`, detail: stderr, mend });
  return failures;
}

function lastLines(stderr: string): readonly string[] {
  const lines = stderr.trimEnd().split('\n');
  if (stderr.trimEnd() === '') return [];
  return ['stderr:', ...lines.slice(-MAX_STDERR_LINES).map((line) => `  ${line.slice(0, 400)}`)];
}

/** Everything of `expect` but golden files, which need the disk. */
export function expectationFailures(observed: Observed, expect: Expect, placeOf: PlaceOf): readonly Failure[] {
  const { answer, witness } = observed;
  const text = bodyText(answer);
  return [
    ...statusFailures(observed, expect, placeOf),
    ...headerFailures(answer, expect, placeOf),
    ...bodyFailures(text, expect.body, (path) => placeOf(['body', ...path])),
    ...(witness === undefined ? [] : witnessFailures(witness, expect, placeOf)),
    ...timeFailures(answer, expect, placeOf),
  ];
}

function statusFailures({ answer, witness }: Observed, { status }: Expect, placeOf: PlaceOf): readonly Failure[] {
  if (status === undefined) return [];
  const found = String(answer.status);
  if (status.some((wanted) => wanted === found || (wanted.endsWith('xx') && wanted[0] === found[0]))) return [];
  const why = witness?.fault === undefined ? '' : `: ${witness.fault}`;
  const summary = `the status is ${found}, not ${status.join(' or ')}${why}`;
  const detail = answer.status >= 500 ? lastLines(witness?.stderr ?? '') : [];
  return [{ kind: 'status', summary, detail, place: placeOf(['status']), mend: witness?.mend ?? [] }];
}

function headerFailures(answer: Answer, { header = {} }: Expect, placeOf: PlaceOf): readonly Failure[] {
  return Object.entries(header).flatMap(([name, { absent, ...match }]): readonly Failure[] => {
    const values = headerValues(answer.fields, name);
    const place = placeOf(['header', name]);
    const failure = (summary: string): readonly Failure[] => [{ kind: 'header', summary, detail: [], place }];
    if (absent === true)
      return values.length === 0 ? [] : failure(`there is a field ${name}: ${quote(values.join(', '))}`);
    if (values.length === 0) return failure(`the answer has no field ${name}`);
    // A repeated field (Set-Cookie) is as expected if one of them is.
    const complaints = values.map((value) => mismatches(value, match, `the field ${name}`));
    return complaints.some((found) => found.length === 0)
      ? []
      : failuresOf(complaints[0] ?? [], 'header', (key) => placeOf(['header', name, ...key]));
  });
}

function witnessFailures(witness: Witness, expect: Expect, placeOf: PlaceOf): readonly Failure[] {
  const { stderr, mail } = expect;
  const said = witness.stderr.trimEnd();
  const ofStderr = stderr === undefined ? [] : mismatches(said, stderr, 'stderr');
  return [
    ...failuresOf(ofStderr, 'stderr', (key) => placeOf(['stderr', ...key])),
    ...(mail === undefined ? [] : mailFailures(witness.mails, mail, (path) => placeOf(['mail', ...path]))),
  ];
}

function mailFailures(sent: readonly SeenMail[], expected: readonly MailMatch[], placeOf: PlaceOf): readonly Failure[] {
  const detail = sent.map(({ from, to, subject }) => `sent: from ${from} to ${to}, subject ${quote(subject)}`);
  const numbers = `${sent.length} ${sent.length === 1 ? 'mail was' : 'mails were'} sent, not ${expected.length}`;
  if (sent.length !== expected.length) return [{ kind: 'mail', summary: numbers, detail, place: placeOf([]) }];
  const left = [...sent];
  return expected.flatMap((match, index): readonly Failure[] => {
    const at = left.findIndex((mail) => mailComplaints(mail, match).length === 0);
    if (at !== -1) {
      left.splice(at, 1);
      return [];
    }
    const [nearest] = left;
    const why = nearest === undefined ? [] : mailComplaints(nearest, match).map(({ summary }) => summary);
    return [{ kind: 'mail', summary: `no mail is as expected: ${why.join('; ')}`, detail, place: placeOf([index]) }];
  });
}

function mailComplaints(mail: SeenMail, match: MailMatch): readonly Mismatch[] {
  return (['from', 'to', 'subject', 'text'] as const).flatMap((part) => {
    const wanted = match[part];
    return wanted === undefined ? [] : mismatches(mail[part], wanted, `its ${part}`);
  });
}

function timeFailures({ milliseconds }: Answer, { time }: Expect, placeOf: PlaceOf): readonly Failure[] {
  if (time === undefined || milliseconds <= time) return [];
  const summary = `the answer took ${Math.round(milliseconds)} ms, more than ${time} ms`;
  return [{ kind: 'time', summary, detail: [], place: placeOf(['time']) }];
}

/** Complaints as failures, each at the key that it is about. */
function failuresOf(complaints: readonly Mismatch[], kind: Failure['kind'], placeOf: PlaceOf): readonly Failure[] {
  return complaints.map(({ key, summary, detail }) => ({ kind, summary, detail, place: placeOf(key) }));
}
