// What doctor prints: text, JSON by its schema, annotations; the list of packages; the baseline.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { debianPackage } from '../../server/diagnosis/debian-lists.ts';
import { annotations } from '../../server/doctor/annotations.ts';
import { baselineText, compareWith, readBaseline } from '../../server/doctor/baseline.ts';
import type { Examination } from '../../server/doctor/examine.ts';
import { reportText } from '../../server/doctor/report.ts';
import { reportJson } from '../../server/doctor/report-json.ts';
import { copiedFolder } from '../support/copied-folder.ts';
import { examineFolder, PROJECT, siteFolder } from './examined.ts';

const SCHEMA = JSON.parse(readFileSync(join(PROJECT, 'server/doctor/report.schema.json'), 'utf8'));
const PLAIN = { inColour: false, accepted: 0 };
const MODULES = {
  'index.html': '',
  'cgi-bin/x.pl':
    '#!/usr/bin/perl\nuse Image::Magick::Nowhere;\nuse Nowhere;\nuse GD::Graph::Nowhere;\nuse Spreadsheet::WriteExcel;\nprint 1;\n',
};

async function messy(t: TestContext): Promise<Examination> {
  return examineFolder(await copiedFolder(t, 'tests/fixtures/messy-site'), { compiles: 'none' });
}

describe('doctor --json', () => {
  it('is what its schema says', async (t) => {
    const schema = z.fromJSONSchema(SCHEMA);
    for (const examination of [await messy(t), await examineFolder(siteFolder(t, MODULES))]) {
      const report: unknown = JSON.parse(reportJson(examination, 2));
      assert.deepEqual(schema.parse(report), report);
    }
    assert.throws(() => schema.parse({ version: 1 }));
  });
});

describe('the text of doctor', () => {
  it('shows place, reason and mend of each finding, and counts them', async (t) => {
    const text = reportText(await messy(t), PLAIN);
    assert.match(
      text,
      /\nerror The Perl module Shop::Basket::Gone is not installed \[perl-module-missing\]\n {2}--> cgi-bin\/shop\.pl:2\n/,
    );
    assert.match(text, /\n {2}--> … and 31 more\n/);
    assert.match(text, /\n {6}chmod \+x cgi-bin\/GUEST\.CGI cgi-bin\/counter\.pl /);
    assert.match(text, /\n40 scripts: \d+ errors, \d+ warnings, 2 notes\n$/);
  });

  it('has colour only where it is wished', async (t) => {
    const examination = await messy(t);
    assert.ok(reportText(examination, { ...PLAIN, inColour: true }).includes('\u001b[31merror'));
    assert.ok(!reportText(examination, PLAIN).includes('\u001b'));
  });
});

