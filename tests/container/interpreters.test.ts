// The interpreters and modules of the image: each is used by a real script, asked over HTTP.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeImage } from './image-under-test.ts';
import { PERL_MODULES, PYTHON_MODULES } from './modules.ts';
import { shellScript, siteFolder } from './site-folder.ts';

const HEADER = String.raw`print "Content-Type: text/plain\n\n";`;
const files: Record<string, string> = {
  'cgi-bin/sh': shellScript('echo sh works'),
  'cgi-bin/bash': '#!/bin/bash\necho "Content-Type: text/plain"; echo; words=(bash works); echo "${words[@]}"\n',
  'cgi-bin/tcsh': '#!/bin/tcsh\necho "Content-Type: text/plain"\necho ""\nset words = (tcsh works)\necho $words\n',
  'cgi-bin/csh': '#!/bin/csh -f\necho "Content-Type: text/plain"\necho ""\nset words = (csh works)\necho $words\n',
  'cgi-bin/perl': `#!/usr/bin/perl\n${HEADER} printf "%vd", $^V;\n`,
  'cgi-bin/python3': '#!/usr/bin/python3\nimport sys\nprint("Content-Type: text/plain\\n")\nprint(sys.version)\n',
  'cgi-bin/environment': shellScript('env'),
  'cgi-bin/locale-files': `#!/usr/bin/perl\n${HEADER} open M, "/proc/self/maps"; print grep { s{.* (/.*/locale/)}{$1} } <M>;\n`,
  'cgi-bin/old/main.pl': `#!/usr/local/bin/perl\nrequire "lib.pl"; ${HEADER} print greeting();\n`,
  'cgi-bin/old/lib.pl': 'sub greeting { "from its own folder" } 1;\n',
  'cgi-bin/python.py': '#!/usr/bin/env python\nprint("Content-Type: text/plain\\n")\nprint("runs on Python", 3)\n',
  'cgi-bin/python2.py': '#!/usr/bin/python\nprint "Content-Type: text/plain\\n"\nprint "hello"\n',
};
const MAIL =
  'open(M, "|$sendmail -t -i") or die; print M "To: a\\@example.org\\nSubject: from a script\\n\\nhello\\n"; close M;';
for (const [name, path] of Object.entries({ sbin: '/usr/sbin/sendmail', lib: '/usr/lib/sendmail' })) {
  files[`cgi-bin/mail-${name}.pl`] =
    `#!/usr/bin/perl\n$ENV{PATH} = "/bin:/usr/bin"; $sendmail = "${path}"; ${MAIL} ${HEADER} print "exit $?";\n`;
}
files['cgi-bin/mail-smtp.pl'] =
  `#!/usr/bin/perl\nuse Net::SMTP; my $m = Net::SMTP->new("localhost") or die; $m->mail("a\\@b.example"); $m->to("c\\@d.example"); $m->data("Subject: x\\n\\nhello"); ${HEADER} print $m->quit ? "sent" : "refused";\n`;
for (const [name, body] of Object.entries(PERL_MODULES)) {
  files[`cgi-bin/modules/${name}`] = `#!/usr/bin/perl\nuse strict; use warnings;\n${HEADER}\n${body}\n`;
}
for (const [name, body] of Object.entries(PYTHON_MODULES)) {
  files[`cgi-bin/modules/python-${name}`] = `#!/usr/bin/env python3\nprint("Content-Type: text/plain\\n")\n${body}\n`;
}

await describeImage('interpreters and modules of the image', async (image) => {
  const container = await image.start(image, ['-v', `${siteFolder(image, files)}:/site`]);

  describe('interpreters', () => {
    for (const shell of ['sh', 'bash', 'tcsh', 'csh']) {
      it(`runs ${shell}`, async () => {
        assert.equal(await container.text(`/cgi-bin/${shell}`), `${shell} works\n`);
      });
    }

    it('runs perl 5.40', async () => {
      assert.match(await container.text('/cgi-bin/perl'), /^5\.40\./);
    });

    it('runs python3 3.13', async () => {
      assert.match(await container.text('/cgi-bin/python3'), /^3\.13\./);
    });

    it('finds a library that an old script requires from its own folder', async () => {
      assert.equal(await container.text('/cgi-bin/old/main.pl'), 'from its own folder');
    });

    it('gives scripts a UTF-8 locale and nothing of its own settings', async () => {
      const environment = await container.text('/cgi-bin/environment');
      assert.match(environment, /^LANG=C\.UTF-8$/m);
      assert.doesNotMatch(environment, /^(CGIBOX_|NODE_|PERL_UNICODE|HOSTNAME)/m);
    });

    it('loads that locale from one file, not from twelve', async () => {
      const files = (await container.text('/cgi-bin/locale-files')).trim().split('\n');
      assert.deepEqual([...new Set(files)], ['/usr/lib/locale/locale-archive']);
    });
  });

  describe('mail', () => {
    it('is taken by sendmail under both of its old names, and by SMTP on port 25', async () => {
      assert.equal(await container.text('/cgi-bin/mail-sbin.pl'), 'exit 0');
      assert.equal(await container.text('/cgi-bin/mail-lib.pl'), 'exit 0');
      assert.equal(await container.text('/cgi-bin/mail-smtp.pl'), 'sent');
    });
  });

  describe('python in a #! line', () => {
    it('runs on python3', async () => {
      assert.equal(await container.text('/cgi-bin/python.py'), 'runs on Python 3\n');
    });

    it('is named on the failure page when the script is Python 2', async () => {
      const { status, text } = await container.get('/cgi-bin/python2.py');
      assert.equal(status, 500);
      assert.match(text, /Python 2/);
    });
  });

  describe('modules', () => {
    for (const name of Object.keys(PERL_MODULES)) {
      it(`has ${name} for perl`, async () => {
        assert.equal(await container.text(`/cgi-bin/modules/${name}?q=a+b`), 'ok');
      });
    }
    for (const name of Object.keys(PYTHON_MODULES)) {
      it(`has ${name} for python3`, async () => {
        assert.equal(await container.text(`/cgi-bin/modules/python-${name}?q=a+b`), 'ok\n');
      });
    }
  });
});
