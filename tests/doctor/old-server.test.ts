// What the old server had: its folders, its programs, its links and its .htaccess.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder, told } from './examined.ts';

const PERL = '#!/usr/bin/perl\n';

describe('absolute paths', () => {
  for (const [code, expected] of [
    ['$dir = "/home/joe1998/data"; open(F, "/home/joe1998/x.txt");', ['warning path-missing cgi-bin/x.pl:2']],
    ['$log = "/var/log/nothere-old-site/hits.log";', ['warning path-missing cgi-bin/x.pl:2']],
    ['$uuencode = "/usr/bin/uuencode-of-1998";', ['warning program-missing cgi-bin/x.pl:2']],
    ['open(M, "| /usr/ucb/mail-of-1998 joe");', ['warning program-missing cgi-bin/x.pl:2']],
    ['$mailer = "/usr/local/lib/sendmail -t";', ['warning sendmail-missing cgi-bin/x.pl:2']],
    ['$db = "C:\\\\inetpub\\\\data\\\\guest.mdb";', ['warning path-windows cgi-bin/x.pl:2']],
    ['print "%s:\\nSTDOUT", "n:\\xb6more", "y:\\right"; $s = "http://x"', []],
    ['print "x" if $t =~ /^d:\\d\\d/;', []],
    ['print "<a href=/home/index.html>", "http://example.org/usr/x/y.html";', []],
    ['$tmp = "/tmp/counter.txt"; $null = "/dev/null"; $p = "/usr/bin/perl"; $u = "/cgi-bin/x.pl";', []],
    ['$p = "/opt/old/x.cfg" if -e "/opt/old/x.cfg"; open(F, "/opt/old/x.cfg");', []],
    ['unless (-x \'/usr/bin/uuencode-of-1998\') { $uu = "" } else { $uu = "/usr/bin/uuencode-of-1998" }', []],
    ['$d = "C:/Program Files/Old Site/x.mdb";', ['warning path-windows cgi-bin/x.pl:2']],
    ['$f = $ENV{DOCUMENT_ROOT} . "/data/x.txt"; print qq{<img src="/usr/images/a/b.gif">};', []],
    ['next if m{^/usr/local/old-site/x} or $u eq "http://a/usr/x/y";', []],
    ['s/\\/usr\\/x\\/y//; # /home/joe1998/data', []],
  ] as const) {
    it(`${code} gives ${expected.join() || 'nothing'}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.pl': `${PERL}${code}\n` }), expected);
    });
  }

  it('are one finding for one folder that is not here', async (t) => {
    const code = ['a', 'b', 'c'].map((name) => `$${name} = "/home/joe1998/${name}/x.txt";`).join('\n');
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': `${PERL}${code}\n` }));
    assert.deepEqual(
      findings.map(({ title, places }) => [title, places.length]),
      [['/home/joe1998 is not here', 3]],
    );
  });
});

describe('files that scripts write', () => {
  for (const [name, text] of [
    ['x.pl', `${PERL}$file = "data/book.txt";\nopen(F, ">>$file");\n`],
    ['x.pl', `${PERL}open(my $f, '>', 'data/book.txt');\n`],
    ['x.py', '#!/usr/bin/env python3\nf = open("data/book.txt", "a")\n'],
    ['x.sh', '#!/bin/sh\necho x >> data/book.txt\n'],
  ] as const) {
    it(`need their folder: ${text.split('\n').slice(1).join('↵')}`, async (t) => {
      const [finding] = await findingsIn(t, { [`cgi-bin/${name}`]: text });
      assert.match(finding ?? '', /^warning data-folder-missing cgi-bin\/x\.\w\w:[23]$/);
      assert.deepEqual(await findingsIn(t, { [`cgi-bin/${name}`]: text, 'cgi-bin/data/old.txt': '' }), []);
    });
  }
});

describe('what looks like writing in sh', () => {
  for (const line of [
    'echo "a > b/c.txt"',
    'awk \'{ print > "out/x" }\' /dev/null',
    'if [[ a/b > c/d ]]; then :; fi',
    'cat <<EOF\n<a href="/usr/nothing/x/y.html">x</a> > none/x.txt\nEOF',
    'cat <<-"END IT"\n\techo x >> none/x.txt\n\tEND IT',
    'x=$((1<<n)); echo x 2>&1',
  ]) {
    it(`is none: ${line.replaceAll('\n', '↵')}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.sh': `#!/bin/bash\n${line}\n` }), []);
    });
  }

  it('is writing behind a here-document, and to a name in quotes', async (t) => {
    const text = '#!/bin/sh\ncat <<EOF\nx\nEOF\necho x > "data/book.txt"\n';
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.sh': text }), ['warning data-folder-missing cgi-bin/x.sh:5']);
  });
});

describe('files of another folder', () => {
  for (const [name, text] of [
    ['x.pl', `${PERL}chdir "/tmp" or die;\nopen(F, ">>data/book.txt");\n`],
    ['x.py', '#!/usr/bin/env python3\nimport os\nos.chdir("/tmp")\nf = open("data/book.txt", "a")\n'],
    ['x.sh', '#!/bin/sh\ncd /tmp || exit 1\necho x >> data/book.txt\n'],
  ] as const) {
    it(`are not looked for beside ${name}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { [`cgi-bin/${name}`]: text }), []);
    });
  }
});

describe('symbolic links', () => {
  it('are told where they lead out, or nowhere', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': `${PERL}print 1;\n` });
    symlinkSync('/etc/passwd', join(folder, 'users.txt'));
    symlinkSync('gone.html', join(folder, 'old.html'));
    symlinkSync('index.html', join(folder, 'start.html'));
    assert.deepEqual(told(await examineFolder(folder)), [
      'warning link-dangling old.html',
      'warning link-outside users.txt',
    ]);
  });
});

describe('.htaccess', () => {
  it('is told for what has no effect, once for each cause', async (t) => {
    const { findings } = await examineFolder(
      siteFolder(t, {
        'index.html': '',
        'a/.htaccess': 'AuthType Basic\nAuthName "x"\nRequire valid-user\n',
        'a b/.htaccess': 'AuthType Basic\n',
        'b/.htaccess': 'Deny from all\n',
        'c/.htaccess': '# nothing\nRedirect /old /new\nAddHandler cgi-script .foo\nOptions +ExecCGI\n',
      }),
    );
    const told = findings.map(({ title, places, mend }) => [title, places.map(({ line }) => line), mend.at(-1)]);
    assert.deepEqual(told, [
      [
        'Nobody is asked for the password of a .htaccess',
        [1],
        '# cgibox.yaml\nsite:\n  deny: ["/a b/**"]   # closes it to everybody',
      ],
      [
        'Nobody is asked for the password of a .htaccess',
        [1, 2, 3],
        '# cgibox.yaml\nsite:\n  deny: ["/a/**"]   # closes it to everybody',
      ],
      ['redirect in .htaccess has no effect here', [2], 'grep -inF -e redirect c/.htaccess'],
      [
        'Handlers, types and options of a .htaccess have no effect here',
        [3, 4],
        '# cgibox.yaml\ncgi:\n  addHandler: [.cgi, .pl, .py, .sh]',
      ],
    ]);
  });
});
