// Tells libraries from scripts: old sites keep both in cgi-bin, often under one extension.
// Pure.
import { posix } from 'node:path';
import type { ByteString } from '../config/byte-string.ts';
import { allPerlLoads } from './perl-loads.ts';
import { pythonImports } from './python-imports.ts';
import type { Source } from './source.ts';

/** File names, without folders, that some source loads: "lib.pl", "Basket.pm", "tools.py". */
export function loadedNames(sources: readonly Source[]): ReadonlySet<ByteString> {
  return new Set(sources.flatMap(namesLoadedBy));
}

function namesLoadedBy(source: Source): readonly ByteString[] {
  if (source.language === 'perl') return allPerlLoads(source).map(({ path }) => posix.basename(path));
  if (source.language !== 'python') return [];
  return pythonImports(source).map(({ module }) => `${module.split('.')[0]}.py`);
}

export function isLibraryName(file: ByteString, loaded: ReadonlySet<ByteString>): boolean {
  const name = posix.basename(file);
  return /\.(pm|ph|al|lib)$/i.test(name) || name === '__init__.py' || loaded.has(name);
}

/** A library of Perl gives a true value at its end (perldoc -f require). */
export function isLibraryText({ language, code }: Source): boolean {
  return language === 'perl' && /(?:^|[;}])\s*(?:return\s+)?1\s*;?\s*$/.test(code.at(-1)?.bare ?? '');
}
