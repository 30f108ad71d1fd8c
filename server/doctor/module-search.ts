// Asks perl and python3 which modules they have: one process for each language.
// Promises: no module is loaded and nothing of the site is executed; the interpreters only look into their own folders.
import type { ByteString } from '../config/byte-string.ts';
import { environmentFor } from './compile-environment.ts';
import type { Survey } from './survey.ts';
import { ask } from './syntax.ts';

const TIMEOUT_SECONDS = 20;

// @INC, and what PERL5LIB adds; "." would be the folder of doctor.
const PERL = `
my @folders = grep { !ref && $_ ne '.' } @INC;
while (my $path = <STDIN>) {
  chomp $path;
  print "$path\\n" unless grep { -e "$_/$path" } @folders;
}`;

// find_spec of a name without dots loads nothing.
const PYTHON = `
import sys
from importlib.util import find_spec
sys.path = [folder for folder in sys.path if folder]
for name in sys.stdin.read().split():
    try:
        found = name in sys.builtin_module_names or find_spec(name) is not None
    except Exception:
        found = True
    if not found:
        print(name)
`;

/** Those of the paths ("CGI/Session.pm", "ctime.pl") that perl has in none of its folders; absent where perl gave no answer. */
export function missingFromPerl(paths: readonly ByteString[], program: ByteString, survey: Survey) {
  return missing({ program, args: ['-e', PERL], names: paths }, survey);
}

/** Those of the top-level modules that python does not find; absent where it gave no answer. */
export function missingFromPython(names: readonly ByteString[], program: ByteString, survey: Survey) {
  return missing({ program, args: ['-W', 'ignore', '-c', PYTHON], names }, survey);
}

interface Search {
  readonly program: ByteString;
  readonly args: readonly string[];
  readonly names: readonly ByteString[];
}

async function missing({ program, args, names }: Search, survey: Survey): Promise<ReadonlySet<ByteString> | undefined> {
  if (names.length === 0) return new Set();
  const input = names.map((name) => `${name}\n`).join('');
  const answer = await ask({
    program,
    args,
    input,
    environment: environmentFor(survey),
    sandbox: survey.sandbox,
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  if (answer.kind !== 'ended' || answer.code !== 0) return undefined;
  return new Set(answer.stdout.split('\n').filter((name) => name !== ''));
}
