// What doctor says: a cause, where it was seen, why it matters and the command that mends it.
// Pure. A check makes observations, one for each place; those of one cause become one finding.
import type { ByteString } from '../config/byte-string.ts';
import { shellQuote } from '../diagnosis/shell-quote.ts';

/** error: a visitor gets no answer, or a wrong one. warning: it runs here, or fails when it gets there. note: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

export interface Place {
  /** Absolute path. */
  readonly file: ByteString;
  /** Counts from 1; absent where the whole file is meant. */
  readonly line: number | undefined;
}

export interface Observation {
  /** Stable: baselines, annotations and the inspector name it. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, without the name of the file and without a final period. */
  readonly title: string;
  readonly why: string;
  readonly place: Place;
  /** Observations of one id and one key are one cause; the title unless said. */
  readonly key?: string;
  /** Commands and configuration lines; gets the files, relative to the site's root, as words of the shell and as paths. */
  readonly mend: (files: string, paths: readonly ByteString[]) => readonly string[];
  /** The Debian package that mends it, where that is no module's: for the one line that installs all. */
  readonly debianPackage?: string | undefined;
}

export interface Finding extends Pick<Observation, 'id' | 'severity' | 'title' | 'why' | 'debianPackage'> {
  readonly mend: readonly string[];
  /** Sorted by file and line. */
  readonly places: readonly Place[];
}

/** Joins observations of one cause; errors first, then by id and place. Commands are for a shell in `root`. */
export function findingsOf(observations: readonly Observation[], root: ByteString): readonly Finding[] {
  const groups = Map.groupBy(observations, ({ id, severity, title, key }) => `${id}\0${severity}\0${key ?? title}`);
  return [...groups.values()]
    .flatMap((group) => findingOf(group, root))
    .sort((a, b) => rank(a) - rank(b) || compare(a.id, b.id) || compareFirst(a, b));
}

function findingOf(group: readonly Observation[], root: ByteString): Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const distinct = new Map(group.map(({ place }) => [`${place.file}\0${place.line}`, place]));
  const places = [...distinct.values()].sort(comparePlaces);
  const files = [...new Set(places.map(({ file }) => file))];
  const words = files.map((file) => wordOf(file, root)).join(' ');
  const paths = files.map((file) => relativeTo(file, root));
  const { id, severity, title, why, debianPackage } = first;
  const mend = first.mend(words, paths);
  return [{ id, severity, title, why, mend, places, ...(debianPackage !== undefined && { debianPackage }) }];
}

/** A file as a word of the shell in the folder `root`; a name that begins with "-" must not be an option. */
export function wordOf(file: ByteString, root: ByteString): string {
  const name = relativeTo(file, root);
  return shellQuote(name.startsWith('-') ? `./${name}` : name);
}

/** The path below `root`; the whole path where it lies elsewhere, "." for the root itself. */
export function relativeTo(file: ByteString, root: ByteString): ByteString {
  if (file === root) return '.';
  const base = root.endsWith('/') ? root : `${root}/`;
  return file.startsWith(base) ? file.slice(base.length) : file;
}

function rank({ severity }: Finding): number {
  return SEVERITIES.indexOf(severity);
}

function compareFirst(a: Finding, b: Finding): number {
  const [first, second] = [a.places[0], b.places[0]];
  return first === undefined || second === undefined ? 0 : comparePlaces(first, second) || compare(a.title, b.title);
}

function comparePlaces(a: Place, b: Place): number {
  return compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
