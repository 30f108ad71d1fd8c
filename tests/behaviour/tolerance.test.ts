import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { type FileContent, sh, startSite } from '../support/start-site.ts';

const OUTPUT = 'print "Content-Type: text/plain\\n\\nran @ARGV\\n";';
const PERL = `${OUTPUT}\n`;
const SH = 'echo "Content-Type: text/plain"\necho\nif true; then\n  echo "ran $0"\nfi\n';
const PYTHON = 'print("Content-Type: text/plain")\nprint()\nif True:\n    print("ran")\n';
const windows = (text: string) => text.replaceAll('\n', '\r\n');

interface Defect {
  readonly file: string;
  readonly content: FileContent;
  /** Text of the warning, or none where it is no defect. */
  readonly warning?: RegExp;
  /** Cause of the failure when nothing is tolerated. */
  readonly strict?: string;
}

const DEFECTS: Readonly<Record<string, Defect>> = {
  'no execute bit': {
    file: 'x.cgi',
    content: { content: `#!/usr/bin/perl\n${PERL}`, mode: 0o644 },
    warning: /no execute bit.*chmod \+x /,
    strict: 'notExecutable',
  },
  'CR LF in a perl script': {
    file: 'x.cgi',
    content: windows(`#!/usr/bin/perl -w\nuse strict;\n${PERL}`),
    warning: /CR LF.*sed -i /,
    strict: 'shebangCarriageReturn',
  },
  'CR LF in a sh script': {
    file: 'x.cgi',
    content: windows(`#!/bin/sh\n${SH}`),
    warning: /CR LF/,
    strict: 'shebangCarriageReturn',
  },
  'CR LF in a python script': {
    file: 'x.cgi',
    content: windows(`#!/usr/bin/env python3\n${PYTHON}`),
    warning: /CR LF/,
    strict: 'shebangCarriageReturn',
  },
  'a byte order mark': {
    file: 'x.cgi',
    content: { content: Buffer.from(`\ufeff#!/bin/sh\n${SH}`), mode: 0o755 },
    warning: /byte order mark/,
    strict: 'shebangByteOrderMark',
  },
  'a Windows path': {
    file: 'x.cgi',
    content: `#!C:\\Perl\\bin\\perl.exe -w\n${PERL}`,
    warning: /not here.*cgi\.shebangs/,
    strict: 'interpreterMissing',
  },
  'a Windows path with slashes': {
    file: 'x.cgi',
    content: `#!C:/Perl/bin/perl.exe\n${PERL}`,
    warning: /not here/,
    strict: 'interpreterMissing',
  },
  'a quoted Windows path': {
    file: 'x.cgi',
    content: `#!"C:\\Program Files\\Perl\\perl.exe" -w\n${PERL}`,
    warning: /not here/,
    strict: 'interpreterMissing',
  },
  'a path of another system': {
    file: 'x.cgi',
    content: `#!/opt/none/bin/perl5.005 -w\n${PERL}`,
    warning: /not here/,
    strict: 'interpreterMissing',
  },
  'an old python by name': {
    file: 'x.cgi',
    content: `#!/usr/bin/python1.5\n${PYTHON}`,
    warning: /not here/,
    strict: 'interpreterMissing',
  },
  'an env that does not know the name': {
    file: 'x.cgi',
    content: `#!/usr/bin/env perl5.8.8\n${PERL}`,
    warning: /not here/,
    strict: 'interpreterMissing',
  },
  'no #! line in an executable text': {
    file: 'x',
    content: { content: SH, mode: 0o755 },
    warning: /no #! line.*1i #!\/bin\/sh/,
    strict: 'shebangMissing',
  },
  'all at once': {
    file: 'x.cgi',
    content: { content: windows(`\ufeff#!/opt/none/perl -w --\n${PERL}`), mode: 0o644 },
    warning: /execute bit/,
    strict: 'notExecutable',
  },
  'no #! line in a known extension, which is no defect': { file: 'x.py', content: { content: PYTHON, mode: 0o644 } },
};

async function site(t: TestContext, { file, content }: Defect, isStrict = false) {
  return startSite(t, { [`cgi-bin/${file}`]: content }, isStrict ? { cgi: { tolerate: [] } } : {});
}

