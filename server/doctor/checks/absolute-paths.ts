// Do the absolute paths that scripts name lead anywhere here? (the old server's home folders, programs, sendmail)
import { posix } from 'node:path';
import type { ByteString } from '../../config/byte-string.ts';
import { sedReplace } from '../../diagnosis/sed-line.ts';
import { sendmailMissing } from '../../diagnosis/sendmail-missing.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { entryAt } from '../../site/disk.ts';
import type { Observation } from '../finding.ts';
import type { Source } from '../source.ts';
import type { Survey } from '../survey.ts';

// The folders at the top of a file system, of old hosts too: any other path that begins with "/" mostly is a URL.
const TOP = 'home|usr|var|etc|opt|export|users|u|www|web|vol\\d*|mnt|srv|tmp|bin|sbin|lib|root|data|disk\\d*|net|nfs';
// Behind "^" it is a pattern, behind "." or "+" the rest of another path, and in an attribute of a tag a URL.
const BEFORE =
  '(?<![\\w:/.$}~)*^-])(?<![.+]\\s{0,3}\\\\?["\'])(?<!\\b(?:href|src|action|background|url)\\s{0,3}[=(]\\s{0,3}\\\\?["\']?)';
const PATH = new RegExp(`${BEFORE}(/(?:${TOP})(?:/[\\w.+-]+)+)/?(?![\\w$@{*%])`, 'g');
// Not "%s:\n": only letters that drives have, and behind a small one no escape of a text.
const WINDOWS =
  /(?<![\w%\\])((?:[C-Z]:(?:\\\\?|\/)|[c-h]:(?:\\\\|\/|\\(?![nrtxu0])))(?:Program [Ff]iles(?: \(x86\))?|[A-Za-z][\w.-]{2,})(?:(?:\\\\?|\/)[\w.-]+)*)/g;
const WINDOWS_TEXT = /(?:["'=<>]|\bopen\b).{0,40}[A-Za-z]:[\\/]/;
// Where hosts kept what their customers brought; elsewhere lies what a system or a package brings.
const HOME_OF_SITES =
  /^\/(home|export|users|u|www|web|vol\d*|mnt|srv|data|disk\d*|net|nfs|opt|var\/www|usr\/(local\/)?(home|www|web|apache|etc))\b/;
// /usr/ucb: the programs of BSD on Solaris.
const PROGRAM_FOLDER = /\/(?:s?bin|ucb)\/[^/]+$/;

// -f "/etc/x", test -d /etc/x, os.path.exists("/etc/x"): the script itself asks whether it is there.
const ASKED = new RegExp(
  `(?:-[defrswxz]\\s*\\(?\\s*|\\b(?:exists|isfile|isdir|access)\\s*\\(\\s*)["']?(/(?:${TOP})(?:/[\\w.+-]+)+)`,
  'g',
);

export function checkAbsolutePaths(source: Source, { root }: Survey): readonly Observation[] {
  const asked = new Set(source.code.flatMap(({ code }) => [...code.matchAll(ASKED)].map(([, path = '']) => path)));
  return source.code.flatMap(({ code, number }) => {
    // The #! line has checks of its own.
    if (number === 1 && code.startsWith('#!')) return [];
    const place = { file: source.file, line: number };
    const paths = [...code.matchAll(PATH)].map(([, path = '']) => path).filter((path) => !asked.has(path));
    const unix = paths.flatMap((path) => problemOf(path, place, root));
    const windows = WINDOWS_TEXT.test(code) ? [...code.matchAll(WINDOWS)] : [];
    return [...unix, ...windows.map(([, path = '']) => windowsPath(path, place))];
  });
}

function problemOf(path: ByteString, place: Observation['place'], root: ByteString): readonly Observation[] {
  if (isThere(path)) return [];
  if (/\/sendmail$/.test(path)) return [sendmail(path, place)];
  const missing = topmostMissing(path);
  // Where the folder is there the script may make the file itself.
  if (missing === path) return PROGRAM_FOLDER.test(path) ? [program(path, place)] : [];
  if (PROGRAM_FOLDER.test(path)) return [program(path, place)];
  return [folder(missing, place, root)];
}

function isThere(path: ByteString): boolean {
  return entryAt(path).kind !== 'absent';
}

/** What has to be made, or mounted, for the whole path to be there. */
function topmostMissing(path: ByteString): ByteString {
  let missing = path;
  for (let above = posix.dirname(path); above !== '/' && !isThere(above); above = posix.dirname(above)) missing = above;
  return missing;
}

function sendmail(path: ByteString, place: Observation['place']): Observation {
  const { title, why } = sendmailMissing(path, '');
  return {
    id: 'sendmail-missing',
    severity: 'warning',
    title,
    why,
    place,
    mend: (files) => sendmailMissing(path, files).mend,
  };
}

function program(path: ByteString, place: Observation['place']): Observation {
  const name = visibleLine(path, 200);
  const base = shellQuote(posix.basename(path));
  return {
    id: 'program-missing',
    severity: 'warning',
    title: `The program ${name} is not here`,
    why: 'The script starts it by its whole path. It may have another place on this machine, or be in a package that is not installed.',
    place,
    mend: (files) => [`command -v ${base} || apt-file search bin/${base}`, `grep -n ${shellQuote(path)} ${files}`],
  };
}

function folder(path: ByteString, place: Observation['place'], root: ByteString): Observation {
  const name = visibleLine(path, 200);
  return {
    id: 'path-missing',
    severity: 'warning',
    title: `${name} is not here`,
    why: 'Scripts name it by its whole path, as it was on the old server. Serve the site at the same place, or give the scripts the new one.',
    place,
    mend: (files) =>
      HOME_OF_SITES.test(path)
        ? [
            `sed -i ${sedReplace(path, root)} ${files}   # if the site lay there`,
            `SITE=. SITE_AT=${shellQuote(path)} docker compose up   # or mount it there`,
          ]
        : [`grep -n ${shellQuote(path)} ${files}`, `mkdir -p ${shellQuote(path)}   # if the scripts fill it`],
  };
}

function windowsPath(path: ByteString, place: Observation['place']): Observation {
  const drive = path.replaceAll('\\\\', '\\');
  return {
    id: 'path-windows',
    severity: 'warning',
    title: `${visibleLine(drive, 200)} is a path of Windows`,
    why: 'The script was written for a server on Windows: there is no such place here.',
    place,
    mend: (files) => [`grep -nF ${shellQuote(path)} ${files}`],
  };
}
