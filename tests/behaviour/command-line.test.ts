import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandLine } from '../../server/cgi/command-line.ts';
import { GET } from '../support/http-answer.ts';
import { environmentOf, SHOW_ENVIRONMENT } from '../support/script-environment.ts';
import { startSite } from '../support/start-site.ts';

describe('script command line (RFC 3875 §4.4)', () => {
  const table: readonly (readonly [query: string | undefined, args: readonly string[]])[] = [
    ['one', ['one']],
    ['one+two+three', ['one', 'two', 'three']],
    ['a%20b+c%2Bd', ['a b', 'c+d']],
    ['a%3Db', ['a=b']],
    ['a+', ['a', '']],
    ['%E9+caf%C3%A9', ['\xe9', 'caf\xc3\xa9']],
    ['a;b|$(c)`d`', ['a\\;b\\|\\$\\(c\\)\\`d\\`']],
    [`joe%0Aid+*?~<>^[]{}&'"%5C#!%20`, ['joe\\\nid', `\\*\\?\\~\\<\\>\\^\\[\\]\\{\\}\\&\\'\\"\\\\#! `]],
    ['a=b', []],
    ['a+b=c', []],
    ['', []],
    [undefined, []],
    ['%zz', []],
    ['a+%', []],
    ['a%00b', []],
    ['-s', []],
    ['-d+allow_url_include%3don', []],
    ['%2Ds', []],
    ['+-s', []],
    ['%20-s', []],
    ['a+-b', ['a', '-b']],
  ];
  for (const [query, args] of table) {
    it(`of ?${query} is ${JSON.stringify(args)}`, () => {
      assert.deepEqual(commandLine('GET', query), args);
      assert.deepEqual(commandLine('HEAD', query), args);
      assert.deepEqual(commandLine('POST', query), []);
    });
  }

  it('reaches the script, in a folder with a space in its name too', async (t) => {
    const site = await startSite(t, { 'cgi-bin/a b/env': SHOW_ENVIRONMENT });
    assert.deepEqual((await environmentOf(site, GET('/cgi-bin/a%20b/env?x+%3Cy%3E+*'))).args, ['x', '\\<y\\>', '\\*']);
    assert.deepEqual((await environmentOf(site, GET('/cgi-bin/a%20b/env?x=1+y'))).args, []);
  });

  it('is one word for the shell of a script that hands it on', async (t) => {
    const perl = '#!/usr/bin/perl\nprint "Content-Type: text/plain\\n\\n", `echo looking for $ARGV[0]`;\n';
    const site = await startSite(t, { 'cgi-bin/finger': perl });
    assert.equal(await (await site.get('/cgi-bin/finger?joe;id')).text(), 'looking for joe;id\n');
  });

  it('is empty for a mapped interpreter, which also gets REDIRECT_STATUS', async (t) => {
    const site = await startSite(
      t,
      { 'cgi-bin/x.show': SHOW_ENVIRONMENT.replace(/^#!.*\n/, '') },
      {
        cgi: { interpreters: { '.show': '/usr/bin/perl' } },
      },
    );
    const { args, environment } = await environmentOf(site, GET('/cgi-bin/x.show?one+two'));
    assert.deepEqual([args, environment.REDIRECT_STATUS, environment.QUERY_STRING], [[], '200', 'one+two']);
    assert.equal(environment.SCRIPT_FILENAME, `${site.folder}/cgi-bin/x.show`);
  });
});
