// Modules that are not installed, each with the package that brings it.
import { REMOVED_PYTHON_MODULES } from '../../diagnosis/debian-packages.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { type DebianPackage, debianPackage } from '../debian-package.ts';
import type { Observation } from '../finding.ts';
import type { MissingModule } from '../modules.ts';

export function moduleMissing({ language, module, isAtStart, places }: MissingModule): readonly Observation[] {
  const name = visibleLine(module, 120);
  const removed = language === 'python' ? REMOVED_PYTHON_MODULES[module] : undefined;
  const found = debianPackage(language, module);
  const brings = packageSentence(found);
  const when = isAtStart ? '' : ' The script ends when it gets there.';
  const spoken = language === 'perl' ? 'Perl' : 'Python';
  return places.map((place) => ({
    id: removed === undefined ? `${language}-module-missing` : 'python-module-removed',
    severity: isAtStart ? 'error' : 'warning',
    key: name,
    title: titleOf({ name, spoken, version: removed?.version }),
    why: `It is in none of the folders that ${language === 'perl' ? 'perl' : 'python3'} looks in.${when} ${brings}`,
    place,
    mend: () => (found === undefined ? [] : [installLine(found)]),
  }));
}

function titleOf({ name, spoken, version }: { name: string; spoken: string; version: string | undefined }): string {
  if (version !== undefined) return `The Python module ${name} left Python in version ${version}`;
  return `The ${spoken} ${name.endsWith('.pl') ? 'library' : 'module'} ${name} is not installed`;
}

function packageSentence(found: DebianPackage | undefined): string {
  if (found === undefined) return 'Debian has no package that brings it back.';
  if (found.isCertain) return `Debian's package ${found.name} brings it.`;
  return `Debian's file lists do not name it: perhaps it came with the site and was not copied, perhaps there is a package ${found.name}.`;
}

function installLine({ name, isCertain }: DebianPackage): string {
  return isCertain ? `apt-get install ${shellQuote(name)}` : `apt-cache policy ${shellQuote(name)}   # perhaps`;
}
