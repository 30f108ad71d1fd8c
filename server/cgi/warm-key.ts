// What a resident interpreter must share with a script: the program and all it reads from its environment as it starts.
// Pure. Source: ENVIRONMENT of perlrun(1), python3(1), ld.so(8), locale(7).
import type { ByteString } from '../config/byte-string.ts';
import type { Command, WarmCommand } from './launcher.ts';

const READ_AT_START = /^(PERL|PYTHON|LD_|LC_|LANG|MALLOC_|GLIBC_|OPENSSL_|SSL_|LOCPATH$|GCONV_PATH$|HOME$|__PYVENV)/;

export interface ResidentKind {
  /** Two commands with the same key can be served by the same resident. */
  readonly key: string;
  /** What it is started with; undefined where a value is not plain ASCII, which Node cannot hand to a process as it is. */
  readonly environment: Readonly<Record<string, string>> | undefined;
}

/** The variables come from the command: each resident starts as the scripts that it will run would have. */
export function residentKind(warm: WarmCommand, given: Command['environment']): ResidentKind {
  const environment: Record<string, ByteString> = {};
  let key = warm.program;
  let isPlain = true;
  for (const name in given) {
    if (!READ_AT_START.test(name)) continue;
    const value = given[name] ?? '';
    environment[name] = value;
    key += `\0${name}=${value}`;
    isPlain &&= Buffer.byteLength(value) === value.length;
  }
  return { key, environment: isPlain ? environment : undefined };
}
