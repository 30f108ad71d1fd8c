// The Debian package of a module: what Debian's own file lists say (debian-modules.json), else what its naming rule gives.
// The rule alone is a guess, and is called one. `node tests/support/debian-modules.ts` makes the table anew.

import { isPerl4Library, perlPackage, pythonPackage, REMOVED_PYTHON_MODULES } from '../diagnosis/debian-packages.ts';
import table from './debian-modules.json' with { type: 'json' };

export interface DebianPackage {
  readonly name: string;
  /** The file lists name it; else the name is what Debian's rule would give. */
  readonly isCertain: boolean;
}

/** Absent for a module of Python that is known to be in no package. */
export function debianPackage(language: 'perl' | 'python', module: string): DebianPackage | undefined {
  const removed = language === 'python' ? REMOVED_PYTHON_MODULES[module] : undefined;
  if (removed !== undefined && removed.debianPackage === undefined && lookUp(language, module) === undefined)
    return undefined;
  if (language === 'perl' && isPerl4Library(module)) return { name: 'libperl4-corelibs-perl', isCertain: true };
  const listed = lookUp(language, module) ?? removed?.debianPackage;
  if (listed !== undefined) return { name: listed, isCertain: true };
  if (language === 'python') return { name: pythonPackage(module), isCertain: false };
  return { name: packageOfParent(module) ?? perlPackage(module), isCertain: false };
}

/** The top name of modules of many authors ("Net", "WWW"), and not of one program. */
export function isSharedName(top: string): boolean {
  const { byRule, others }: Lists = table.perl;
  return [byRule, ...Object.values(others)].some((text) => ` ${text}`.includes(` ${top}::`));
}

/** IO::Interface::Simple mostly comes with IO::Interface. */
function packageOfParent(module: string): string | undefined {
  const parent = module.split('::').slice(0, -1).join('::');
  return parent.includes('::') ? (lookUp('perl', parent) ?? packageOfParent(parent)) : undefined;
}

interface Lists {
  /** Modules whose package is named by the rule, separated by blanks. */
  readonly byRule: string;
  /** Package → its other modules, separated by blanks. */
  readonly others: Readonly<Record<string, string>>;
}

function lookUp(language: 'perl' | 'python', module: string): string | undefined {
  const lists: Lists = table[language];
  if (words(lists.byRule).includes(module)) return language === 'perl' ? ruleOfPerl(module) : ruleOfPython(module);
  return Object.entries(lists.others).find(([, modules]) => words(modules).includes(module))?.[0];
}

function words(text: string): readonly string[] {
  return text.split(' ');
}

/** Debian Perl Policy §4.2: Foo::Bar → libfoo-bar-perl. */
export function ruleOfPerl(module: string): string {
  return `lib${module.toLowerCase().replaceAll('::', '-').replaceAll('_', '-')}-perl`;
}

/** Debian Python Policy §4.3: foo_bar → python3-foo-bar. */
export function ruleOfPython(module: string): string {
  return `python3-${module.toLowerCase().replaceAll('_', '-')}`;
}
