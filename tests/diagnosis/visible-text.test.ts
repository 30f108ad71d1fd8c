import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { shellQuote } from '../../server/diagnosis/shell-quote.ts';
import { visibleLine, visibleLines } from '../../server/diagnosis/visible-text.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('bytes shown to a person', () => {
  it('reads UTF-8 where it is lawful, else ISO-8859-1', () => {
    assert.equal(visibleLine(bytes('Grüße 日本')), 'Grüße 日本');
    assert.equal(visibleLine('caf\xe9'), 'café');
    assert.deepEqual(visibleLines(`caf\xe9\n${bytes('café')}`, 9), ['café', 'café']);
  });

  it('spells out what would act or hide', () => {
    assert.equal(visibleLine('a\x1b[31m\r\0\x7f'), 'a\\x1b[31m\\r\\x00\\x7f');
    assert.equal(visibleLine(bytes('\ufeff\u202eabc\u200b\u2028')), '\\ufeff\\u202eabc\\u200b\\u2028');
    assert.equal(visibleLine('\x85\xe9'), '\\x85é');
    assert.equal(visibleLine('a\nb'), 'a\\nb');
  });

  it('cuts between characters and says so', () => {
    assert.equal(visibleLine(bytes('ääää'), 5), 'ää…');
    assert.deepEqual(visibleLines('1\n2\n3\n', 2), ['1', '2', '…']);
    assert.deepEqual(visibleLines('1\r\n2\n', 2), ['1', '2']);
  });
});

describe('file names in commands', () => {
  it('come out of a shell as they went in', () => {
    for (const name of [
      '/a/b.pl',
      "/a/it's",
      '/a/$(x) `y` "z"',
      '/a b',
      '/a\\b',
      bytes('/ä'),
      '/caf\xe9',
      '/new\nline\t!',
      "/\x1b'\xff",
    ]) {
      for (const shell of ['sh', 'bash']) {
        const printed = execFileSync(shell, ['-c', Buffer.from(`printf %s ${shellQuote(name)}`).toString()], {
          encoding: 'latin1',
        });
        assert.equal(printed, name, shell);
      }
    }
  });

  it('stay bare where nothing needs quoting', () => {
    assert.equal(shellQuote('/site/cgi-bin/form-mail.pl'), '/site/cgi-bin/form-mail.pl');
  });
});
