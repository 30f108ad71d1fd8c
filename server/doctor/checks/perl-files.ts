// Are the files that Perl loads by name where it looks? (perldoc -f require; perl 5.26 took "." out of @INC)
import { posix } from 'node:path';
import type { ByteString } from '../../config/byte-string.ts';
import { isPerl4Library } from '../../diagnosis/debian-packages.ts';
import { sedReplace } from '../../diagnosis/sed-line.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { entryAt, namesIn } from '../../site/disk.ts';
import type { Observation } from '../finding.ts';
import { type PerlLoad, perlLibraryFolders, perlLoads } from '../perl-loads.ts';
import type { Source } from '../source.ts';
import type { Survey } from '../survey.ts';

interface Problem {
  readonly kind: 'missing' | 'dotInc';
  readonly load: PerlLoad;
  readonly source: Source;
  /** As the disk spells it, where only the case differs; with "./" where perl would not look. */
  readonly written?: ByteString | undefined;
}

/** Perl 4's own libraries are a question of what is installed: modules.ts asks perl for them. */
export function checkPerlFiles(survey: Survey): readonly Observation[] {
  const sources = survey.sources.filter(({ language }) => language === 'perl');
  const ofScripts = searchOf(sources.filter(({ script }) => script !== undefined));
  const problems = sources.flatMap((source) => {
    const search = source.script === undefined ? withLibrary(source, ofScripts) : searchOf([source]);
    return perlLoads(source)
      .filter(({ module }) => module === undefined)
      .flatMap((load): Problem[] => {
        const kind = problemOf(load, search, survey);
        return kind === undefined ? [] : [{ kind, load, source, written: otherCase(load, search) }];
      });
  });
  const [dotIncs, missing] = [true, false].map((is) => problems.filter(({ kind }) => (kind === 'dotInc') === is));
  return [...(missing ?? []).map(fileMissing), ...dotIncFindings(dotIncs ?? [], survey)];
}

/** Where perl looks for a file. */
interface Search {
  /** The working folders: a script works in its own, a library in that of whatever script loads it. */
  readonly starts: readonly ByteString[];
  /** What "use lib" and the like put into @INC. */
  readonly named: readonly ByteString[];
  /** The script works out another while it runs. */
  readonly hasMore: boolean;
  /** The folder of a library: who loads it may have put it into @INC. */
  readonly own?: ByteString;
}

function searchOf(scripts: readonly Source[]): Search {
  const each = scripts.map((script) => ({ folder: script.folder, names: perlLibraryFolders(script) }));
  return {
    starts: [...new Set(each.map(({ folder }) => folder))],
    named: [...new Set(each.flatMap(({ folder, names }) => names.map((name) => posix.resolve(folder, name))))],
    hasMore: each.some(({ names }) => names.some(isWorkedOut)),
  };
}

function withLibrary(library: Source, { starts, named, hasMore }: Search): Search {
  const names = perlLibraryFolders(library);
  const own = [library.folder, ...starts].flatMap((start) => names.map((name) => posix.resolve(start, name)));
  return { starts, named: [...own, ...named], hasMore: hasMore || names.some(isWorkedOut), own: library.folder };
}

function isWorkedOut(name: ByteString): boolean {
  return /[$@]/.test(name);
}

function problemOf({ path }: PerlLoad, search: Search, { perlFolders }: Survey): Problem['kind'] | undefined {
  if (path.startsWith('/')) return isFile(path) ? undefined : 'missing';
  const isIn = (folders: readonly ByteString[]) => folders.some((folder) => isFile(posix.join(folder, path)));
  const isBesideLibrary = search.own !== undefined && isIn([search.own]);
  if (/^\.\.?\//.test(path)) return isIn(search.starts) || isBesideLibrary ? undefined : 'missing';
  // sys/syscall.ph comes with perl, and packages bring others.
  if (isIn(search.named) || search.hasMore || isIn(perlFolders)) return undefined;
  if (isIn(search.starts)) return 'dotInc';
  return isBesideLibrary || isPerl4Library(path) ? undefined : 'missing';
}

function isFile(path: ByteString): boolean {
  return entryAt(path).kind === 'file';
}

/** Of the last segment alone: the folders of a path mostly are of the time of Unix. */
function otherCase({ path }: PerlLoad, { starts, named, own }: Search): ByteString | undefined {
  const name = posix.basename(path);
  const spelt = (folder: ByteString) =>
    namesIn(posix.resolve(folder, posix.dirname(path)))?.find((other) => other.toLowerCase() === name.toLowerCase());
  const inPath = (other: ByteString) => path.slice(0, path.length - name.length) + other;
  const byName = named.map(spelt).find((other) => other !== undefined);
  if (byName !== undefined) return inPath(byName);
  const beside = [...starts, ...(own === undefined ? [] : [own])].map(spelt).find((other) => other !== undefined);
  if (beside === undefined) return undefined;
  return /^\.{0,2}\//.test(path) ? inPath(beside) : `./${inPath(beside)}`;
}

function fileMissing({ load, source: { file }, written }: Problem): Observation {
  const { path, line, word, text } = load;
  const name = visibleLine(path, 120);
  const sought = path.startsWith('/')
    ? 'by its whole path, as it was on the old server'
    : 'and it is neither beside the script nor in a folder that "use lib" names. Perhaps it was not copied from the old server';
  const observed = {
    id: 'perl-library-missing',
    severity: word === 'do' ? 'warning' : 'error',
    place: { file, line },
  } as const;
  if (written !== undefined) {
    return {
      ...observed,
      title: `The script loads ${name}, and the file is ${visibleLine(posix.basename(written), 120)}`,
      why: 'Upper and lower case are the same on Windows, and two names here.',
      mend: (files) => [
        `sed -i ${sedReplace(
          text,
          text.replace(path, () => written),
        )} ${files}`,
      ],
    };
  }
  return {
    ...observed,
    title: `There is no file ${name} to load`,
    why: `The script loads it with ${word}, ${sought}.`,
    mend: () => [`find . -iname ${shellQuote(posix.basename(path))}`],
  };
}

/** One cause, and one command for all that is loaded so. */
function dotIncFindings(problems: readonly Problem[], { config }: Survey): readonly Observation[] {
  const isTolerated = config.cgi.tolerate.includes('perlDotInc');
  const bySeverity = Map.groupBy(problems, ({ source }) => (isTolerated && !isTaint(source) ? 'warning' : 'error'));
  return [...bySeverity].flatMap(([severity, group]) => {
    const edits = new Set(group.map(({ load: { path, text } }) => sedReplace(text, text.replace(path, `./${path}`))));
    const command = edits.size === 1 ? [...edits] : [...edits].map((edit) => `-e ${edit}`);
    const taint = group.some(({ source }) => isTaint(source)) ? ', and never under -T' : '';
    return group.map(({ load: { line }, source: { file } }) => ({
      id: 'perl-dot-inc',
      severity,
      title: 'Perl finds files beside the script no more, since Perl 5.26',
      why:
        severity === 'warning'
          ? 'Perl no longer looks in the current folder. cgibox sets PERL_USE_UNSAFE_INC=1 (cgi.tolerate: perlDotInc); other servers do not.'
          : `Perl no longer looks in the current folder${taint}.`,
      place: { file, line },
      mend: (files) => [`sed -i ${command.join(' ')} ${files}`],
    }));
  });
}

function isTaint({ script }: Source): boolean {
  return script?.how.kind === 'executed' && /^#!.*\s-\w*T/.test(script.place.head ?? '');
}
