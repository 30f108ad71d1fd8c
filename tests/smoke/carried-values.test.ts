// What a page gives and a request sends back, and what of a request can be written in a plan.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { carriedValues, differingValues, isTokenLike } from '../../server/smoke/carried-values.ts';
import { multipartOf } from '../../server/smoke/multipart-body.ts';
import type { Recorded } from '../../server/smoke/recorder.ts';

function recorded(call: string, body = '', fields: Recorded['answer']['fields'] = []): Recorded {
  const [method = '', path = ''] = call.split(' ');
  const type = ['Content-Type', body.startsWith('{') ? 'application/json' : 'text/html'] as const;
  return {
    request: { method, path, fields: [], body: undefined },
    answer: { status: 200, fields: [type, ...fields], body: Buffer.from(body) },
  };
}

describe('a value that nobody wrote by hand', () => {
  for (const value of ['d41d8cd98f00b204', '1732700000', 'q8ZtY1b0Kx4', 'a1b2c3d4'])
    it(`${value} is one`, () => assert.ok(isTokenLike(value)));
  for (const value of [
    'guestbook',
    'edit',
    '2026-11-27T10:11:12',
    'page2',
    'main-menu.html',
    '17',
    'hello world 12 ab 34 cd',
  ])
    it(`${value} is none`, () => assert.ok(!isTokenLike(value)));
});

describe('values that are carried', () => {
  for (const [what, page, how] of [
    ['a hidden field', '<input name=id value="7">', { html: 'input[name="id"]', attribute: 'value' }],
    [
      'a field of the second form',
      '<form action=a><input name=id value=6></form><form action=b><input name=id value=7></form>',
      { html: 'form[action="b"] input[name="id"]', attribute: 'value' },
    ],
    [
      'a link',
      '<a href="x.pl?a=1&amp;id=7">',
      { html: 'a[href*="id="]', attribute: 'href', matches: '[?&;]id=([^&;#]*)' },
    ],
    [
      'the second link',
      '<a href="x.pl?id=6"><a href="y.pl?id=7">',
      { html: 'a[href^="y.pl?id="]', attribute: 'href', matches: '[?&;]id=([^&;#]*)' },
    ],
    ['JSON', '{"list": [{"id": 7}]}', { json: '$.list[0].id' }],
  ] as const)
    it(`come from ${what}`, () => {
      const [found, ...more] = carriedValues([recorded('GET /', page), recorded('GET /y.pl?id=7')]);
      assert.deepEqual([found?.how, found?.from, more], [how, 0, []]);
    });

  it('are captured only where they differ at the next run', () => {
    const carried = carriedValues([recorded('GET /', '<input name=mode value=edit>'), recorded('GET /x?mode=edit')]);
    const pages = ['edit', 'show'].map((value) => recorded('GET /', `<input name=mode value=${value}>`).answer);
    assert.deepEqual(
      pages.map((page) => differingValues(carried, [[page]]).length),
      [0, 1],
    );
    assert.deepEqual(differingValues(carried, [[recorded('GET /', 'gone').answer]]), []);
  });
});

describe('a multipart body', () => {
  const part = (head: string, content: string) =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  const read = (...parts: readonly string[]) =>
    multipartOf(Buffer.from(`${parts.join('')}--x--\r\n`, 'latin1'), 'multipart/form-data; boundary="x"');

  it('has fields and files', () =>
    assert.deepEqual(read(part('name="a"', '1'), part('name="a"', ''), part('name="f"; filename=""', '\u00ff')), {
      form: { a: ['1', ''] },
      files: { f: { name: '', type: 'application/octet-stream', bytes: Buffer.from([255]) } },
    }));

  for (const [why, ...parts] of [
    ['two files of one name', part('name="f"; filename="a"', ''), part('name="f"; filename="b"', '')],
    ['a field in another encoding', part('name="a"', 'f\u00fcr')],
    ['a part without a name', part('x="a"', '')],
    ['no end', '--x\r\n'],
  ] as const)
    it(`is left as it is for ${why}`, () => assert.equal(read(...parts), undefined));
});
