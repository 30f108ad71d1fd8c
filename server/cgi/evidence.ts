// What is kept of a run for its failure page: the first bytes of both streams.
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from '../diagnosis/cause.ts';
import type { ScriptPlace } from '../site/resource.ts';
import type { Command } from './launcher.ts';
import type { RunObserver } from './run-observer.ts';

const MAX_STDERR_BYTES = 64 * 1024;
const MAX_OUTPUT_BYTES = 4 * 1024;

/** An observer that passes everything on, and can tell at the end what the evidence is. */
export function gatherEvidence(place: ScriptPlace, query: ByteString | undefined, observer: RunObserver) {
  const stderr = firstBytes(MAX_STDERR_BYTES);
  const output = firstBytes(MAX_OUTPUT_BYTES);
  let givenTo: readonly ByteString[] | undefined;
  return {
    observer: {
      found: (found) => observer.found(found),
      tolerated: (tolerance) => observer.tolerated(tolerance),
      started: (run) => {
        givenTo = programBefore(place.scriptFile, run.command);
        observer.started(run);
      },
      stdin: (chunk) => observer.stdin(chunk),
      unread: (chunk) => observer.unread(chunk),
      stdout: (chunk) => {
        output.take(chunk);
        observer.stdout(chunk);
      },
      stderr: (chunk) => {
        stderr.take(chunk);
        observer.stderr(chunk);
      },
      header: (fields) => observer.header(fields),
      failed: (cause) => observer.failed(cause),
      exited: (exit) => observer.exited(exit),
      remark: (text) => observer.remark(text),
    } satisfies RunObserver,
    evidence: (): Evidence => ({
      scriptFile: place.scriptFile,
      scriptName: place.scriptName,
      query,
      givenTo,
      stderr: stderr.text(),
      output: output.text(),
    }),
  };
}

/** The interpreter and its switches, where the server has put them before the script. */
export function programBefore(scriptFile: ByteString, { file, args }: Command): Evidence['givenTo'] {
  return file === scriptFile ? undefined : [file, ...args.slice(0, args.indexOf(scriptFile))];
}

function firstBytes(limit: number) {
  const chunks: Uint8Array[] = [];
  let left = limit;
  return {
    take(chunk: Uint8Array): void {
      if (left === 0) return;
      const part = Uint8Array.prototype.slice.call(chunk, 0, left);
      left -= part.length;
      chunks.push(part);
    },
    text: () => Buffer.concat(chunks).toString('latin1'),
  };
}
