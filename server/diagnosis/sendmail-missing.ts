// A script whose mail program is not here: in the words that failure page and doctor share.
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import type { Refinement, StderrPattern } from './refinement.ts';
import { sedReplace } from './sed-line.ts';
import { shellQuote } from './shell-quote.ts';
import { sourcePlace } from './source-place.ts';
import { visibleLine } from './visible-text.ts';

const IN_IMAGE = ['/usr/sbin/sendmail', '/usr/lib/sendmail'];
const PATH = String.raw`(/(?:[\w.+-]{1,60}/){1,10}sendmail)(?![\w./-])`;
const ABSENT = '(?:not found|No such file)';
const OTHERWISE = String.raw`(?![^\n]{0,80}(?:denied|not permitted|Broken|temporarily|memory))`;
const CANNOT = "(?:[Cc]an(?:'?t|not)|[Cc]ould(?: not|n't)|[Uu]nable to) (?:open|find|run|exec|start)";
const WITHOUT_PATH = String.raw`(?:sendmail|mail ?prog(?:ram)?)(?![\w./-])`;

const WHY =
  'The script hands its mail to it. The image of cgibox has its stand-in at /usr/sbin/sendmail and /usr/lib/sendmail, which catches the mail and sends it to nobody; elsewhere README, "Mail", puts it there.';

/** @param files words of the shell */
export function sendmailMissing(path: ByteString, files: string): Refinement {
  return {
    title: `The mail program ${visibleLine(path, 200)} is not here`,
    why: WHY,
    mend: IN_IMAGE.includes(path)
      ? ['SITE=. docker compose up   # the image has it there']
      : [`sed -i ${sedReplace(path, '/usr/sbin/sendmail')} ${files}`],
  };
}

export const SENDMAIL_MISSING: StderrPattern = {
  id: 'sendmailMissing',
  pattern: new RegExp(
    [
      // FormMail says no more than this: a pipe to a program that is here opens.
      String.raw`${CANNOT}[^\n/]{0,60}${PATH}${OTHERWISE}`,
      `${CANNOT} (?:the )?(?:pipe to )?${WITHOUT_PATH}${OTHERWISE}`,
      `${PATH}["']?: (?:command )?${ABSENT}`,
      `${ABSENT}(?: or directory)?: ["']?${PATH}`,
    ].join('|'),
  ),
  refine: (groups, evidence) => {
    const file = shellQuote(evidence.scriptFile);
    const path = groups.slice(1).find((group) => group !== undefined) ?? pathInSource(evidence);
    if (path !== undefined) return sendmailMissing(path, file);
    return { title: 'The mail program of the script is not here', why: WHY, mend: [`grep -n mail ${file}`] };
  },
};

/** The line that stderr names opens the pipe, and mostly a variable holds the path. */
function pathInSource(evidence: Evidence): ByteString | undefined {
  const place = sourcePlace(evidence);
  const lines = evidence.source?.split('\n') ?? [];
  const own = place?.file === evidence.scriptFile ? (lines[place.line - 1] ?? '') : '';
  const path = new RegExp(PATH);
  return [own, ...lines].map((line) => path.exec(line)?.[1]).find((found) => found !== undefined);
}
