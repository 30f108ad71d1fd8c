// Makes server/diagnosis/debian-modules.json from Debian's file lists: which package holds which module of Perl and Python.
// Run: apt-get install apt-file && apt-get update && node tests/support/debian-modules.ts [FILE…]   (on the release of the image)
// FILE: file lists ("PATH SECTION/PACKAGE,…") that are read in place of apt's, for example those of a release that has its own no
// more, without the packages that have gone since.
// Kept small: a module of Perl that comes with the package of the module above it is left out, and so is what perl itself brings.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleOfPerl, ruleOfPython } from '../../server/diagnosis/debian-lists.ts';

const TABLE = join(import.meta.dirname, '../../server/diagnosis/debian-modules.json');
// Tools for the makers of Debian's packages.
const NO_PERL_TOPS = new Set(['Debian', 'Dpkg', 'Debconf']);
// A folder of the site that was not copied, rather than a module of Debian.
const GENERIC = /^(?:tests?|examples?|docs?|setup|conftest|lib|conf|plugin|sql)$/;
/** Deeper modules are left out, but those that a package is named after. */
const MAX_PARTS = 3;
const PYTHON_SECTIONS = /^(?:python|web|net|database|mail|text|graphics|utils|math|misc|oldlibs|devel)$/;

const perl = new Map<string, readonly string[]>();
const python = new Map<string, string>();
for (const line of fileList()) {
  const [, path = '', packages = ''] = /^(\S+)\s+(\S+)$/.exec(line) ?? [];
  const names = packages.split(',').map((each) => each.split('/').at(-1) ?? '');
  const [first = ''] = packages.split(',');
  const section = first.split('/').at(-2) ?? '';
  const perlFile = /^usr\/(?:share\/perl5|lib\/[^/]+\/perl5\/[\d.]+)\/(.+)\.pm$/.exec(path)?.[1];
  if (perlFile !== undefined) addPerl(perlFile.replaceAll('/', '::'), names);
  const pythonFile = /^usr\/lib\/python3\/dist-packages\/([A-Za-z]\w*)(?:\/__init__\.py|\.py|\.cpython[^/]*\.so)$/.exec(
    path,
  )?.[1];
  if (pythonFile !== undefined && PYTHON_SECTIONS.test(section)) addPython(pythonFile, names[0] ?? '');
}
writeFileSync(
  TABLE,
  `${JSON.stringify({ perl: listsOf(withoutImplied(bestOf(perl)), ruleOfPerl), python: listsOf(python, ruleOfPython) }, null, 2)}\n`,
);

function fileList(): readonly string[] {
  const given = process.argv.slice(2);
  if (given.length > 0) return given.flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const options = { encoding: 'utf8', maxBuffer: 2 ** 31 } as const;
  // APT_OPTIONS: for the lists of another release than this machine's.
  const apt = (process.env.APT_OPTIONS ?? '').split(' ').filter((word) => word !== '');
  const files = spawnSync(
    'apt-get',
    [...apt, 'indextargets', '--format', '$(FILENAME)', 'Created-By: Contents-deb'],
    options,
  );
  return files.stdout.split('\n').flatMap((file) => {
    if (file === '') return [];
    const pattern = 'perl5/|python3/dist-packages/';
    const { stdout } = spawnSync(
      'sh',
      ['-c', '/usr/lib/apt/apt-helper cat-file "$1" | grep -E "$2"', 'sh', file, pattern],
      options,
    );
    return stdout.split('\n');
  });
}

/** The package that is named like the module wins, then the shortest name. */
function add(modules: Map<string, string>, module: string, { name, rule }: { name: string; rule: string }): void {
  const known = modules.get(module);
  if (known === rule) return;
  if (known === undefined || name === rule || name.length < known.length) modules.set(module, name);
}

function addPerl(module: string, names: readonly string[]): void {
  const parts = module.split('::');
  if (!parts.every((part) => /^[A-Za-z_]\w*$/.test(part)) || NO_PERL_TOPS.has(parts[0] ?? '')) return;
  const fit = parts.length <= MAX_PARTS ? names : names.filter((name) => name === ruleOfPerl(module));
  if (fit.length > 0) perl.set(module, [...(perl.get(module) ?? []), ...fit]);
}

function isLibrary(name: string): boolean {
  return /^lib.*-perl$/.test(name);
}

/** The package that is named like the module wins, then a library, then the shortest name. */
function bestOf(modules: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  return new Map(
    [...modules].map(([module, names]) => {
      const rank = (name: string): number =>
        (name === ruleOfPerl(module) ? 0 : 1000) + (isLibrary(name) ? 0 : 500) + name.length;
      const [best = ''] = [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
      return [module, best];
    }),
  );
}

/** debian-package.ts finds such a module by the one above it. */
function withoutImplied(modules: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const [module, name] of [...modules].sort(([a], [b]) => a.split('::').length - b.split('::').length)) {
    const above = aboveOf(module).find((each) => kept.has(each));
    if (above === undefined || kept.get(above) !== name || isShared(above, modules)) kept.set(module, name);
  }
  return kept;
}

/** "A::B", "A" of "A::B::C" */
function aboveOf(module: string): readonly string[] {
  const parts = module.split('::');
  return parts.slice(1).map((_part, index) => parts.slice(0, parts.length - 1 - index).join('::'));
}

/** A top name under which other packages have modules too says nothing of them. */
function isShared(above: string, modules: ReadonlyMap<string, string>): boolean {
  const own = modules.get(above);
  return (
    !above.includes('::') && [...modules].some(([module, name]) => module.startsWith(`${above}::`) && name !== own)
  );
}

function addPython(module: string, name: string): void {
  // The long names are those of frameworks and their plugins, which no CGI script imports.
  if (module.length > 12 || /^(?:django|flask|oslo|pytest|sphinx|xstatic|zope)/.test(module)) return;
  if (!/^python3-/.test(name) || GENERIC.test(module)) return;
  add(python, module, { name, rule: ruleOfPython(module) });
}

function listsOf(modules: ReadonlyMap<string, string>, ruleOf: (module: string) => string) {
  const sorted = [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
  const byRule = sorted.filter(([module, name]) => ruleOf(module) === name).map(([module]) => module);
  const rest = sorted.filter(([module, name]) => ruleOf(module) !== name);
  const others = [...Map.groupBy(rest, ([, name]) => name)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    byRule: byRule.join(' '),
    others: Object.fromEntries(others.map(([name, held]) => [name, held.map(([module]) => module).join(' ')])),
  };
}
