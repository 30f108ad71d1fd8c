// What sh -n refuses and is no fault: text that the shell hands over with the script, or that is written for bash.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingsIn } from './examined.ts';

describe('the syntax of a shell script that hands itself to another program', () => {
  for (const [name, text] of [
    ['x.pl', `eval 'exec perl -x -wS $0 \${1+"$@"}'\n    if 0;\nprint "a";\n`],
    ['x.pl', `eval '(exit $?0)' && eval 'exec perl -wxS $0 \${1+"$@"}'\n  if 0;\nprint "a";\n`],
    ['x.cgi', 'exec perl -x "$0" "$@"\n#!perl -w\nforeach $i (1..3) { print "$i\\n" if ($i > 1); }\n'],
    ['x.sh', '"exec" "python3" "$0" "$@"\nprint("a")\ndef f(x):\n    return x\n'],
    ['x.cgi', `''':'\nexec python3 "$0" "$@"\n'''\nprint("a")\n`],
    ['x.cgi', `'''exec' "/usr/bin/python3" "$0" "$@"\n' '''\nprint("it's")\n`],
    ['x.cgi', "exec tail -n +3 $0\nContent-type: text/html\n\n<html><body>It's a (static) page & more</body></html>\n"],
    ['x.cgi', '# the next line restarts using tclsh \\\nexec tclsh "$0" ${1+"$@"}\nputs {(}\nif {1} { puts "a" }\n'],
  ] as const)
    it(`ends with that line: ${text.split('\n', 2).join('↵')}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { [`cgi-bin/${name}`]: `#!/bin/sh\n${text}` }), []);
    });

  for (const text of [
    'if true; then\nexec perl -x "$0"\n',
    'fi\nexec perl -x "$0"\nprint "a";\n',
    'exec 3< "$0"\nif true; then\n',
    'exec perl -x other.pl\nif true; then\n',
    'cat <<END\nexec perl -x "$0"\nEND\nif true; then\n',
  ])
    it(`is that of the shell where it does not, or not yet: ${text.replaceAll('\n', '↵')}`, async (t) => {
      assert.match((await findingsIn(t, { 'cgi-bin/x.cgi': `#!/bin/sh\n${text}` })).join(), /^error shell-syntax /);
    });
});
