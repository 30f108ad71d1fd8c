// The #! line of a script: what it names, and in what state a Windows checkout or an upload has left it.
// Pure: reads the first bytes of the file, as execve(2) would.
import type { ByteString } from '../config/byte-string.ts';

export interface Shebang {
  /** As written, for example "/usr/bin/perl" or "C:/Perl/bin/perl.exe"; for env(1) the program it is asked for. */
  readonly interpreter: ByteString;
  /** The words after it. */
  readonly switches: readonly ByteString[];
  /** The line asks env(1) to look the interpreter up on PATH. */
  readonly usesEnv: boolean;
  /** The line ends in CR LF: the system would look for a program whose name ends in CR. */
  readonly hasCarriageReturn: boolean;
  /** A UTF-8 byte order mark stands before "#!": the system does not see the line. */
  readonly hasByteOrderMark: boolean;
}

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Reads the #! line from the first bytes of a file; undefined where there is none, or where it names nothing. */
export function shebang(head: ByteString): Shebang | undefined {
  const hasByteOrderMark = head.startsWith(BYTE_ORDER_MARK);
  const text = hasByteOrderMark ? head.slice(BYTE_ORDER_MARK.length) : head;
  if (!text.startsWith('#!')) return undefined;
  const line = text.slice(2).split('\n', 1)[0] ?? '';
  const [program, ...switches] = words(line.replace(/\r$/, ''));
  if (program === undefined) return undefined;
  const state = { hasCarriageReturn: line.endsWith('\r'), hasByteOrderMark };
  if (!/(^|\/)env$/.test(program)) return { interpreter: program, switches, usesEnv: false, ...state };
  return { ...envCommand(switches), usesEnv: true, ...state };
}

/** A quoted path may hold blanks: `#!"C:\Program Files\Perl\perl.exe" -w`. */
function words(line: ByteString): ByteString[] {
  const quoted = /^\s*"([^"]+)"(.*)$/.exec(line);
  if (quoted) return [quoted[1] ?? '', ...(quoted[2] ?? '').split(/[ \t]+/).filter((word) => word !== '')];
  return line.split(/[ \t]+/).filter((word) => word !== '');
}

/** `env -S perl -w` splits its argument; assignments before the program are not a shebang's business. */
function envCommand(args: readonly ByteString[]): { interpreter: ByteString; switches: readonly ByteString[] } {
  const start = args.findIndex((word) => !word.startsWith('-') && !word.includes('='));
  return start === -1
    ? { interpreter: 'env', switches: [] }
    : { interpreter: args[start] ?? '', switches: args.slice(start + 1) };
}
