// The source line that stderr names, in the words of each interpreter: perl "at FILE line N", python 'File "X", line N',
// dash "X: N: …", bash "X: line N: …", php "in X on line N", ruby "X:N:in", tclsh '(file "X" line N)'.
import { posix } from 'node:path';
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import { folderOf } from './shell-quote.ts';

/** A line of a source file. The path is absolute; the line counts from 1. */
export interface SourcePlace {
  readonly file: ByteString;
  readonly line: number;
}

const FORMS: readonly RegExp[] = [
  /\bat ([^\s"'<>(]+) line (\d+)\b/,
  /^ *File "([^"<>]+)", line (\d+)/,
  / in (\/.{1,400}?) on line (\d+)/,
  /^([^:]{1,400}): line (\d+): /,
  /^([^:]{1,400}): (\d+): /,
  /^(?:\tfrom )?([^:]{1,400}):(\d+):in /,
  /^([^:]{1,400}\.rb):(\d+): /,
  /\(file "([^"]+)" line (\d+)\)/,
];
const MOST_LINES = 400;
const LONGEST_LINE = 2000;
const CODE = /\.(?:cgi|pl|pm|ph|lib|al|py|sh|rb|php|inc|tcl)$/i;

/**
 * The place that most likely is to blame. A place in the script's own folder wins over one in a library; of a Python
 * traceback the last, since it lists the innermost call last, else the first.
 */
export function sourcePlace(evidence: Evidence): SourcePlace | undefined {
  const folder = folderOf(evidence.scriptFile);
  const places = placesIn(evidence, folder);
  const own = places.filter(({ file }) => file === evidence.scriptFile || file.startsWith(`${folder}/`));
  const likely = own.length > 0 ? own : places;
  return /^ *File "/m.test(evidence.stderr) ? likely.at(-1) : likely[0];
}

/**
 * Whether the text of that file may be shown. stderr can hold what a visitor typed: only the script itself, or a file
 * below the given folder that is named like source, so that no "at data/passwords line 1" is obeyed.
 */
export function mayShowSource(place: SourcePlace, evidence: Evidence, siteRoot: ByteString): boolean {
  if (place.file === evidence.scriptFile) return true;
  return place.file.startsWith(siteRoot.replace(/\/*$/, '/')) && CODE.test(place.file);
}

function placesIn({ stderr, scriptFile }: Evidence, folder: ByteString): readonly SourcePlace[] {
  return stderr
    .split('\n', MOST_LINES)
    .flatMap((line) => byName(line, scriptFile) ?? placeIn(line.slice(0, LONGEST_LINE), folder))
    .filter(({ file }) => !/^(?:-e|-c|-)$/.test(file.slice(file.lastIndexOf('/') + 1)));
}

// perl does not quote the name, so only one that is known can hold a space.
function byName(line: string, file: ByteString): readonly SourcePlace[] | undefined {
  const [, after] = line.split(` at ${file} line `, 2);
  const number = Number(/^\d+/.exec(after ?? '')?.[0]);
  return number > 0 ? [{ file, line: number }] : undefined;
}

function placeIn(line: string, folder: ByteString): readonly SourcePlace[] {
  for (const form of FORMS) {
    const [, file, number] = form.exec(line) ?? [];
    // Relative names are relative to the script's folder: it is the working directory of every script.
    if (file !== undefined && Number(number) > 0) return [{ file: posix.resolve(folder, file), line: Number(number) }];
  }
  return [];
}
