// doctor in the image: the sandbox of `perl -c` asks for no capability, so that it holds in a container that has none.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { describeImage } from './image-under-test.ts';
import { siteFolder } from './site-folder.ts';

const perl = (code: string) => `#!/usr/bin/perl\nBEGIN { ${code} }\nprint 1;\n`;
const HOSTILE = {
  'index.html': '',
  'data/guest.dat': 'Ada',
  'cgi-bin/harm.pl': perl('chdir "../data"; unlink "guest.dat"; open(F, ">new"); mkdir "d"; chmod 0777, "guest.dat"'),
  'cgi-bin/net.pl': perl('socket(S, 2, 1, 0) or die "no socket"'),
  'cgi-bin/wrong.pl': '#!/usr/bin/perl\nprint 1 1;\n',
};
const LOCKED = ['--cap-drop=ALL', '--security-opt=no-new-privileges'];

await describeImage('doctor', (image) => {
  describe('hostile BEGIN blocks', () => {
    for (const [who, options] of [
      ['as the user of the image', []],
      ['without capabilities', LOCKED],
      ['without capabilities, on a read-only root, as anybody', [...LOCKED, '--read-only', '--user=4711:4711']],
      ['as root, as compose does', [...LOCKED, '--user=0:0', '--cap-add=SETUID', '--cap-add=SETGID', '--cap-add=KILL']],
    ] as const) {
      it(`do no harm ${who}`, async (t) => {
        const folder = siteFolder(t, HOSTILE);
        const { exitCode, stdout, stderr } = await image.runOnce(
          [...options, '-v', `${folder}:/site`],
          'doctor',
          '--json',
        );
        assert.equal(exitCode, 1, stderr);
        const report = JSON.parse(stdout) as {
          ranOpen: boolean;
          findings: { id: string; places: { file: string }[] }[];
        };
        assert.equal(report.ranOpen, false);
        const found = report.findings.map(({ id, places }) => `${id} ${places[0]?.file}`);
        assert.deepEqual(
          found.filter((line) => !/^not-writable/.test(line)),
          ['perl-syntax cgi-bin/wrong.pl', 'compile-stopped cgi-bin/net.pl'],
        );
        assert.deepEqual(readdirSync(join(folder, 'data')), ['guest.dat']);
      });
    }
  });
});
