// A script whose mail program is not here: in the words that failure page and doctor share.
import type { ByteString } from '../config/byte-string.ts';
import type { Refinement, StderrPattern } from './refinement.ts';
import { sedReplace } from './sed-line.ts';
import { shellQuote } from './shell-quote.ts';
import { visibleLine } from './visible-text.ts';

const IN_IMAGE = ['/usr/sbin/sendmail', '/usr/lib/sendmail'];
const PATH = String.raw`(/(?:[\w.+-]{1,60}/){1,10}sendmail)(?![\w./-])`;
const ABSENT = '(?:not found|No such file)';

/** @param files words of the shell */
export function sendmailMissing(path: ByteString, files: string): Refinement {
  return {
    title: `The mail program ${visibleLine(path, 200)} is not here`,
    why: 'The script hands its mail to it. The image of cgibox has its stand-in at /usr/sbin/sendmail and /usr/lib/sendmail, which catches the mail and sends it to nobody; elsewhere README, "Mail", puts it there.',
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
      String.raw`(?:[Cc]an(?:'?t|not)|[Cc]ould(?: not|n't)|[Uu]nable to) (?:open|find|run|exec|start)[^\n/]{0,60}${PATH}(?![^\n]{0,80}(?:denied|not permitted|Broken|temporarily|memory))`,
      `${PATH}["']?: (?:command )?${ABSENT}`,
      `${ABSENT}(?: or directory)?: ["']?${PATH}`,
    ].join('|'),
  ),
  refine: (groups, { scriptFile }) =>
    sendmailMissing(groups.slice(1).find((group) => group !== undefined) ?? '', shellQuote(scriptFile)),
};
