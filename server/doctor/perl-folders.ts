// The folders in which perl looks for what a script loads (@INC). One process; nothing of the site is executed.
import { findProgram } from '../cgi/programs.ts';
import type { ByteString } from '../config/byte-string.ts';
import { ask, type Question } from './syntax.ts';

const TIMEOUT_SECONDS = 10;

/** Without ".", which would be the folder of doctor; none where there is no perl. */
export async function perlFolders(
  environment: Question['environment'],
  sandbox: Question['sandbox'],
): Promise<readonly ByteString[]> {
  const program = findProgram('perl', environment.PATH ?? '');
  if (program === undefined) return [];
  const args = ['-e', 'print map { "$_\\n" } grep { !ref && $_ ne "." } @INC'];
  const { stdout } = await ask({ program, args, environment, timeoutSeconds: TIMEOUT_SECONDS, sandbox });
  return stdout.split('\n').filter((folder) => folder.startsWith('/'));
}
