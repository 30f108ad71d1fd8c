// Python source that is not in UTF-8 (PEP 263), in a string and where compile() does not look: in a comment.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder } from './examined.ts';

const PYTHON = '#!/usr/bin/env python3\n';
const EUC_JP = '\xa5\xb5\xa5\xa4\xa5\xc8';

describe('the encoding of Python source', () => {
  for (const [what, text, encoding] of [
    ['in a comment', '# (c) 2003 J\xf6rg\nprint("ok")\n', 'iso-8859-1'],
    ['in a comment at the end', 'print("ok")\n\n# J\xf6rg', 'iso-8859-1'],
    ['in a string', 'x = "caf\xe9"\nprint("ok")\n', 'iso-8859-1'],
    ['as the page says', `# ${EUC_JP}\ntype = "text/html; charset=EUC-JP"\nprint("ok")\n`, 'euc-jp'],
    ['as the page does not say', '# J\xf6rg\ntype = "text/html; charset=utf-8"\nprint("ok")\n', 'iso-8859-1'],
    ['declared wrongly', '# -*- coding: utf-8 -*-\nx = "caf\xe9"\nprint("ok")\n', 'iso-8859-1'],
    ['declared for vim', '# vim: set fileencoding=x-sjis :\nx = "caf\xe9"\nprint("ok")\n', 'iso-8859-1'],
  ] as const) {
    it(`is missed and mended: ${what}`, async (t) => {
      const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.py': PYTHON + text });
      const { findings } = await examineFolder(folder);
      const isWrong = what.startsWith('declared');
      assert.deepEqual(
        findings.map(({ id }) => id),
        [isWrong ? 'python-source-encoding-wrong' : 'python-source-encoding'],
      );
      const [mend = ''] = findings[0]?.mend ?? [];
      assert.ok(mend.includes(encoding), mend);
      execFileSync('sh', ['-ec', mend], { cwd: folder });
      assert.deepEqual((await examineFolder(folder)).findings, []);
      const { stdout } = spawnSync('python3', [join(folder, 'cgi-bin/x.py')], { encoding: 'utf8' });
      assert.equal(stdout, 'ok\n');
    });
  }

  it('is mended where the file has no #! line', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.py': 'import os\n# J\xf6rg\n' });
    const found = await examineFolder(folder);
    const { mend = [] } = found.findings.find(({ id }) => id === 'python-source-encoding') ?? {};
    execFileSync('sh', ['-ec', mend[0] ?? 'false'], { cwd: folder });
    execFileSync('python3', [join(folder, 'cgi-bin/x.py')]);
  });

  for (const text of [
    '# -*- coding: latin-1 -*-\n# J\xf6rg\n',
    '# -*- coding: utf-8 -*-\n# J\xf6rg\n',
    '\n# J\xc3\xb6rg\n',
  ]) {
    it(`is no matter where Python reads ${JSON.stringify(text)}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.py': PYTHON + text }), []);
    });
  }
});
