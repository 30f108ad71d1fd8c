// Tells a failure page whether the files behind it have changed: the script's, and the one that stderr names. A door to fs.
import { statSync } from 'node:fs';
import type { ByteString } from '../config/byte-string.ts';
import { sourcePlace } from '../diagnosis/source-place.ts';
import type { HistoryEntry } from '../exchange/history.ts';

const MOST_STDERR_BYTES = 64 * 1024;

/** A text that is another one when content, mode or owner of a file have changed, or it has come or gone. */
export function fileVersion({ exchange, recording }: HistoryEntry): string {
  const { scriptFile = '', scriptName = '' } = exchange;
  const run = recording.runs.at(-1);
  const stderr = run?.stderr.bytes(MOST_STDERR_BYTES).toString('latin1') ?? '';
  const named = sourcePlace({ scriptFile, scriptName, stderr, output: '' })?.file;
  return [scriptFile, ...(named === undefined || named === scriptFile ? [] : [named])].map(versionOf).join(' ');
}

function versionOf(file: ByteString): string {
  try {
    const { ctimeMs, size, ino } = statSync(Buffer.from(file, 'latin1'));
    return `${ino}-${ctimeMs}-${size}`;
  } catch {
    return 'absent';
  }
}
