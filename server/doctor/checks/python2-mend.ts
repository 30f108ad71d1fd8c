// What mends a script of Python 2, or lets it be: fissix, which keeps lib2to3 alive, or a Python 2 for it.
import { posix } from 'node:path';
import { type ByteString, textOfBytes } from '../../config/byte-string.ts';
import { configuration } from '../../diagnosis/refinement.ts';
import { spellHidden } from '../../diagnosis/visible-text.ts';

export const WHY = 'Python 2 is gone from Debian since 2023, and Python 3 runs the script.';
// fissix keeps lib2to3 alive, which left Python in 3.13.
export const MEND = (files: string, paths: readonly ByteString[]) => [
  `apt-get install python3-fissix && /usr/bin/python3 -m fissix -w ${files}   # changes what it can, and keeps a .bak`,
  configuration(
    'cgi:',
    '  perScript:',
    ...globs(paths).map(
      (glob) => `    ${spellHidden(JSON.stringify(glob))}: { interpreter: python2 }   # where there is a python2`,
    ),
  ),
];

/** Other languages have scripts in .cgi too: each of those is named. */
function globs(paths: readonly ByteString[]): readonly string[] {
  if (paths.length === 1) return paths.map(globOf);
  return [...new Set(paths.map((path) => (path.endsWith('.py') ? '**/*.py' : globOf(path))))];
}

/** A glob that begins with "/" would be of URLs (cgi/per-script.ts). */
function globOf(path: ByteString): string {
  const name = path.startsWith('/') ? posix.basename(path) : path;
  const glob = textOfBytes(name.replace(/[\\*?{}()[\]!+@|"]/g, '\\$&'));
  return path.startsWith('/') ? `**/${glob}` : glob;
}
