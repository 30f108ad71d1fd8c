// The words of cgibox exec: which request is meant, and what of it is written on the command line.
// Pure. Values stay as written: "@FILE" and "-" are read by exec-request.ts.
import { CgiboxError } from '../errors.ts';

export interface ExecWords {
  /** A request of one's own, or a recorded one. */
  readonly asked: { readonly method: string; readonly url: string } | { readonly id: string };
  /** As written: text, @FILE or "-". */
  readonly body: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly environment: Readonly<Record<string, string>>;
  /** Only the line for the shell is wanted. */
  readonly isShellLine: boolean;
}

export interface GivenFlags {
  readonly flags: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

/** @throws CgiboxError USAGE */
export function readExecWords({ flags, lists }: GivenFlags, words: readonly string[]): ExecWords {
  return {
    asked: whatToRun(flags.get('from'), words),
    body: flags.get('body'),
    headers: (lists.get('header') ?? []).map(headerField),
    environment: Object.fromEntries((lists.get('env') ?? []).map(assignment)),
    isShellLine: flags.has('shell'),
  };
}

// RFC 9110 §5.6.2
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function whatToRun(id: string | undefined, words: readonly string[]): ExecWords['asked'] {
  const hint = "write METHOD and URL, for example: cgibox exec GET '/cgi-bin/hello.pl?a=1'";
  if (id !== undefined) {
    if (words.length > 0) throw usageError('Cannot take a URL and "--from": they are two requests', 'give one of them');
    return { id };
  }
  const [method, url] = words.length === 1 ? ['GET', words[0]] : words;
  if (method === undefined || url === undefined) throw usageError('Cannot run a script: no URL is given', hint);
  if (words.length > 2) throw usageError(`Cannot run more than one URL: "${words.slice(1).join('" "')}"`, hint);
  if (!TOKEN.test(method)) throw usageError(`Cannot use "${method}": it is no method of HTTP`, hint);
  return { method, url };
}

function headerField(text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([^:]*):[ \t]*(.*?)[ \t]*$/.exec(text) ?? [];
  if (TOKEN.test(name)) return [name, value];
  throw usageError(`Cannot read the header field "${text}": it is not "Name: value"`, "write -H 'Cookie: id=1'");
}

function assignment(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw usageError(`Cannot read the variable "${text}": it is not NAME=VALUE`, 'write --env REMOTE_USER=alice');
}

function usageError(message: string, hint: string): CgiboxError {
  return new CgiboxError('USAGE', message, { hint });
}
