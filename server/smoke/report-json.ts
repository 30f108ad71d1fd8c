// The report for programs. Its keys are stable: what is new is added.
// Pure.
import { placeText } from './report-text.ts';
import { countsOf, type SmokeResult } from './result.ts';

export function jsonReport({ results, notes, startedAt, milliseconds }: SmokeResult): string {
  const counts = countsOf(results);
  const report = {
    ok: counts.failed + counts.errors === 0,
    startedAt: new Date(startedAt).toISOString(),
    seconds: Math.round(milliseconds) / 1000,
    ...counts,
    notes,
    results: results.map((result) => ({
      outcome: result.outcome,
      name: result.name,
      method: result.method,
      url: result.url,
      place: placeText(result) ?? null,
      script: result.script ?? null,
      status: result.exchange?.answer?.status ?? null,
      seconds: Math.round(result.milliseconds) / 1000,
      attempts: result.attempts,
      skipped: result.skipped ?? null,
      notChecked: result.notChecked,
      tags: result.tags,
      failures: result.failures.map(({ kind, summary, detail, place, mend = [] }) => ({
        kind,
        summary,
        detail,
        line: place?.line ?? null,
        column: place?.column ?? null,
        mend,
      })),
      stderr: result.stderr,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