describe('the packages of missing modules', () => {
  it('are one line of those that Debian has, the others are called so', async (t) => {
    const examination = await examineFolder(siteFolder(t, MODULES));
    const missing = examination.missing.map(({ module }) => module);
    assert.ok(missing.includes('Image::Magick::Nowhere'), missing.join());
    const text = reportText(examination, PLAIN);
    assert.match(text, /Image::Magick::Nowhere +libimage-magick-perl, most likely/);
    assert.match(text, /Nowhere +no package of Debian/);
    if (missing.includes('Spreadsheet::WriteExcel'))
      assert.match(
        text,
        /EXTRA_PACKAGES="libgd-graph-perl libimage-magick-perl libspreadsheet-writeexcel-perl" docker compose build/,
      );
  });

  it('are one line with those of missing interpreters', async (t) => {
    const examination = await examineFolder(
      siteFolder(t, {
        'index.html': '',
        'cgi-bin/a.cgi': '#!/opt/none/lua5.2\n',
        'cgi-bin/b.cgi': '#!/opt/none/lua5.1\n',
        'cgi-bin/c.pl': '#!/usr/bin/perl\nuse Image::Magick::Nowhere;\n',
      }),
    );
    const text = reportText(examination, PLAIN);
    const list = 'libimage-magick-perl lua5.1 lua5.2';
    assert.deepEqual(text.match(/EXTRA_PACKAGES=.*/g), [`EXTRA_PACKAGES="${list}" docker compose build`]);
    assert.match(text, /\nDebian packages of the interpreters that are missing: lua5.1 lua5\.2\n/);
    assert.equal(JSON.parse(reportJson(examination, 0)).dependencies.extraPackages, list);
  });

  it('are one finding for the modules of one program', async (t) => {
    const uses = ['Old::Shop', 'Old::Shop::Cart', 'Old::Mail'].map((module) => `use ${module};\n`).join('');
    const folder = siteFolder(t, {
      'index.html': '',
      'cgi-bin/x.pl': `#!/usr/bin/perl\n${uses}if ($ARGV[0]) {\n  require Old::Late;\n}\n`,
    });
    const { findings } = await examineFolder(folder);
    assert.deepEqual(
      findings.map(({ severity, title, places }) => [severity, title, places.length]),
      [['error', 'Perl modules of Old are not installed', 4]],
    );
  });

  it('are one finding for the modules of one package, and one command', async (t) => {
    const modules = ['Spreadsheet::WriteExcel', 'Spreadsheet::WriteExcel::Big', 'Spreadsheet::WriteExcel::Chart'];
    const text = `#!/usr/bin/perl\n${modules.map((module) => `use ${module};\n`).join('')}print 1;\n`;
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': text }));
    if (findings.length === 0) return t.skip('Spreadsheet::WriteExcel is installed here');
    assert.deepEqual(
      findings.map(({ title, mend }) => [title, ...mend]),
      [
        [
          "Perl modules of Debian's package libspreadsheet-writeexcel-perl are not installed",
          'apt-get install libspreadsheet-writeexcel-perl',
        ],
      ],
    );
  });

  it('are none where perl itself has taken the place of a module', async (t) => {
    const text = '#!/usr/bin/perl\nuse Digest::SHA1 qw(sha1_hex);\nprint sha1_hex("x");\n';
    const { findings } = await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': text }));
    assert.deepEqual(
      findings.map(({ mend }) => mend),
      [["sed -i 's/Digest::SHA1/Digest::SHA/g' cgi-bin/x.pl"]],
    );
  });

  // Each looked up in the file lists of Debian, or in the package itself.
  for (const [language, source, list] of [
    [
      'perl',
      'listed',
      `CGI=libcgi-pm-perl CGI::Carp=libcgi-pm-perl CGI::Fast=libcgi-fast-perl LWP::Simple=libwww-perl
       HTML::Template=libhtml-template-perl Date::Parse=libtimedate-perl ctime.pl=libperl4-corelibs-perl GD=libgd-perl
       Image::Magick=libimage-magick-perl DBD::mysql=libdbd-mysql-perl Net::LDAP=libnet-ldap-perl
       XML::Parser=libxml-parser-perl Date::Calc=libdate-calc-perl Mail::Send=libmailtools-perl
       Crypt::DES=libcrypt-des-perl Spreadsheet::WriteExcel=libspreadsheet-writeexcel-perl RRDs=librrds-perl
       SNMP=libsnmp-perl Jcode=libjcode-pm-perl Switch=libswitch-perl Locale::Country=liblocale-codes-perl
       Compress::Zlib=libio-compress-perl HTML::Entities=libhtml-parser-perl URI::Escape=liburi-perl
       Unix::Syslog=libunix-syslog-perl Mail::SpamAssassin=spamassassin Tk=perl-tk`,
    ],
    ['perl', 'above', 'GD::Graph::bars=libgd-graph-perl HTTP::Headers::Util=libhttp-message-perl'],
    [
      'python',
      'listed',
      `MySQLdb=python3-mysqldb PIL=python3-pil psycopg2=python3-psycopg2 lxml=python3-lxml yaml=python3-yaml
       ldap=python3-ldap OpenSSL=python3-openssl pg=python3-pygresql cgi=python3-legacy-cgi cgitb=python3-legacy-cgi
       imp=python3-zombie-imp crypt=python3-crypt-r smtpd=python3-standard-smtpd audioop=python3-audioop-lts`,
    ],
    ['python', 'guess', 'Image=python3-pil nowhere_found=python3-nowhere-found lib=python3-lib conf=python3-conf'],
  ] as const) {
    for (const [module = '', name] of list.split(/\s+/).map((pair) => pair.split('='))) {
      it(`of ${module} is ${name} (${source})`, () => {
        assert.deepEqual(debianPackage(language, module), { name, source });
      });
    }
  }

  it('are none for what Debian does not have, and for what perl itself brings', () => {
    assert.equal(debianPackage('python', 'nis'), undefined);
    // Digest::SHA1 and DBD::ODBC are no more; the others are perl's own.
    for (const module of ['Digest::SHA1', 'DBD::ODBC', 'Time::HiRes', 'Digest::MD5', 'Old::Shop', 'CGI::Nowhere'])
      assert.equal(debianPackage('perl', module), undefined, module);
  });
});

describe('the baseline', () => {
  it('accepts what it holds, and nothing new', async (t) => {
    const folder = siteFolder(t, { 'index.html': '', 'cgi-bin/x.pl': '#!/opt/x/perl\nprint 1;\n' });
    const read = readBaseline(baselineText(await examineFolder(folder)));
    assert.equal(read.kind, 'baseline');
    const accepted = read.kind === 'baseline' ? read.accepted : [];
    const same = compareWith(accepted, await examineFolder(folder));
    assert.deepEqual([same.examination.findings, same.accepted, same.gone], [[], 1, 0]);
    const more = siteFolder(t, {
      'index.html': '',
      'cgi-bin/x.pl': '#!/opt/x/perl\nprint 1;\n',
      'cgi-bin/y.pl': '#!/opt/x/perl\nprint 1;\n',
    });
    const { examination } = compareWith(accepted, await examineFolder(more));
    assert.deepEqual(
      examination.findings.map(({ places }) => places.map(({ file }) => file.slice(-4))),
      [['y.pl']],
    );
    const mended = compareWith(
      accepted,
      await examineFolder(siteFolder(t, { 'index.html': '', 'cgi-bin/x.sh': '#!/bin/sh\n' })),
    );
    assert.equal(mended.gone, 1);
  });

  for (const text of ['', '[]', '{"version":2,"accepted":[]}', '{"version":1,"accepted":[{"id":"x"}]}', 'null']) {
    it(`is refused where it reads ${text || 'nothing'}`, () => {
      assert.equal(readBaseline(text).kind, 'malformed');
    });
  }
});

describe('doctor --github', () => {
  it('gives one annotation for each finding, with file and line from the checkout', async (t) => {
    const examination = await messy(t);
    const lines = annotations(examination, join(examination.root, '..')).trimEnd().split('\n');
    assert.equal(lines.length, examination.findings.length);
    assert.match(
      lines.join('\n'),
      /^::error file=messy-site\/cgi-bin\/shop\.pl,line=2,title=The Perl module Shop%3A%3ABasket%3A%3AGone is not installed \(perl-module-missing\)::It is /m,
    );
  });
});
