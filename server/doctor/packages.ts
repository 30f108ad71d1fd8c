// One list of what has to be installed: missing modules and interpreters, their Debian packages, and the lines that install them all.
// Pure. Only packages that Debian's file lists name go into the lines: one that does not exist would spoil the whole line.
import type { ByteString } from '../config/byte-string.ts';
import { type DebianPackage, debianPackage } from '../diagnosis/debian-lists.ts';
import type { Examination } from './examine.ts';

export interface Dependency {
  readonly language: 'perl' | 'python';
  readonly module: ByteString;
  /** Absent where Debian has none. */
  readonly debianPackage: DebianPackage | undefined;
}

export interface Dependencies {
  readonly modules: readonly Dependency[];
  /** Packages of interpreters alone. */
  readonly ofInterpreters: readonly string[];
  /** Packages for EXTRA_PACKAGES and apt-get, sorted, each once. */
  readonly packages: readonly string[];
}

export function dependencies({ missing, findings }: Pick<Examination, 'missing' | 'findings'>): Dependencies {
  const modules = missing
    .map(({ language, module }) => ({ language, module, debianPackage: debianPackage(language, module) }))
    .sort((a, b) => (`${a.language} ${a.module}` < `${b.language} ${b.module}` ? -1 : 1));
  const certain = modules.flatMap((each) =>
    each.debianPackage !== undefined && each.debianPackage.source !== 'guess' ? each.debianPackage.name : [],
  );
  const ofInterpreters = [...new Set(findings.flatMap((finding) => finding.debianPackage ?? []))].sort();
  return { modules, ofInterpreters, packages: [...new Set([...certain, ...ofInterpreters])].sort() };
}
