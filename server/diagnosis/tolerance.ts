// What is said, once for each file, of a defect that cgibox worked around (`cgi.tolerate`): the file, and the mend.
import type { ByteString } from '../config/byte-string.ts';
import type { Tolerance } from '../config/schema.ts';
import { shellQuote } from './shell-quote.ts';
import { visibleLine } from './visible-text.ts';

/** One line for the operator. `scriptFile` and the `program` that ran it all the same are absolute paths. */
export function toleranceWarning(tolerance: Tolerance, scriptFile: ByteString, program: ByteString): string {
  const [what, mend] = ADVICE[tolerance](shellQuote(scriptFile), program);
  return `${visibleLine(scriptFile)}: ${what}; run all the same. Mend: ${mend}`;
}

type Advice = (file: string, program: ByteString) => readonly [what: string, mend: string];

/** The program of a #! line, with the env before it: what is behind, a switch for taint checks say, stays. */
const PROGRAM = '^#![[:blank:]]*\\([^[:blank:]]*/env[[:blank:]][[:blank:]]*\\)\\{0,1\\}[^[:blank:]]*';

const ADVICE: Readonly<Record<Tolerance, Advice>> = {
  notExecutable: (file) => ['it has no execute bit', `chmod +x ${file}`],
  crlfShebang: (file) => [
    'its #! line ends in CR LF or follows a byte order mark',
    `sed -i -e '1s/^\\xEF\\xBB\\xBF//' -e 's/\\r$//' ${file}`,
  ],
  missingShebang: (file) => ['it has no #! line and was given to sh', `sed -i '1i #!/bin/sh' ${file}`],
  foreignShebang: (file, program) => [
    `the program of its #! line is not here, ${visibleLine(program, 200)} is`,
    `sed -i ${shellQuote(`1s|${PROGRAM}|#!${program}|`)} ${file}   # or cgi.shebangs in the configuration`,
  ],
  perlDotInc: (file) => ['it loads files from its own folder by name', `sed -i 's|require "|require "./|' ${file}`],
};
