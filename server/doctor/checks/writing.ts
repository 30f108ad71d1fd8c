// Can scripts write the files they open for writing? (open(2); guest books, counters)
import { accessSync, constants } from 'node:fs';
import { posix } from 'node:path';
import type { ByteString } from '../../config/byte-string.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { entryAt } from '../../site/disk.ts';
import type { CodeLine } from '../code-lines.ts';
import { type Observation, relativeTo, wordOf } from '../finding.ts';
import type { Language, Source } from '../source.ts';
import type { Survey } from '../survey.ts';

interface Written {
  readonly path: ByteString;
  readonly line: number;
}

const OPENED: Readonly<Record<Language, readonly RegExp[]>> = {
  perl: [
    /\bopen\s*\(?[^"']{1,60}["']\s*\+?>>?\s*([^"'\n]{1,200})["']/g,
    /\bopen\s*\(?[^"']{1,60}["']\+?>>?[^"',]{0,40}["']\s*,\s*["']?([^"'),;\s]{1,200})/g,
  ],
  python: [/\bopen\s*\(\s*[rRuU]?["']([^"'\n]{1,200})["']\s*,\s*["'][wax]/g],
  shell: [/(?<![&\d<>])>>?\s*["']?((?:\.{0,2}\/)?[\w.-]+(?:\/[\w.-]+)*)["']?/g],
  other: [],
};
const MOVES: Readonly<Partial<Record<Language, RegExp>>> = {
  perl: /\bchdir\b/,
  python: /\bchdir\b/,
  shell: /(?:^|[;&|({]|\b(?:then|do|else))\s*(?:cd|pushd)\b/,
};
const ASSIGNMENT = /^\s*(?:my|our|local)?\s*\(?\$(\w+)\s*=\s*["']([^"'$@\n]{1,300})["']\s*;/;

export function checkWriting(source: Source, { root }: Survey): readonly Observation[] {
  if (source.script === undefined) return [];
  // Where a script goes to another folder, a name without one says nothing.
  const isMoving = source.code.some(({ bare }) => MOVES[source.language]?.test(bare) === true);
  const texts = new Map(source.code.flatMap(({ code }) => assignment(code)));
  return source.code
    .flatMap((line) => writtenIn(line, source.language))
    .map(({ path, line }) => ({ path: resolved(path, texts), line }))
    .filter(({ path }) => !isMoving || path?.startsWith('/') === true)
    .flatMap(({ path, line }) => problemOf(path, { source, line, root }));
}

function assignment(code: string): (readonly [string, string])[] {
  const [, name, value] = ASSIGNMENT.exec(code) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

function writtenIn({ code, number }: CodeLine, language: Language): readonly Written[] {
  const text = language === 'shell' ? withoutComparisons(code) : code;
  return OPENED[language].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, path = '']) => ({ path: path.trim(), line: number })),
  );
}

/** ">" writes into no file within a string, [[ … ]] and (( … )). */
function withoutComparisons(code: string): string {
  return code
    .replace(/\[\[.*?\]\]|\(\(.*?\)\)/g, '')
    .replace(/(>\s*)?("(?:[^"\\]|\\.)*"|'[^']*')/g, (found, redirection?: string) =>
      redirection === undefined ? '""' : found,
    );
}

/** Scalars that are set once by name; what stays unknown is left out. */
function resolved(path: ByteString, texts: ReadonlyMap<string, string>): ByteString | undefined {
  const whole = path.replace(/\$\{?(\w+)\}?/g, (found, name: string) => texts.get(name) ?? found);
  return /[$@%*?[\]{}()<>|&`]/.test(whole) || whole === '' ? undefined : whole;
}

interface Seen {
  readonly source: Source;
  readonly line: number;
  readonly root: ByteString;
}

function problemOf(path: ByteString | undefined, { source, line, root }: Seen): readonly Observation[] {
  if (path === undefined) return [];
  const file = posix.resolve(source.folder, path);
  const folder = posix.dirname(file);
  const place = { file: source.file, line };
  const kind = entryAt(file).kind;
  // Whole paths that lead nowhere are the business of absolute-paths.ts.
  if (entryAt(folder).kind === 'absent') return path.startsWith('/') ? [] : [folderMissing(folder, place, root)];
  if (kind === 'other' || kind === 'folder' || file.startsWith('/dev/') || file.startsWith('/proc/')) return [];
  const target = kind === 'file' ? file : folder;
  return mayWrite(target) ? [] : [notWritable(target, place, root)];
}

function mayWrite(path: ByteString): boolean {
  try {
    accessSync(Buffer.from(path, 'latin1'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function folderMissing(folder: ByteString, place: Observation['place'], root: ByteString): Observation {
  const word = wordOf(folder, root);
  return {
    id: 'data-folder-missing',
    severity: 'warning',
    title: `The folder ${visibleLine(relativeTo(folder, root), 200)} is not there`,
    why: 'A script opens a file in it for writing. An empty folder is easily lost in a copy or a checkout.',
    place,
    mend: () => [`mkdir -p ${word}`],
  };
}

function notWritable(path: ByteString, place: Observation['place'], root: ByteString): Observation {
  const word = wordOf(path, root);
  return {
    id: 'not-writable',
    severity: 'warning',
    title: `${visibleLine(relativeTo(path, root), 200)} cannot be written by this user`,
    why: 'A script opens it, or a new file in it, for writing. Scripts run as the user that serves, with the rights of that user.',
    place,
    mend: () => [`chmod u+w ${word}`, `sudo chown "$(id -u)" ${word}   # if it belongs to another`],
  };
}
