// Modules that are not installed. What one package brings, or one program brought, is one cause.

import { type DebianPackage, debianPackage, familyName } from '../../diagnosis/debian-lists.ts';
import { REMOVED_PYTHON_MODULES } from '../../diagnosis/debian-packages.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import type { Observation } from '../finding.ts';
import type { MissingModule } from '../modules.ts';

export function modulesMissing(missing: readonly MissingModule[]): readonly Observation[] {
  return [...Map.groupBy(missing, causeOf)].flatMap(([cause, members]) => observations(cause, members));
}

function causeOf({ language, module }: MissingModule): string {
  if (isRemoved(language, module)) return `${language} module ${module}`;
  const found = debianPackage(language, module);
  if (found !== undefined && found.source !== 'guess') return `${language} package ${found.name}`;
  if (REPLACED[module] !== undefined) return `${language} module ${module}`;
  return language === 'perl' ? `perl family ${familyName(module)}` : `${language} module ${module}`;
}

function isRemoved(language: string, module: string): boolean {
  return language === 'python' && REMOVED_PYTHON_MODULES[module] !== undefined;
}

/** Modules that Debian has dropped because perl itself brings others with the same functions. */
const REPLACED: Readonly<Record<string, string>> = { 'Digest::SHA1': 'Digest::SHA' };

const SPOKEN = { perl: 'Perl', python: 'Python' } as const;
const MAX_NAMED = 8;

function observations(cause: string, members: readonly MissingModule[]): readonly Observation[] {
  const [first] = members;
  if (first === undefined) return [];
  const { language, module } = first;
  const isAtStart = members.some((member) => member.isAtStart);
  const shared = {
    id: isRemoved(language, module) ? 'python-module-removed' : `${language}-module-missing`,
    severity: isAtStart ? ('error' as const) : ('warning' as const),
    key: cause,
    title: members.length === 1 ? titleOfOne(first) : titleOfMany(first),
    why: `${whereSought(members, isAtStart)} ${origin(members)}`,
    mend: (files: string) => mendOf(members, files),
  };
  return members.flatMap(({ places }) => places.map((place) => ({ ...shared, place })));
}

function titleOfOne({ language, module }: MissingModule): string {
  const name = visibleLine(module, 120);
  const removed = language === 'python' ? REMOVED_PYTHON_MODULES[module] : undefined;
  if (removed !== undefined) return `The Python module ${name} left Python in version ${removed.version}`;
  return `The ${SPOKEN[language]} ${name.endsWith('.pl') ? 'library' : 'module'} ${name} is not installed`;
}

/** Without a number: a baseline knows a finding by its title. */
function titleOfMany({ language, module }: MissingModule): string {
  const found = debianPackage(language, module);
  const source = found === undefined ? visibleLine(familyName(module), 80) : `Debian's package ${found.name}`;
  return `${SPOKEN[language]} modules of ${source} are not installed`;
}

function whereSought(members: readonly MissingModule[], isAtStart: boolean): string {
  const [first] = members;
  const program = first?.language === 'perl' ? 'perl' : 'python3';
  const when = isAtStart ? '' : ' The script ends when it gets there.';
  if (members.length === 1) return `It is in none of the folders that ${program} looks in.${when}`;
  const named = members.slice(0, MAX_NAMED).map(({ module }) => visibleLine(module, 80));
  const more = members.length > MAX_NAMED ? ', …' : '';
  return `They are in none of the folders that ${program} looks in: ${named.join(', ')}${more}.${when}`;
}

function origin(members: readonly MissingModule[]): string {
  const found = packagesOf(members);
  const [best] = found;
  const isOne = members.length === 1;
  const [it, was] = isOne ? ['it', 'it came with the site and was'] : ['them', 'they came with the site and were'];
  const replacement = REPLACED[members[0]?.module ?? ''];
  if (replacement !== undefined)
    return `Debian has it no more: ${replacement}, which comes with perl, has the same functions.`;
  if (best === undefined) {
    if (members.some(({ language, module }) => isRemoved(language, module)))
      return 'Debian has no package that brings it back.';
    const where = `${isOne ? 'lies' : 'lie'} in a folder that "use lib" has to name`;
    return `Debian's file lists name no package with ${it}: perhaps ${was} not copied, or ${where}.`;
  }
  if (best.source === 'guess')
    return `Debian's file lists do not name it: perhaps ${was} not copied, perhaps there is a package ${best.name}.`;
  const isListed = found.some(({ source }) => source === 'listed');
  return `Debian's package ${best.name} brings ${it}${isListed ? '' : ', most likely'}.`;
}

function packagesOf(members: readonly MissingModule[]): readonly DebianPackage[] {
  return members.flatMap(({ language, module }) => debianPackage(language, module) ?? []);
}

function mendOf(members: readonly MissingModule[], files: string): readonly string[] {
  const [first] = members;
  const replacement = REPLACED[first?.module ?? ''];
  if (first !== undefined && replacement !== undefined) return [`sed -i 's/${first.module}/${replacement}/g' ${files}`];
  const [best] = packagesOf(members);
  if (best !== undefined) {
    const name = shellQuote(best.name);
    return [best.source === 'guess' ? `apt-cache policy ${name}   # perhaps` : `apt-get install ${name}`];
  }
  if (first === undefined || first.language === 'python') return [];
  // In the site first: the copy may hold it in another place.
  const name = members.length === 1 ? first.module : familyName(first.module);
  const path = name.replaceAll('::', '/');
  return [`find . / -xdev -path ${shellQuote(members.length === 1 ? `*/${path}.pm` : `*/${path}*.pm`)} 2>/dev/null`];
}
