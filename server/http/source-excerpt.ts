// The source lines around the place that a script's stderr names, for the failure page: a door to the file system.
import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from '../diagnosis/cause.ts';
import { mayShowSource, sourcePlace } from '../diagnosis/source-place.ts';
import type { SourceExcerpt } from './failure-page.ts';

const LINES_AROUND = 4;
const MOST_BYTES = 1024 * 1024;

/** Undefined where stderr names no place, its text may not be shown, or it cannot be read. */
export function sourceExcerpt(evidence: Evidence, siteRoot: ByteString): SourceExcerpt | undefined {
  const place = sourcePlace(evidence);
  if (place === undefined || !mayShowSource(place, evidence, siteRoot)) return undefined;
  const lines = firstBytes(place.file)?.split('\n');
  if (lines === undefined || place.line > lines.length) return undefined;
  const first = Math.max(place.line - LINES_AROUND, 1);
  return {
    file: place.file,
    firstLine: first,
    lines: lines.slice(first - 1, place.line + LINES_AROUND),
    line: place.line,
  };
}

function firstBytes(file: ByteString): ByteString | undefined {
  try {
    const descriptor = openSync(Buffer.from(file, 'latin1'), 'r');
    try {
      const buffer = Buffer.alloc(MOST_BYTES);
      return buffer.toString('latin1', 0, readSync(descriptor, buffer));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
