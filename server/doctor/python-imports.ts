// What Python text imports (Python reference, section 7.11). Pure.
import type { ByteString } from '../config/byte-string.ts';
import { mayImportFail } from './python-guards.ts';
import type { Source } from './source.ts';

export interface PythonImport {
  /** "os.path"; never relative. */
  readonly module: ByteString;
  /** What "from" takes of it, as far as it stands on the same line. */
  readonly names: readonly ByteString[];
  readonly line: number;
  /** At the left margin: it is carried out whenever the script runs. */
  readonly isAtStart: boolean;
}

/** Imports in order. What stands in a try is left out: the script itself expects that it may be missing. */
export function pythonImports({ code }: Pick<Source, 'code'>): readonly PythonImport[] {
  return code.flatMap((line, index) => {
    // The rest of a line before it: from a \ import b
    if (code[index - 1]?.bare.trimEnd().endsWith('\\')) return [];
    const rest = line.bare.trimEnd().endsWith('\\') ? (code[index + 1]?.bare ?? '') : '';
    const text = line.bare.replace(/\\\s*$/, '') + rest;
    const modules = modulesOf(text);
    const names = namesOf(text);
    if (modules.length === 0 || mayImportFail(code, index)) return [];
    return modules.map((module) => ({ module, names, line: line.number, isAtStart: !/^\s/.test(line.bare) }));
  });
}

function modulesOf(line: string): readonly string[] {
  const [, from] = /^\s*from\s+([A-Za-z_][\w.]*)\s+import\b/.exec(line) ?? [];
  if (from !== undefined) return from === '__future__' ? [] : [from];
  const [, list] = /^\s*import\s+([\w.,\s]{1,500})/.exec(line) ?? [];
  return (list ?? '').split(',').flatMap((part) => /^\s*([A-Za-z_][\w.]*)/.exec(part)?.[1] ?? []);
}

function namesOf(line: string): readonly string[] {
  const [, list] = /^\s*from\s[^#]*?\simport\b[\s(]*([\w,\s]{1,500})/.exec(line) ?? [];
  return (list ?? '').split(',').flatMap((part) => /^\s*([A-Za-z_]\w*)/.exec(part)?.[1] ?? []);
}

/** Folders that the text puts into sys.path by name. */
export function pythonLibraryFolders({ code }: Pick<Source, 'code'>): readonly ByteString[] {
  return code.flatMap(({ code: line }) =>
    /\bsys\.path\b/.test(line) ? [...line.matchAll(/["']([^"'\n]{1,300})["']/g)].map(([, folder = '']) => folder) : [],
  );
}
