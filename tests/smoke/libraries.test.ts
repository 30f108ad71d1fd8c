// Libraries that old sites keep beside their scripts: which file a loading statement means.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadedFiles } from '../../server/smoke/libraries.ts';
import { HELLO, siteFolder, smokeJson } from './smoking.ts';

describe('a library', () => {
  for (const [what, files, expected] of [
    [
      'of Python, loaded by a script whose #! line names it',
      { 'cgi-bin/four.cgi': '#!/usr/bin/python3\nimport sys\nimport tools\n', 'cgi-bin/tools.py': 'name = 1\n' },
      { 'cgi-bin/tools.py': 'cgi-bin/four.cgi' },
    ],
    [
      'beside each of its loaders, under one name',
      {
        'cgi-bin/a.cgi': '#!/usr/bin/perl\nrequire "./lib.pl";\n',
        'cgi-bin/lib.pl': '1;\n',
        'public/scripts/a.cgi': '#!/usr/bin/perl\nrequire "./lib.pl";\n',
        'public/scripts/lib.pl': '1;\n',
      },
      { 'cgi-bin/lib.pl': 'cgi-bin/a.cgi', 'public/scripts/lib.pl': 'public/scripts/a.cgi' },
    ],
    [
      'in a folder that the loader names, not the one beside it',
      {
        'cgi-bin/a.cgi': '#!/usr/bin/perl\nrequire "lib/conf.pl";\n',
        'cgi-bin/conf.pl': '1;\n',
        'cgi-bin/lib/conf.pl': '1;\n',
      },
      { 'cgi-bin/lib/conf.pl': 'cgi-bin/a.cgi' },
    ],
    [
      'anywhere, where the loader does not say',
      {
        'cgi-bin/a.cgi': '#!/usr/bin/perl\nrequire "$lib/x.pl";\n',
        'cgi-bin/b/x.pl': '1;\n',
        'cgi-bin/c/x.pl': '1;\n',
      },
      { 'cgi-bin/b/x.pl': 'cgi-bin/a.cgi', 'cgi-bin/c/x.pl': 'cgi-bin/a.cgi' },
    ],
  ] as const) {
    it(`is found ${what}`, (t) => {
      const folder = siteFolder(t, files);
      const absolute = (name: string) => join(folder, name);
      const found = loadedFiles(Object.keys(files).map(absolute));
      assert.deepEqual(
        Object.fromEntries(found),
        Object.fromEntries(Object.entries(expected).map((pair) => pair.map(absolute))),
      );
    });
  }

  it('is skipped beside a script of the same name elsewhere', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/a.cgi': `${HELLO}. ./lib.sh\n`,
      'cgi-bin/lib.sh': '',
      'public/lib.sh': HELLO,
    });
    const { code, results } = await smokeJson(t, folder);
    assert.equal(code, 0);
    assert.deepEqual(
      results.map(({ url, skipped }) => [url, skipped]),
      [
        ['/cgi-bin/a.cgi', null],
        ['/cgi-bin/lib.sh', 'a library: cgi-bin/a.cgi loads it'],
        ['/lib.sh', null],
      ],
    );
  });
});
