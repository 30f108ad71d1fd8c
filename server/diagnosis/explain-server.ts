// Why a request failed for which neither the script nor the request is to blame, in words.
import type { Cause, Evidence } from './cause.ts';
import { scriptOf } from './explain-start.ts';
import { configuration, type Refinement } from './refinement.ts';
import { shellQuote } from './shell-quote.ts';
import { visibleLine } from './visible-text.ts';

export function stopping(evidence: Evidence): Refinement {
  return {
    title: 'The server is stopping',
    why: `Requests that run when it is told to stop have server.graceSeconds to finish. ${scriptOf(evidence)} was not done by then and was ended, or had not begun and was not started.`,
    mend: [configuration('server:', '  graceSeconds: 30')],
  };
}

export function runnerLost(evidence: Evidence): Refinement {
  return {
    title: `The helper process that starts scripts ended while it started ${scriptOf(evidence)}`,
    why: 'Another one takes its place by itself, and further requests are answered. This script may have begun: it is not started a second time, for what it does might then be done twice. If that happens again, the log of the server says more, and scripts can be started without a helper.',
    mend: [configuration('cgi:', '  runner: direct')],
  };
}

const FULL = 'It is full, or the disk below it is.';
const FORBIDDEN = 'The server may not write there.';
const ABSENT = 'There is no such folder.';
const SPOOL_ERRNO: Readonly<Record<string, string>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: FULL,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: FORBIDDEN,
  ENOENT: ABSENT,
  ENOTDIR: ABSENT,
};

export function spoolFailed({ errno, folder }: Extract<Cause, { kind: 'spoolFailed' }>): Refinement {
  const why = SPOOL_ERRNO[errno];
  const word = shellQuote(folder);
  const elsewhere = 'TMPDIR=/var/tmp npx cgibox serve   # another folder';
  return {
    title: `The body of the request could not be kept: ${visibleLine(errno, 40)}`,
    why: `A body of unknown length is kept before the script starts, beyond 1 MiB in the folder ${visibleLine(folder, 200)}.${why === undefined ? '' : ` ${why}`}`,
    mend: why === ABSENT ? [`mkdir -p -m 1777 ${word}`, elsewhere] : [`df -h ${word}`, `ls -ld ${word}`, elsewhere],
  };
}
