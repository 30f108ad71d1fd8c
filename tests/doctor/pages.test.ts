// Pages: the character set they say and the one they are in, and links that differ from the disk by case.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examineFolder, findingsIn, siteFolder } from './examined.ts';

const page = (charset: string, text: string) =>
  `<meta http-equiv="Content-Type" content="text/html; charset=${charset}">\n${text}`;
const UTF8 = 'Z\xc3\xbcrich \xe2\x82\xac';
const LATIN1 = 'Z\xfcrich';
// "日本語のページです。" in Shift_JIS, EUC-JP
const SJIS = '\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x79\x81\x5b\x83\x57\x82\xc5\x82\xb7\x81\x42';

describe('the character set of a page', () => {
  for (const [name, text, expected] of [
    ['UTF-8 as it says', page('utf-8', UTF8), []],
    ['ISO-8859-1 as it says', page('iso-8859-1', LATIN1), []],
    ['Shift_JIS as it says', page('Shift_JIS', SJIS), []],
    ['ASCII without a word', 'hello', []],
    ['says UTF-8, is ISO-8859-1', page('utf-8', LATIN1), ['warning charset-mismatch index.html:2']],
    ['says ISO-8859-1, is UTF-8', page('ISO-8859-1', UTF8), ['warning charset-mismatch index.html:2']],
    ['says EUC-JP, is Shift_JIS', page('EUC-JP', SJIS), ['warning charset-mismatch index.html:2']],
    ['UTF-8 by a byte order mark', `\xef\xbb\xbf${UTF8}`, []],
    ['UTF-8 as it says without quotes', `<meta charset=utf-8>${UTF8}`, []],
    [
      'UTF-8 in the charset of a form',
      `<form accept-charset="utf-8">${UTF8}`,
      ['note charset-undeclared index.html:1'],
    ],
    ['says nothing', LATIN1, ['note charset-undeclared index.html:1']],
    ['says what nobody knows', page('x-unheard-of', LATIN1), []],
  ] as const) {
    it(`${name}: ${expected.join() || 'nothing'}`, async (t) => {
      assert.deepEqual(
        await findingsIn(t, { 'index.html': text, 'cgi-bin/x.pl': '#!/usr/bin/perl\nprint 1;\n' }),
        expected,
      );
    });
  }
});

describe('pages of several charsets that do not say so', () => {
  it('are each given their own word', async (t) => {
    const folder = siteFolder(t, {
      'index.html': `<HTML><HEAD lang=de>${UTF8}`,
      'old page.html': `<html><head><title>${LATIN1}`,
    });
    const { findings } = await examineFolder(folder);
    assert.equal(findings.length, 2);
    for (const { mend } of findings) spawnSync('sh', ['-c', mend[0] ?? ''], { cwd: folder });
    assert.deepEqual((await examineFolder(folder)).findings, []);
    assert.match(
      readFileSync(join(folder, 'old page.html'), 'latin1'),
      /<head><meta http-equiv="Content-Type" content="text\/html; charset=ISO-8859-1"><title>Z\xfcrich/,
    );
  });
});

describe('server-side includes', () => {
  it('are told once, where pages hold them', async (t) => {
    const found = await findingsIn(t, {
      'index.shtml': '<p>\n<!--#include virtual="/menu.html" -->\n<!--#exec cgi="/cgi-bin/x.pl" -->',
      'menu.shtml': '<!-- # no include -->',
    });
    assert.deepEqual(found, ['warning includes-not-run index.shtml:2']);
  });
});

describe('links of pages', () => {
  const files = {
    'Guest.html': '',
    'images/Logo.GIF': '',
    'cgi-bin/Form.pl': '#!/usr/bin/perl\nprint 1;\n',
  };
  it('are told where only the case differs', async (t) => {
    const index = [
      '<a href="guest.html?x=1#top">1</a>',
      "<img src='/Images/logo.gif'>",
      '<form action=cgi-bin/form.pl/extra method=post>',
      '<a href="Guest.html">2</a><a href="nowhere.html">3</a><a href="http://example.org/GUEST.HTML">4</a>',
      '<!-- <a href="guest.HTML"> --><a href="GUEST.html">5</a>'.replace('GUEST', 'Guest'),
      '<a href="mailto:a@example.org">5</a><a href="#x">6</a><a href="cgi-bin/Form.pl/a/B?c">7</a>',
    ].join('\n');
    const { findings } = await examineFolder(siteFolder(t, { ...files, 'index.html': index }));
    assert.deepEqual(
      findings.map(({ id, title }) => [id, title]),
      [
        ['link-case', 'A link says guest.html, the file is /Guest.html'],
        ['link-case', 'A link says /Images/logo.gif, the file is /images/Logo.GIF'],
        ['link-case', 'A link says cgi-bin/form.pl/extra, the file is /cgi-bin/Form.pl/extra'],
      ],
    );
  });
});
