// What sh -n refuses and is no fault: text that the shell hands over with the script, or that is written for bash.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder, told } from './examined.ts';

const isShBash = spawnSync('sh', ['-c', 'x=(a b)']).status === 0;

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

describe('the syntax of bash under #!/bin/sh', { skip: isShBash && 'sh is bash here' }, () => {
  it('is told as such, and mended by one command for all', async (t) => {
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/a.sh': '#!/bin/sh\nx=(a b)\necho "${x[1]}"\n',
      'cgi-bin/b.sh': '#!/bin/sh\necho\ncat <(echo)\n',
      'cgi-bin/c.sh': '#!/bin/sh\nx=(a b\n',
    });
    const examination = await examineFolder(folder);
    assert.deepEqual(told(examination), [
      'error shell-syntax cgi-bin/a.sh:2 cgi-bin/b.sh:3',
      'error shell-syntax cgi-bin/c.sh:2',
    ]);
    const [found] = examination.findings;
    assert.match(found?.title ?? '', /written for bash, and sh runs it/);
    assert.deepEqual(found?.mend, ["sed -i '1s|^#!.*|#!/bin/bash|' cgi-bin/a.sh cgi-bin/b.sh"]);
    spawnSync('sh', ['-c', found?.mend[0] ?? ''], { cwd: folder });
    assert.deepEqual(told(await examineFolder(folder)), ['error shell-syntax cgi-bin/c.sh:2']);
  });
});
