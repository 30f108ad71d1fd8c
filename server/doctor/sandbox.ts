// Can this system lay the sandbox in which interpreters are asked (sandbox.pl)? Asked once for each examination.
import { findProgram } from '../cgi/programs.ts';
import type { ByteString } from '../config/byte-string.ts';
import { ask, type Sandbox } from './syntax.ts';

const TIMEOUT_SECONDS = 10;

/**
 * The sandbox with the perl of this PATH, or Debian's; absent where there is no perl, another system than Linux, another processor than
 * x86_64 and aarch64, or a kernel without seccomp.
 */
export async function sandboxOf(path: ByteString): Promise<Sandbox | undefined> {
  // A #! line may name it where no PATH leads.
  const perl = findProgram('perl', path) ?? findProgram('/usr/bin/perl', path);
  if (perl === undefined) return undefined;
  const sandbox: Sandbox = { perl, onBreach: 'refuse' };
  const { kind, code } = await ask({
    program: perl,
    args: ['-e', '1'],
    environment: { PATH: path },
    timeoutSeconds: TIMEOUT_SECONDS,
    sandbox,
  });
  return kind === 'ended' && code === 0 ? sandbox : undefined;
}
