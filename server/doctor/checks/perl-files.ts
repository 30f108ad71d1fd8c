// Are the files that Perl loads by name where it looks? (perldoc -f require; perl 5.26 took "." out of @INC)
import { posix } from 'node:path';
import type { ByteString } from '../../config/byte-string.ts';
import { isPerl4Library } from '../../diagnosis/debian-packages.ts';
import { sedReplace } from '../../diagnosis/sed-line.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { entryAt } from '../../site/disk.ts';
import type { Observation } from '../finding.ts';
import { type PerlLoad, perlLibraryFolders, perlLoads } from '../perl-loads.ts';
import type { Source } from '../source.ts';
import type { Survey } from '../survey.ts';

/** Perl 4's own libraries are a question of what is installed: modules.ts asks perl for them. */
export function checkPerlFiles(source: Source, survey: Survey): readonly Observation[] {
  if (source.language !== 'perl') return [];
  return perlLoads(source)
    .filter(({ module }) => module === undefined)
    .flatMap((load) => problemOf(load, source, survey));
}

function problemOf(load: PerlLoad, source: Source, survey: Survey): readonly Observation[] {
  if (load.path.startsWith('/')) return isFile(load.path) ? [] : [fileMissing(load, source)];
  const folders = workingFolders(source, survey);
  const isBeside = folders.some((folder) => isFile(posix.join(folder, load.path)));
  if (/^\.\.?\//.test(load.path)) return isBeside ? [] : [fileMissing(load, source)];
  const named = perlLibraryFolders(source);
  const isInLibrary = folders.some((folder) => named.some((name) => isFile(posix.resolve(folder, name, load.path))));
  // A folder that is worked out while the script runs may hold it.
  if (isInLibrary || named.some((name) => /[$@]/.test(name))) return [];
  // sys/syscall.ph comes with perl, and packages bring others.
  if (survey.perlFolders.some((folder) => isFile(posix.join(folder, load.path)))) return [];
  if (isBeside) return [dotInc(load, source, survey)];
  return isPerl4Library(load.path) ? [] : [fileMissing(load, source)];
}

/** A script works in its own folder; a library in that of whatever script loads it. */
function workingFolders({ folder, script }: Source, { sources }: Survey): readonly ByteString[] {
  if (script !== undefined) return [folder];
  return [...new Set([folder, ...sources.flatMap((other) => (other.script === undefined ? [] : [other.folder]))])];
}

function isFile(path: ByteString): boolean {
  return entryAt(path).kind === 'file';
}

function fileMissing({ path, line, word }: PerlLoad, { file }: Source): Observation {
  const name = visibleLine(path, 120);
  const sought = path.startsWith('/')
    ? 'by its whole path, as it was on the old server'
    : 'and it is neither beside the script nor in a folder that "use lib" names. Perhaps it was not copied from the old server';
  return {
    id: 'perl-library-missing',
    severity: word === 'do' ? 'warning' : 'error',
    title: `There is no file ${name} to load`,
    why: `The script loads it with ${word}, ${sought}.`,
    place: { file, line },
    mend: () => [`find . -name ${shellQuote(posix.basename(path))}`],
  };
}

function dotInc({ path, line, word, text }: PerlLoad, { file, script }: Source, { config }: Survey): Observation {
  const name = visibleLine(path, 120);
  const isTaint = script?.how.kind === 'executed' && /^#!.*\s-\w*T/.test(script.place.head ?? '');
  const isTolerated = config.cgi.tolerate.includes('perlDotInc') && !isTaint;
  return {
    id: 'perl-dot-inc',
    severity: isTolerated ? 'warning' : 'error',
    title: `${word} finds ${name} beside the script no more, since Perl 5.26`,
    why: isTolerated
      ? 'Perl no longer looks in the current folder. cgibox sets PERL_USE_UNSAFE_INC=1 (cgi.tolerate: perlDotInc); other servers do not.'
      : `Perl no longer looks in the current folder${isTaint ? ', and never under -T' : ''}.`,
    place: { file, line },
    mend: (files) => [`sed -i ${sedReplace(text, text.replace(path, `./${path}`))} ${files}`],
  };
}
