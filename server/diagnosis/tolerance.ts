// What is said, once for each file, of a defect that cgibox worked around (`cgi.tolerate`): the file, and the mend.
import { type ByteString, textOfBytes } from '../config/byte-string.ts';
import type { Tolerance } from '../config/schema.ts';
import { shellQuote } from './shell-quote.ts';

/** One line for the operator. `scriptFile` is an absolute path. */
export function toleranceWarning(tolerance: Tolerance, scriptFile: ByteString): string {
  const file = shellQuote(scriptFile);
  const [what, mend] = ADVICE[tolerance](file);
  return `${textOfBytes(scriptFile)}: ${what}; run all the same. Mend: ${mend}`;
}

type Advice = (file: string) => readonly [what: string, mend: string];

const ADVICE: Readonly<Record<Tolerance, Advice>> = {
  notExecutable: (file) => ['it has no execute bit', `chmod +x ${file}`],
  crlfShebang: (file) => [
    'its #! line ends in CR LF or follows a byte order mark',
    `sed -i -e '1s/^\\xEF\\xBB\\xBF//' -e 's/\\r$//' ${file}`,
  ],
  missingShebang: (file) => ['it has no #! line and was given to sh', `sed -i '1i #!/bin/sh' ${file}`],
  foreignShebang: (file) => [
    'the program of its #! line is not here, another of the same language is',
    `sed -i '1s|^#!.*|#!/usr/bin/env NAME|' ${file}   # NAME: perl, python3 …; or cgi.shebangs in the configuration`,
  ],
  perlDotInc: (file) => ['it loads files from its own folder by name', `sed -i 's|require "|require "./|' ${file}`],
};
