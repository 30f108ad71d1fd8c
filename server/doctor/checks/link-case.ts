// Do links of pages name files in another case than the disk? (They worked on Windows.)
import type { ByteString } from '../../config/byte-string.ts';
import { sedPattern } from '../../diagnosis/sed-line.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { entryAt, namesIn } from '../../site/disk.ts';
import { fileAt, segmentsOf } from '../../site/roots.ts';
import type { Observation } from '../finding.ts';
import type { SiteFile, Survey } from '../survey.ts';

const LINK = /\b(?:href|src|action|background)\s*=\s*(?:"([^"\n]{1,500})"|'([^'\n]{1,500})'|([^\s"'>]{1,500}))/gi;
const LONGEST_LINE = 20_000;

export function checkLinkCase(survey: Survey): readonly Observation[] {
  // Most pages of a site link to the same places.
  const known = new Map<ByteString, ByteString | undefined>();
  return survey.pages.flatMap((page) => {
    const folder = urlFolderOf(page, survey);
    if (folder === undefined) return [];
    return linksOf(page).flatMap(({ link, line }) => {
      const path = urlPathOf(link, folder);
      if (path === undefined) return [];
      if (!known.has(path)) known.set(path, otherCase(path, survey));
      const written = known.get(path);
      return written === undefined ? [] : [observation({ link, written }, { file: page.file, line })];
    });
  });
}

/** A link in a comment is none. */
function linksOf({ text }: SiteFile): readonly { readonly link: ByteString; readonly line: number }[] {
  const shown = text.replace(/<!--(?!#)[\s\S]*?(?:-->|$)/g, (comment) => comment.replace(/[^\n]/g, ''));
  return shown.split('\n').flatMap((line, index) =>
    [...line.slice(0, LONGEST_LINE).matchAll(LINK)].map(([, double, single, bare]) => ({
      link: (double ?? single ?? bare ?? '').trim(),
      line: index + 1,
    })),
  );
}

function urlFolderOf({ file }: SiteFile, { roots }: Survey): ByteString | undefined {
  const { folder } = roots.documentRoot;
  return file.startsWith(`${folder}/`) ? file.slice(folder.length, file.lastIndexOf('/') + 1) : undefined;
}

/** The decoded path on this host; absent for other hosts and schemes, and for what is no path. */
function urlPathOf(link: ByteString, folder: ByteString): ByteString | undefined {
  if (/^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/|#|\?|$)/.test(link) || /[<>{}$]/.test(link)) return undefined;
  const path = link.replace(/[?#].*$/s, '').replaceAll('&amp;', '&');
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_found, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return bytes.includes('\0') ? undefined : `/${segmentsOf(path.startsWith('/') ? bytes : folder + bytes).join('/')}`;
}

/** The path as the disk spells it, where only the case differs; absent where the link is right, or leads nowhere at all. */
function otherCase(path: ByteString, { roots }: Survey): ByteString | undefined {
  const location = roots.locate(segmentsOf(path));
  if (entryAt(fileAt(location) || '/').kind !== 'absent') return undefined;
  const spelt: ByteString[] = [];
  for (const segment of location.below) {
    const folder = fileAt({ root: location.root, below: spelt });
    const entry = entryAt(folder || '/');
    // What follows a script is PATH_INFO.
    if (entry.kind === 'file') break;
    const names = namesIn(folder || '/') ?? [];
    const name = names.includes(segment)
      ? segment
      : names.find((other) => other.toLowerCase() === segment.toLowerCase());
    if (name === undefined) return undefined;
    spelt.push(name);
  }
  const rest = location.below.slice(spelt.length);
  const same = spelt.every((name, index) => name === location.below[index]);
  return same ? undefined : `/${[...location.root.prefix, ...spelt, ...rest].join('/')}`;
}

function observation(
  { link, written }: { readonly link: ByteString; readonly written: ByteString },
  place: Observation['place'],
): Observation {
  const path = link.replace(/[?#].*$/s, '');
  const named = segmentsOf(path).filter((name) => name !== '..').length;
  const tail = written.split('/').slice(-named).join('/');
  return {
    id: 'link-case',
    severity: 'warning',
    title: `A link says ${visibleLine(path, 120)}, the file is ${visibleLine(written, 120)}`,
    why: 'Upper and lower case are the same on Windows, and two names here: the link is answered with 404.',
    place,
    mend: (files) => [mendOf(path, tail, files)],
  };
}

/** sed changes a link that begins where the attribute or a folder in it does; other spellings are left to a person. */
function mendOf(path: ByteString, tail: ByteString, files: string): string {
  const start = path.length - tail.length;
  const isPlain = path.slice(start).toLowerCase() === tail.toLowerCase() && /^[!-~]+$/.test(path);
  if (!isPlain) return `grep -nF -e ${shellQuote(path)} ${files}   # write ${visibleLine(tail, 200)}`;
  const to = path.slice(0, start) + tail;
  const change = `s|\\([="' ]\\)${sedPattern(path)}|\\1${to.replace(/[\\&|]/g, '\\$&')}|g`;
  return `sed -i ${shellQuote(change)} ${files}`;
}