for (const [name, defect] of Object.entries(DEFECTS)) {
  describe(`a script with ${name}`, () => {
    it('runs, with one warning that names file and mend', async (t) => {
      const { get, warnings, folder } = await site(t, defect);
      for (let round = 0; round < 2; round += 1) {
        const response = await get(`/cgi-bin/${defect.file}`);
        assert.match(await response.text(), /^ran\b/);
        assert.equal(response.status, 200);
      }
      const own = warnings.filter((warning) => defect.warning?.test(warning));
      assert.equal(own.length, defect.warning === undefined ? 0 : 1, warnings.join('\n'));
      assert.ok(warnings.every((warning) => warning.startsWith(`${folder}/cgi-bin/${defect.file}: `)));
    });

    it(`${defect.strict === undefined ? 'runs' : 'fails with its cause'} where nothing is tolerated`, async (t) => {
      const { get, logged } = await site(t, defect, true);
      assert.equal((await get(`/cgi-bin/${defect.file}`)).status, defect.strict === undefined ? 200 : 500);
      assert.equal((await logged(`/cgi-bin/${defect.file}`)).cause, defect.strict ?? null);
    });
  });
}

describe('a tolerated script', () => {
  it('keeps the switches of its #! line', async (t) => {
    const taint = windows('#!/opt/none/perl -wT --\nprint "Content-Type: text/plain\\n\\n${^TAINT} $^W";\n');
    const { get } = await site(t, { file: 'x.cgi', content: taint });
    assert.equal(await (await get('/cgi-bin/x.cgi')).text(), '1 1');
  });

  it('keeps $0, its body and its arguments when a shell gets it without CR', async (t) => {
    const script = windows('#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n"\necho "$0 $1"\ncat\n');
    const { get, folder } = await site(t, { file: 'x.sh', content: script });
    const response = await get('/cgi-bin/x.sh', { method: 'POST', body: 'the\r\nbody' });
    assert.equal(await response.text(), `${folder}/cgi-bin/x.sh \nthe\r\nbody`);
    assert.equal(await (await get('/cgi-bin/x.sh?word')).text(), `${folder}/cgi-bin/x.sh word\n`);
  });

  it('runs as it is where a shell could not get it in an argument: above 128 KiB', async (t) => {
    const line = `printf "Content-Type: text/plain\\n\\nran" #\n#${'x'.repeat(130 * 1024)}\n`;
    const { get } = await site(t, { file: 'x.sh', content: windows(`#!/bin/sh\n${line}`) });
    assert.equal(await (await get('/cgi-bin/x.sh')).text(), 'ran');
  });
});

// xymon (Debian) ships its programs, written in C, as svcstatus.sh, showgraph.sh …
describe('a compiled program with the extension of a script', { skip: process.platform !== 'linux' }, () => {
  const cat = readFileSync('/bin/cat');
  const answer = 'Content-Type: text/plain\n\nran\n';

  it('is executed, and not given to the interpreter of its extension', async (t) => {
    const { get, warnings } = await startSite(t, {
      'cgi-bin/x.sh': { content: cat, mode: 0o755 },
      'public/x.pl': { content: cat, mode: 0o755 },
      'cgi-bin/answer': answer,
      'public/answer': answer,
    });
    for (const path of ['/cgi-bin/x.sh', '/x.pl']) {
      const response = await get(`${path}?answer`);
      assert.equal(await response.text(), 'ran\n');
      assert.equal(response.headers.get('content-type'), 'text/plain');
    }
    assert.deepEqual(warnings, []);
  });

  it('fails with a page that names the loader, where that is of another system', async (t) => {
    const old = cat
      .toString('latin1')
      .replace(/\/lib\S*?\/ld-linux[\w.-]*/, (loader) => '/lib/ld-none.so'.padEnd(loader.length, '\0'));
    const { get, logged } = await startSite(t, { 'cgi-bin/x': { content: Buffer.from(old, 'latin1'), mode: 0o755 } });
    assert.match(
      await (await get('/cgi-bin/x')).text(),
      /could not be started: ENOENT\n\n.*whose loader .* is not here/,
    );
    assert.equal((await logged('/cgi-bin/x')).cause, 'couldNotStart');
  });

  it('fails for its missing execute bit, which no interpreter replaces', async (t) => {
    const { get, logged } = await startSite(t, { 'cgi-bin/x.pl': { content: cat, mode: 0o644 } });
    const response = await get('/cgi-bin/x.pl');
    assert.equal(response.status, 500);
    assert.match(await response.text(), /chmod \+x /);
    assert.equal((await logged('/cgi-bin/x.pl')).cause, 'notExecutable');
  });
});

