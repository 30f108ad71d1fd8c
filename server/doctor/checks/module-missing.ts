// Modules that are not installed, each with the package that brings it.
import { REMOVED_PYTHON_MODULES } from '../../diagnosis/debian-packages.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { type DebianPackage, debianPackage, isSharedName } from '../debian-package.ts';
import type { Observation } from '../finding.ts';
import type { MissingModule } from '../modules.ts';

/** Modules of one family that Debian's lists do not name are one cause: a library of the old server that is not here. */
export function modulesMissing(missing: readonly MissingModule[]): readonly Observation[] {
  const families = Map.groupBy(missing, familyOf);
  return [...families].flatMap(([family, members]) =>
    family.startsWith('family ') && members.length > 1 ? familyMissing(members) : members.flatMap(moduleMissing),
  );
}

function familyOf({ language, module }: MissingModule): string {
  const isGuess = language === 'perl' && debianPackage(language, module)?.isCertain === false;
  return isGuess ? `family ${familyName(module)}` : `${language} ${module}`;
}

/** "BackupPC" of all its modules; "Mail::SpamAssassin", since many others are called Mail:: too. */
function familyName(module: string): string {
  const [top = '', second] = module.split('::');
  return second !== undefined && isSharedName(top) ? `${top}::${second}` : top;
}

const MAX_NAMED = 8;

function familyMissing(members: readonly MissingModule[]): readonly Observation[] {
  const family = visibleLine(familyName(members[0]?.module ?? ''), 80);
  const path = family.replaceAll('::', '/');
  const named = members.slice(0, MAX_NAMED).map(({ module }) => visibleLine(module, 80));
  const more = members.length > MAX_NAMED ? ', …' : '';
  return members.flatMap(({ isAtStart, places }) =>
    places.map((place) => ({
      id: 'perl-module-missing',
      severity: isAtStart ? 'error' : 'warning',
      title: `${members.length} Perl modules of ${family} are not installed`,
      why: `They are in none of the folders that perl looks in: ${named.join(', ')}${more}. Debian's file lists do not name them: perhaps they came with the site and were not copied, or lie in a folder that "use lib" has to name.`,
      place,
      mend: () => [
        `find / -path ${shellQuote(`*/${path}/*.pm`)} 2>/dev/null`,
        `apt-file search ${shellQuote(`/${path}/`)}`,
      ],
    })),
  );
}

function moduleMissing({ language, module, isAtStart, places }: MissingModule): readonly Observation[] {
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
