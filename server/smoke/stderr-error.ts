// Does what a script wrote to stderr look like an error? Warnings do not count: old scripts live with theirs.
// Pure. Source: the messages of perl, python3, sh, tcsh, ruby, php and the C library, as they stand in server logs.

const ERRORS: readonly RegExp[] = [
  /^Traceback \(most recent call last\):/,
  /^(?:\w+\.)*\w*(?:Error|Exception)\b(?::|$)/,
  /^(?:Can't|Could not|Cannot|Couldn't|Unable to|Failed to) /i,
  /\b(?:syntax error|compilation (?:errors|aborted)|BEGIN failed)\b/i,
  /\b(?:fatal|panic|assertion .*failed|segmentation fault|core dumped|bus error|abort(?:ed|ing)?|out of memory|stack overflow)\b/i,
  /\b(?:command not found|not found|no such file or directory|permission denied|read-only file system|no space left)\b/i,
  /\b(?:undefined subroutine|can't locate|can't call method|uncaught|unhandled)\b/i,
  /(?:^|[\s:[])error\b(?!s?_|[- ]log)/i,
];
/** Words of warnings that would pass for errors. */
const WARNINGS =
  /\b(?:warning|deprecated|DeprecationWarning|Use of uninitialized|isn't numeric|redefined|used only once|\b(?:no|0) errors?)\b/i;

/** The first line that looks like an error; absent where none does. */
export function errorLine(stderr: string): string | undefined {
  for (const line of stderr.split(/\r?\n/)) {
    // Apache's form of a line, which CGI::Carp writes: [Sun Nov 22 13:00:00 2026] name.cgi: message
    const said = line.slice(0, 2000).replace(/^\[[^\]]*\] \S+: /, '');
    if (!WARNINGS.test(said) && ERRORS.some((pattern) => pattern.test(said))) return line;
  }
  return undefined;
}
