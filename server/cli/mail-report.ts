// The line of the start about mail: the ways in, and what becomes of mail that a script gives to sendmail by its old path.
import { bytesOfText } from '../config/byte-string.ts';
import type { RunningMail } from '../mail/smtp.ts';
import { entryAt, firstBytesOf } from '../site/disk.ts';

/** Where scripts look for it: Debian's place, and the one before the Filesystem Hierarchy Standard. */
const SENDMAIL_PATHS = ['/usr/sbin/sendmail', '/usr/lib/sendmail'];
/** The stand-in of README and image ends so: it calls `cgibox sendmail`. */
const STAND_IN = ' sendmail "$@"';

/** @param paths for tests: where sendmail may lie */
export function mailReport({ ports }: RunningMail, paths: readonly string[] = SENDMAIL_PATHS): string {
  const smtp = ports.length === 0 ? [] : [`SMTP on ${ports.map((port) => `127.0.0.1:${port}`).join(', ')}`];
  return `  mail           ${[...smtp, sendmailOf(paths)].join('; ')}`;
}

function sendmailOf(paths: readonly string[]): string {
  const here = paths.filter((path) => entryAt(bytesOfText(path)).kind === 'file');
  if (here.length === 0) return `no ${paths[0]} here (README, "Mail", puts one there)`;
  const real = here.find((path) => !firstBytesOf(bytesOfText(path), 512)?.includes(STAND_IN));
  return real === undefined ? 'sendmail' : `${real} is not cgibox's: mail given to it is really sent`;
}
