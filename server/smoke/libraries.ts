// Files that others load and nobody should call: old sites keep lib.pl beside the scripts that require it.
// The door to their text. A file counts as loaded if its name stands in a loading statement of another found file.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const MAX_BYTES = 512 * 1024;

const LOADING: readonly RegExp[] = [
  // Perl: require "lib.pl"; do './lib.pl'. PHP and Ruby: require_once("lib.php").
  /\b(?:require|require_once|include|include_once|require_relative|do|load)\b[\s(]*["']([^"'\n]+)["']/g,
  // sh: . ./lib.sh, source lib.sh
  /^[ \t]*(?:\.|source)[ \t]+["']?([^\s"';&|]+)/gm,
];
/** A #! line, behind a byte order mark too. */
const PYTHON_LINE = /^(?:\xef\xbb\xbf)?#!.*python/i;
const PYTHON_IMPORT = /^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))/gm;

/** File → a file that loads it. Files are absolute paths, bytes of their names as latin1. */
export function loadedFiles(files: readonly string[]): ReadonlyMap<string, string> {
  const byName = Map.groupBy(files, (file) => basename(file));
  const found = new Map<string, string>();
  for (const file of files) {
    for (const name of namesLoaded(file)) {
      const others = (byName.get(basename(name)) ?? []).filter((other) => other !== file);
      for (const loaded of meantBy(name, file, others)) if (!found.has(loaded)) found.set(loaded, file);
    }
  }
  return found;
}

/** Of files with this name the one where the loader says it is, or beside it; else any of them may be meant. */
function meantBy(name: string, loader: string, files: readonly string[]): readonly string[] {
  const folder = dirname(loader);
  const one = [join(folder, name), join(folder, basename(name))].find((file) => files.includes(file));
  return one === undefined ? files : [one];
}

/** As they are written. */
function namesLoaded(file: string): readonly string[] {
  const text = textOf(file);
  const names = LOADING.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  if (!/\.py$/i.test(file) && !PYTHON_LINE.test(text)) return names;
  const modules = [...text.matchAll(PYTHON_IMPORT)].flatMap(([, from, list = '']) => from ?? list.split(','));
  return [...names, ...modules.map((module) => `${module.trim().split(/[\s.]/)[0]}.py`)];
}

function textOf(file: string): string {
  try {
    const path = Buffer.from(file, 'latin1');
    return statSync(path).size > MAX_BYTES ? '' : readFileSync(path, 'latin1').replace(/^[ \t]*#(?!!).*$/gm, '');
  } catch {
    return '';
  }
}
