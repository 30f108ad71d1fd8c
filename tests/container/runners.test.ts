// How the image runs scripts: warm on its own Python 3.13, and where the container's memory is used up.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { describeImage } from './image-under-test.ts';
import { siteFolder } from './site-folder.ts';

const HEADER = 'print("Content-Type: text/plain\\n")\n';

await describeImage('scripts in the image', (image) => {
  it('run warm on Python 3.13, whatever lies beside them', async (t) => {
    const site = siteFolder(t, {
      'cgibox.yaml': 'cgi: { warm: [python3] }\n',
      'cgi-bin/abc.py': `#!/usr/bin/python3\nimport cgi, cgitb, html\nimport collections.abc\n${HEADER}print(collections.abc.Sequence)\n`,
      'cgi-bin/cgi.pl': '',
      'cgi-bin/html/index.html': '',
    });
    const container = await image.start(t, ['-v', `${site}:/site`]);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      assert.equal(await container.text('/cgi-bin/abc.py'), "<class 'collections.abc.Sequence'>\n");
      await wait(700);
    }
    assert.match(await container.logs(), /"runner":"warm"/);
  });

  it('are ended where memory is used up, and the server is not', async (t) => {
    const site = siteFolder(t, {
      'cgi-bin/large.pl':
        '#!/usr/bin/perl\nmy $x = "x" x 60_000_000; sleep 2; print "Content-Type: text/plain\\n\\nlarge\\n";\n',
      'cgi-bin/small.pl': '#!/usr/bin/perl\nprint "Content-Type: text/plain\\n\\nsmall\\n";\n',
    });
    const container = await image.start(t, ['--memory', '512m', '--memory-swap', '512m', '-v', `${site}:/site`]);
    const answers = await Promise.all(Array.from({ length: 16 }, () => container.get('/cgi-bin/large.pl')));
    assert.ok(answers.some(({ status }) => status === 500));
    assert.equal(await container.text('/cgi-bin/small.pl'), 'small\n');
  });
});
