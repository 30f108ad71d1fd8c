// A run that could not begin, as a result: so that its reports are written, and say why.
// Pure. The message of a wrong plan holds all its problems; each becomes a result at its own place.
import type { Stretch } from '../config/problem.ts';
import type { CgiboxError } from '../errors.ts';
import type { RequestResult, SmokeResult } from '../smoke/result.ts';

export function unbegunRun({ code, message, hint }: CgiboxError, startedAt: number): SmokeResult {
  const problems = message.split(`\n\nerror ${code}: `);
  const results = problems.map((problem) => resultOf(problem, message.includes(hint) ? [] : [`hint: ${hint}`]));
  return { results, notes: [], startedAt, milliseconds: Date.now() - startedAt };
}

function resultOf(problem: string, hints: readonly string[]): RequestResult {
  const [summary = '', ...detail] = problem.split('\n');
  const place = placeIn(problem);
  return {
    plan: place?.source,
    name: 'the tests can begin',
    method: '',
    url: '',
    place: place?.stretch,
    tags: [],
    script: undefined,
    runner: undefined,
    outcome: 'error',
    skipped: undefined,
    failures: [{ kind: 'notBegun', summary, detail: [...detail.map((line) => line.replace(/^ {2}/, '')), ...hints] }],
    notChecked: [],
    milliseconds: 0,
    attempts: 0,
    stderr: '',
    exchange: undefined,
  };
}

function placeIn(problem: string): { readonly source: string; readonly stretch: Stretch } | undefined {
  const [, source, line, column] = /^ {2}--> (.+):(\d+):(\d+)$/m.exec(problem) ?? [];
  if (source === undefined) return undefined;
  return { source, stretch: { line: Number(line), column: Number(column), length: 1, text: '' } };
}