describe('perlDotInc', () => {
  const files = {
    'cgi-bin/x.pl': '#!/usr/bin/perl\nrequire "lib.pl"; print "Content-Type: text/plain\\n\\n", told();',
    'cgi-bin/lib.pl': { content: 'sub told { "told" } 1;', mode: 0o644 },
  };

  it('lets require find a file of the script’s own folder', async (t) => {
    const { get } = await startSite(t, files);
    assert.equal(await (await get('/cgi-bin/x.pl')).text(), 'told');
  });

  it('is off in strict mode, and the page says what to write', async (t) => {
    const { get } = await startSite(t, files, { cgi: { tolerate: [] } });
    const response = await get('/cgi-bin/x.pl');
    assert.equal(response.status, 500);
    assert.match(await response.text(), /@INC/);
  });
});

// Scripts of PHP 3 and 4 begin with "#!/usr/local/bin/php": the CGI program, which had that name then.
describe('a #! line that names PHP', () => {
  const php = (name: string) => sh`printf 'Content-Type: text/plain\n\n'; echo "${name} $REDIRECT_STATUS $# $1"`;
  const files = { 'bin/php-cgi': php('php-cgi'), 'bin/php': php('php') };
  const environment = { PATH: '${SITE}/bin:/usr/bin:/bin' };

  it('means php-cgi where it names one that is not here', async (t) => {
    const { get, folder } = await startSite(
      t,
      { ...files, 'public/x.php': '#!/opt/none/php -q\n<?php' },
      { cgi: { environment } },
    );
    assert.equal(await (await get('/x.php?a=1')).text(), 'php-cgi 200 2 -q\n', folder);
  });

  it('gives php-cgi the variable without which it refuses to run', async (t) => {
    const { get, folder } = await startSite(
      t,
      { ...files, 'public/x.php': '#!/usr/bin/env php-cgi\n<?php' },
      { cgi: { environment } },
    );
    assert.equal(await (await get('/x.php?a=1')).text(), `php-cgi 200 1 ${folder}/public/x.php\n`);
  });
});

describe('cgi.shebangs and perScript.interpreter', () => {
  it('replace the program of a #! line without a warning', async (t) => {
    const script = `#!/opt/perl4/bin/perl -w\n${PERL}`;
    const { get, warnings } = await startSite(
      t,
      { 'cgi-bin/x': script },
      { cgi: { shebangs: { '/opt/perl4/bin/perl': 'perl' } } },
    );
    assert.equal(await (await get('/cgi-bin/x')).text(), 'ran \n');
    assert.deepEqual(warnings, []);
  });

  it('run a script with the named program', async (t) => {
    const perScript = { '/cgi-bin/x.txt': { interpreter: 'perl' } };
    const { get } = await startSite(
      t,
      { 'cgi-bin/x.txt': { content: `#!/bin/false\n${PERL}`, mode: 0o755 } },
      { cgi: { perScript } },
    );
    assert.equal((await get('/cgi-bin/x.txt')).status, 500, 'perl itself obeys a #! line that names another program');
    const python = { '/cgi-bin/x.txt': { interpreter: 'python3' } };
    const other = await startSite(
      t,
      { 'cgi-bin/x.txt': { content: `#!/bin/false\n${PYTHON}`, mode: 0o755 } },
      { cgi: { perScript: python } },
    );
    assert.equal(await (await other.get('/cgi-bin/x.txt')).text(), 'ran\n');
  });

  it('fail with a page that names a program that is not there', async (t) => {
    const { get, logged } = await startSite(
      t,
      { 'cgi-bin/x.zz': { content: 'x', mode: 0o644 } },
      { cgi: { interpreters: { '.zz': 'no-such-zz' } } },
    );
    assert.match(await (await get('/cgi-bin/x.zz')).text(), /no-such-zz/);
    assert.equal((await logged('/cgi-bin/x.zz')).cause, 'interpreterMissing');
  });
});
