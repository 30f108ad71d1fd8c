// Files that Perl loads by name and does not find (perldoc -f require): the refinements of their messages.
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import { isPerl4Library } from './debian-packages.ts';
import { configuration, install, type Refinement, said } from './refinement.ts';
import { sedPattern, sedReplace } from './sed-line.ts';
import { folderOf, nameOf, shellQuote } from './shell-quote.ts';
import { sourcePlace } from './source-place.ts';

/** perl names the file; the site's own libraries lie with the script. */
export function blamedFile(evidence: Evidence): ByteString {
  const file = sourcePlace(evidence)?.file;
  return file?.startsWith(`${folderOf(evidence.scriptFile)}/`) ? file : evidence.scriptFile;
}

/** perl has looked beside the script too. */
export function libraryGone(file: ByteString, evidence: Evidence): Refinement {
  const name = said([file], 0);
  const other = otherCase(file, evidence);
  if (other !== undefined) return spelt(file, other, evidence);
  return {
    title: `The file ${name} is missing`,
    why: `The script loads "${name}", a library written in Perl, which is neither beside the script nor in perl's own folders. It was not copied from the old server, lies elsewhere, or has a name in another case: copy it to the script's folder.`,
    mend: [findNear(file, evidence)],
  };
}

// perl 5.26 took "." out of @INC (CVE-2016-1238): `require "x.pl"` finds a file beside the script no more.
export function libraryMissing(file: ByteString, evidence: Evidence): Refinement {
  const name = said([file], 0);
  if (isPerl4Library(file)) {
    return {
      title: `The Perl 4 library ${name} is not installed`,
      why: `Perl has come without ${name} since version 5.16. Debian keeps these libraries in a package of their own.`,
      mend: [install('libperl4-corelibs-perl')],
    };
  }
  const other = otherCase(file, evidence);
  if (other !== undefined) return spelt(file, other, evidence);
  const byVariable = [
    configuration('cgi:', '  environment:', "    PERL_USE_UNSAFE_INC: '1'"),
    `use FindBin; use lib $FindBin::Bin;`,
  ];
  return {
    title: `Perl does not find the file ${name}`,
    why: `The script loads "${name}" without saying where it is. Since Perl 5.26 the script's own folder is not searched any more, unless PERL_USE_UNSAFE_INC=1 is set (cgi.tolerate: perlDotInc does that, but never under -T). If the file is not beside the script either, it is missing.`,
    mend: [
      `ls -l ${shellQuote(`${folderOf(evidence.scriptFile)}/${file}`)}`,
      quoted(file, `./${file}`, evidence),
      ...(isTaint(evidence) ? [] : byVariable),
    ],
  };
}

/** `file` is absolute: a path of the old server. */
export function pathMissing(file: ByteString, evidence: Evidence): Refinement {
  const beside = oldRoot(file, evidence);
  const blamed = shellQuote(blamedFile(evidence));
  return {
    title: `There is no file ${said([file], 0)} to load`,
    why: 'The script loads it by its whole path, as it was on the old server. Serve the site at the same place, or give the script the new one.',
    mend: [
      findNear(file, evidence),
      `sed -i ${sedReplace(file, `./${nameOf(file)}`)} ${blamed}   # if it is beside the script`,
      `SITE=. SITE_AT=${shellQuote(beside)} docker compose up   # or mount the site where it was`,
    ],
  };
}

/** What lies above the folders that both paths end in: of /home/joe/cgi-bin/x.pl and a script in cgi-bin, /home/joe. */
function oldRoot(file: ByteString, { scriptFile }: Evidence): ByteString {
  const [old, here] = [folderOf(file).split('/'), folderOf(scriptFile).split('/')];
  while (old.length > 2 && old.at(-1) === here.pop()) old.pop();
  return old.join('/');
}

function findNear(file: ByteString, { scriptFile }: Evidence): string {
  return `find ${shellQuote(`${folderOf(scriptFile)}/..`)} -iname ${shellQuote(nameOf(file))}`;
}

function otherCase(file: ByteString, { namesBeside = [] }: Evidence): ByteString | undefined {
  const asked = file.replace(/^\.\//, '');
  return namesBeside.find((name) => name !== asked && name.toLowerCase() === asked.toLowerCase());
}

function spelt(file: ByteString, other: ByteString, evidence: Evidence): Refinement {
  return {
    title: `The script loads ${said([file], 0)}, and the file is ${said([other], 0)}`,
    why: 'Upper and lower case are the same on Windows, and two names here.',
    mend: [quoted(file, `./${other}`, evidence)],
  };
}

function quoted(file: ByteString, to: ByteString, evidence: Evidence): string {
  const into = to.replace(/[\\&|]/g, '\\$&');
  const edit = `s|\\(["']\\)${sedPattern(file)}\\(["']\\)|\\1${into}\\2|g`;
  return `sed -i ${shellQuote(edit)} ${shellQuote(blamedFile(evidence))}`;
}

function isTaint({ source = '', givenTo = [] }: Evidence): boolean {
  return /^#!.*perl.*\s-\w*T/.test(source) || givenTo.some((word) => /^-\w*T/.test(word));
}
