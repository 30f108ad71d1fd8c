// Which modules of Perl and Python the site uses and this machine lacks, with the Debian packages that bring them.
// What stands beside a script, or in a folder that it names, is the site's own.
import { posix } from 'node:path';
import type { ByteString } from '../config/byte-string.ts';
import { isPerl4Library, RENAMED_PYTHON_MODULES } from '../diagnosis/debian-packages.ts';
import { entryAt } from '../site/disk.ts';
import { interpreterOf } from './compile-environment.ts';
import type { Place } from './finding.ts';
import { missingFromPerl, missingFromPython } from './module-search.ts';
import { perlLibraryFolders, perlLoads } from './perl-loads.ts';
import { pythonImports, pythonLibraryFolders } from './python-imports.ts';
import { type Language, programOf, type Source } from './source.ts';
import type { Survey } from './survey.ts';
import type { Verdict } from './verdict.ts';

export interface ModulePlace extends Place {
  /** Loaded when the file is compiled, so that a file that compiles has found it. */
  readonly isCompiled: boolean;
}

export interface MissingModule {
  readonly language: 'perl' | 'python';
  /** "CGI::Session", "ctime.pl", "MySQLdb" */
  readonly module: ByteString;
  /** It is loaded whenever the script runs; else when the script gets there. */
  readonly isAtStart: boolean;
  readonly places: readonly ModulePlace[];
}

interface Use {
  readonly module: ByteString;
  /** What the interpreter is asked for. */
  readonly name: ByteString;
  readonly isAtStart: boolean;
  readonly place: ModulePlace;
}

export interface ModuleSearch {
  readonly missing: readonly MissingModule[];
  /** Languages whose interpreter is not here, or gave no answer: of their modules nothing is known. */
  readonly unanswered: readonly Language[];
}

export async function missingModules(survey: Survey): Promise<ModuleSearch> {
  const [perl, python] = await Promise.all([search('perl', survey), search('python', survey)]);
  return {
    missing: [...(perl ?? []), ...(python ?? [])],
    unanswered: [
      ...(perl === undefined ? ['perl' as const] : []),
      ...(python === undefined ? ['python' as const] : []),
    ],
  };
}

/** perl -c carries out "use": a folder that the script works out by itself is known to perl, and not here. */
export function reallyMissing(
  missing: readonly MissingModule[],
  verdicts: ReadonlyMap<Source, Verdict>,
): readonly MissingModule[] {
  const good = new Set([...verdicts].flatMap(([{ file }, { kind }]) => (kind === 'good' ? [file] : [])));
  return missing.flatMap((module) => {
    const places = module.places.filter(({ file, isCompiled }) => !isCompiled || !good.has(file));
    return places.length === 0 ? [] : [{ ...module, places }];
  });
}

async function search(language: 'perl' | 'python', survey: Survey): Promise<readonly MissingModule[] | undefined> {
  const sources = survey.sources.filter((source) => source.language === language && !isPython2(source));
  const uses = sources.flatMap((source) => (language === 'perl' ? perlUses(source) : pythonUses(source)));
  const foreign = uses.filter((use) => !isOfSite(use, { language, survey }));
  if (foreign.length === 0) return [];
  const [first] = sources;
  const program = first === undefined ? undefined : interpreterOf(first, survey);
  if (program === undefined) return undefined;
  const names = [...new Set(foreign.map(({ name }) => name))];
  const ask = language === 'perl' ? missingFromPerl : missingFromPython;
  const absent = await ask(names, program, survey);
  if (absent === undefined) return undefined;
  const lacking = Map.groupBy(
    foreign.filter(({ name }) => absent.has(name)),
    ({ module }) => module,
  );
  return [...lacking].map(([module, found]) => ({
    language,
    module,
    isAtStart: found.some(({ isAtStart }) => isAtStart),
    places: found.map(({ place }) => place),
  }));
}

function isPython2({ script }: Source): boolean {
  return /python2/.test(programOf(script?.how) ?? '');
}

function perlUses(source: Source): readonly Use[] {
  return (
    perlLoads(source)
      .filter(({ module, path }) => module !== undefined || isPerl4Library(path))
      // A script that runs on several systems asks which one it is on, and loads them there.
      .filter(({ module, word }) => word === 'use' || !/^(?:Win32|OS2|Mac|VMS)\b/.test(module ?? ''))
      .map(({ module, path, word, line }) => ({
        module: module ?? path,
        name: path,
        isAtStart: word === 'use' || module === undefined,
        place: { file: source.file, line, isCompiled: word === 'use' },
      }))
  );
}

/** Modules that Python 3 calls otherwise are a matter of python2.ts. */
function pythonUses(source: Source): readonly Use[] {
  return pythonImports(source)
    .filter(({ module }) => RENAMED_PYTHON_MODULES[module] === undefined)
    .map(({ module, line, isAtStart }) => {
      const top = module.split('.')[0] ?? module;
      return { module: top, name: top, isAtStart, place: { file: source.file, line, isCompiled: false } };
    });
}

interface Sought {
  readonly language: 'perl' | 'python';
  readonly survey: Survey;
}

/** A library is found from the folder of the script that loads it, so each of these folders counts for it. */
function isOfSite({ name, place }: Use, { language, survey }: Sought): boolean {
  const source = survey.sources.find(({ file }) => file === place.file);
  if (source === undefined) return false;
  const scripts = survey.sources.filter((other) => other.script !== undefined && other.language === language);
  const loaders = source.script === undefined ? [source, ...scripts] : [source];
  return loaders.some((loader) => foldersOf(loader, survey).some((folder) => isIn(folder, name, language)));
}

function foldersOf(source: Source, { environment }: Survey): readonly ByteString[] {
  const named = source.language === 'perl' ? perlLibraryFolders(source) : pythonLibraryFolders(source);
  const configured = (environment[source.language === 'perl' ? 'PERL5LIB' : 'PYTHONPATH'] ?? '').split(':');
  return [
    source.folder,
    ...[...named, ...configured.filter(Boolean)].map((folder) => posix.resolve(source.folder, folder)),
  ];
}

function isIn(folder: ByteString, name: ByteString, language: 'perl' | 'python'): boolean {
  if (language === 'perl') return entryAt(`${folder}/${name}`).kind === 'file';
  return [`${name}.py`, name].some((file) => entryAt(`${folder}/${file}`).kind !== 'absent');
}
