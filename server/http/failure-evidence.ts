// What the disk tells of a failure: the source lines that stderr names, the owner of a file that the script was refused.
// A door to the file system, for the failure page alone.
import { statSync } from 'node:fs';
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence, NamedFile } from '../diagnosis/cause.ts';
import { pageEncoding } from '../diagnosis/python-encoding.ts';
import { folderOf } from '../diagnosis/shell-quote.ts';
import { mayShowSource, sourcePlace } from '../diagnosis/source-place.ts';
import { absoluteName, refusedFile } from '../diagnosis/stderr-system.ts';
import { firstBytesOf, namesIn } from '../site/disk.ts';
import type { SourceExcerpt } from './failure-page.ts';

const LINES_AROUND = 4;
const MOST_BYTES = 1024 * 1024;

/** Undefined where stderr names no place, its text may not be shown, or it cannot be read. */
export function sourceExcerpt(evidence: Evidence, siteRoot: ByteString): SourceExcerpt | undefined {
  const place = sourcePlace(evidence);
  if (place === undefined || !mayShowSource(place, evidence, siteRoot)) return undefined;
  const lines = firstBytesOf(place.file, MOST_BYTES)?.replace(/\n$/, '').split('\n');
  if (lines === undefined || place.line > lines.length) return undefined;
  const first = Math.max(place.line - LINES_AROUND, 1);
  return {
    file: place.file,
    firstLine: first,
    lines: lines.slice(first - 1, place.line + LINES_AROUND),
    line: place.line,
  };
}

/** The evidence with what the system says of the script, and of a file that stderr complains about. */
export function withFileFacts(evidence: Evidence): Evidence {
  const name = refusedFile(evidence.stderr);
  const source = firstBytesOf(evidence.scriptFile, MOST_BYTES);
  return {
    ...evidence,
    source,
    ...(evidence.stderr.includes("Can't locate ") && { namesBeside: namesIn(folderOf(evidence.scriptFile)) }),
    isCompiled: source?.startsWith('\x7fELF') ?? false,
    ...(name !== undefined && { namedFile: ownerOf(absoluteName(name, evidence)) }),
    ...(isOfEncoding(evidence) && { sourceEncoding: pageEncoding(source ?? '') }),
  };
}

function isOfEncoding({ stderr }: Evidence): boolean {
  return /^SyntaxError: .{0,100}(?:UTF-8|encoding|codec)/m.test(stderr);
}

function ownerOf(file: ByteString): NamedFile | undefined {
  try {
    const { uid, gid, mode } = statSync(Buffer.from(file, 'latin1'));
    return { ownerId: uid, groupId: gid, mode, runsAs: process.getuid?.() ?? uid };
  } catch {
    return undefined;
  }
}
