// cgibox sendmail: lends this process to the stand-in. It is loaded before anything else of cli/ (main.ts), for a
// script waits for it, and it never ends without one of sendmail's own exit codes.
import { userInfo } from 'node:os';
import { sendmail as runSendmail } from '../mail/sendmail.ts';

export function sendmail(words: readonly string[], process: NodeJS.Process): Promise<number> {
  return runSendmail(words, {
    environment: process.env,
    parentPid: process.ppid,
    user: userName(process),
    stdin: process.stdin,
    stdout: process.stdout,
    complain: (line) => void process.stderr.write(`${line}\n`),
  });
}

/** A container's --user may have no name. */
function userName(process: NodeJS.Process): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
