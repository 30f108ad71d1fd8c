// What the record of a run tells of its failure, for those who explain it later: the inspector, smoke.
import { programBefore } from '../cgi/evidence.ts';
import type { Evidence } from '../diagnosis/cause.ts';
import type { RecordedRun } from './recording.ts';

const MOST_OUTPUT_BYTES = 4 * 1024;

/** `mostStderrBytes`: absent, all that was kept. */
export function evidenceOfRun(run: RecordedRun, mostStderrBytes?: number): Evidence {
  const { scriptFile, scriptName, command, stderr, stdout } = run;
  return {
    scriptFile,
    scriptName,
    query: command?.environment.QUERY_STRING,
    givenTo: command && programBefore(scriptFile, command),
    stderr: stderr.bytes(mostStderrBytes).toString('latin1'),
    output: stdout.bytes(MOST_OUTPUT_BYTES).toString('latin1'),
  };
}
