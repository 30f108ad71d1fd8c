// The entry of perScript that doctor gives for Python 2, as it stands in a cgibox.yaml.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examineFolder, siteFolder } from './examined.ts';

const TEXT = '#!/usr/bin/env python3\nimport urllib\nx = urllib.quote("a b")\n';
const PERL = '#!/usr/bin/perl\nprint 1;\n';

describe('perScript for Python 2', () => {
  for (const names of [
    ['five.cgi'],
    ['old.py'],
    ['a.py', 'sub/b.py', 'five.cgi', 'six.cgi'],
    ['a [1] {b}(c)!.cgi', 'caf\xc3\xa9 "x".cgi', 'esc\x1b[31m.cgi', 'back\\slash\xe2\x80\xae.cgi'],
  ]) {
    it(`is for ${names.join(', ')}`, async (t) => {
      const files = Object.fromEntries(names.map((name) => [`cgi-bin/${name}`, TEXT]));
      const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/other.cgi': PERL, ...files });
      const [found] = (await examineFolder(folder)).findings;
      assert.equal(found?.id, 'python2-name');
      const lines = found.mend.at(-1)?.split('\n').slice(2) ?? [];
      const yaml = ['site: { root: ., documentRoot: . }', 'cgi:', ...lines].join('\n');
      writeFileSync(join(folder, 'cgibox.yaml'), yaml);
      const { findings } = await examineFolder(folder);
      const [missing] = findings;
      if (missing === undefined) return;
      assert.deepEqual(
        [findings.map(({ id }) => id), missing.title, missing.places.length],
        [['interpreter-missing'], 'The interpreter python2 is not here', names.length],
      );
    });
  }

  it('is for one file alone, and for the extension of several', async (t) => {
    const entries = async (names: readonly string[]) => {
      const files = Object.fromEntries(names.map((name) => [`cgi-bin/${name}`, TEXT]));
      const [found] = (await examineFolder(siteFolder(t, { 'index.html': '', ...files }))).findings;
      return found?.mend.at(-1)?.match(/"[^"]*"/g);
    };
    assert.deepEqual(await entries(['old.py']), ['"cgi-bin/old.py"']);
    assert.deepEqual(await entries(['five.cgi']), ['"cgi-bin/five.cgi"']);
    assert.deepEqual(await entries(['a.py', 'b.py', 'x.cgi']), ['"**/*.py"', '"cgi-bin/x.cgi"']);
  });
});

describe('what fissix leaves of Python 2', () => {
  for (const [id, text] of [
    ['python2-module', 'from email.MIMEText import MIMEText\nfrom email import Encoders\nimport email.Utils\n'],
    ['python2-name', 'import time\nx = time.clock()\n'],
  ] as const) {
    it(`is mended by what is printed first: ${JSON.stringify(text)}`, async (t) => {
      const file = 'cgi-bin/x.py';
      const folder = siteFolder(t, { 'index.html': '', [file]: `#!/usr/bin/env python3\n${text}` });
      const [found] = (await examineFolder(folder)).findings;
      assert.equal(found?.id, id);
      const [mend = ''] = found.mend;
      if (mend.startsWith('sed ')) execFileSync('sh', ['-ec', mend], { cwd: folder });
      else writeFileSync(join(folder, file), `#!/usr/bin/env python3\n${mend}\n${text}`);
      assert.deepEqual((await examineFolder(folder)).findings, []);
      execFileSync('python3', [join(folder, file)]);
    });
  }

  it('is told of cgi.escape, which went later', async (t) => {
    const text = '#!/usr/bin/env python3\nimport cgi\nprint(cgi.escape("<"))\n';
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.py': text }));
    const found = findings.find(({ id }) => id === 'python2-name');
    assert.equal(found?.title, 'Python 3 has no cgi.escape any more');
    assert.match(found.mend[0] ?? '', /^import cgi, html; cgi\.escape = html\.escape /);
  });

  it('is one finding for what only Python itself sees', async (t) => {
    const text = 'try: pass\nexcept (\n  IOError, OSError), e: pass\n';
    const files = { 'cgi-bin/a.py': text, 'cgi-bin/b.py': text, 'cgi-bin/c.py': 'print "a"\n' };
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', ...files }));
    const syntax = findings.filter(({ id }) => !/shebang|executable/.test(id));
    assert.deepEqual(
      syntax.map(({ id, places }) => [id, places.length]),
      [['python2-syntax', 3]],
    );
  });
});
