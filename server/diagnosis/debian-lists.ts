// The Debian package of a module: what Debian's own file lists say (debian-modules.json), else, for Python, what its naming rule
// gives. `node tests/support/debian-modules.ts` makes the table anew.

import { createRequire } from 'node:module';
import { isPerl4Library, REMOVED_PYTHON_MODULES } from './debian-packages.ts';

export interface DebianPackage {
  readonly name: string;
  /** listed: the file lists name the module. above: they name a module above it. guess: the name is what the rule would give. */
  readonly source: 'listed' | 'above' | 'guess';
}

/** Absent for a module that is known to be in no package. */
export function debianPackage(language: 'perl' | 'python', module: string): DebianPackage | undefined {
  return language === 'perl' ? packageOfPerl(module) : packageOfPython(module);
}

function packageOfPerl(module: string): DebianPackage | undefined {
  if (isPerl4Library(module)) return { name: 'libperl4-corelibs-perl', source: 'listed' };
  const listed = lists().perl.get(module);
  if (listed !== undefined) return { name: listed, source: 'listed' };
  const above = packageAbove(module);
  return above === undefined ? undefined : { name: above, source: 'above' };
}

/** HTTP::Headers::Util comes with HTTP::Headers; the table leaves such a module out. */
function packageAbove(module: string): string | undefined {
  const parent = module.split('::').slice(0, -1).join('::');
  if (parent === '' || (!parent.includes('::') && isSharedName(parent))) return undefined;
  return lists().perl.get(parent) ?? packageAbove(parent);
}

function packageOfPython(module: string): DebianPackage | undefined {
  const removed = REMOVED_PYTHON_MODULES[module];
  if (removed === undefined) return pythonPackage(module);
  const listed = lists().python.get(module) ?? removed.debianPackage;
  return listed === undefined ? undefined : { name: listed, source: 'listed' };
}

/** What the lists have under another name, or without its parts, and the rule names otherwise. */
const BY_NO_RULE: ReadonlyMap<string, string> = new Map([
  ['Crypto', 'python3-pycryptodome'],
  ['distutils', 'python3-setuptools'],
  ['Image', 'python3-pil'],
  ['pytz', 'python3-tz'],
]);

/** Of a module that was never part of Python. */
export function pythonPackage(module: string): DebianPackage {
  const listed = lists().python.get(module);
  if (listed !== undefined) return { name: listed, source: 'listed' };
  const [top = module] = module.split('.');
  return { name: BY_NO_RULE.get(top) ?? ruleOfPython(top), source: 'guess' };
}

/** The top name of modules of several packages ("Net", "WWW"), and not of one. */
function isSharedName(top: string): boolean {
  const packages = new Set<string>();
  for (const [module, name] of lists().perl) {
    if (module === top || module.startsWith(`${top}::`)) packages.add(name);
    if (packages.size > 1) return true;
  }
  return false;
}

/** "BackupPC" of all its modules; "Mail::Board", since many others are called Mail:: too. */
export function familyName(module: string): string {
  const [top = '', second] = module.split('::');
  return second !== undefined && isSharedName(top) ? `${top}::${second}` : top;
}

interface Lists {
  /** Modules whose package is named by the rule, separated by blanks. */
  readonly byRule: string;
  /** Package → its other modules, separated by blanks. */
  readonly others: Readonly<Record<string, string>>;
}

function packagesIn({ byRule, others }: Lists, ruleOf: (module: string) => string): ReadonlyMap<string, string> {
  return new Map([
    ...byRule.split(' ').map((module) => [module, ruleOf(module)] as const),
    ...Object.entries(others).flatMap(([name, modules]) => modules.split(' ').map((module) => [module, name] as const)),
  ]);
}

/** Debian Perl Policy §4.2: Foo::Bar → libfoo-bar-perl. */
export function ruleOfPerl(module: string): string {
  return `lib${module.toLowerCase().replaceAll('::', '-').replaceAll('_', '-')}-perl`;
}

/** Debian Python Policy §4.3: foo_bar → python3-foo-bar. */
export function ruleOfPython(module: string): string {
  return `python3-${module.toLowerCase().replaceAll('_', '-')}`;
}

type Packages = Readonly<Record<'perl' | 'python', ReadonlyMap<string, string>>>;

let read: Packages | undefined;

/** Read when the first module is asked for: a server whose scripts miss none does without. */
function lists(): Packages {
  if (read === undefined) {
    const table: Record<'perl' | 'python', Lists> = createRequire(import.meta.url)('./debian-modules.json');
    read = { perl: packagesIn(table.perl, ruleOfPerl), python: packagesIn(table.python, ruleOfPython) };
  }
  return read;
}
