// cgibox smoke without a file: what it finds, and what it says of it (PRODUCT.md section 9).
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { HELLO, siteFolder, smoke, smokeJson } from './smoking.ts';

describe('smoke without a file', () => {
  it('calls every script, with the parameters of links and forms', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'public/index.html':
        '<a href="/cgi-bin/hello.sh?page=2">next</a><a href="http://elsewhere.example/cgi-bin/hello.sh?no">no</a>' +
        '<form action="cgi-bin/hello.sh"><input name=q value="a b"><select name=s><option>one<option selected>two</select><input type=checkbox name=c></form>' +
        '<form action="/cgi-bin/hello.sh" method=POST><input name=evil></form>' +
        '<a href="sub/?folder">index</a><a href="both/?page">page</a>',
      'public/now.cgi': HELLO,
      'public/sub/index.sh': HELLO,
      'public/both/index.sh': HELLO,
      'public/both/index.html': 'the page answers for the folder',
    });
    const { code, results } = await smokeJson(t, folder);
    assert.equal(code, 0);
    assert.deepEqual(
      results.map(({ url }) => url),
      [
        '/both/index.sh',
        '/cgi-bin/hello.sh',
        '/cgi-bin/hello.sh?page=2',
        '/cgi-bin/hello.sh?q=a+b&s=two',
        '/now.cgi',
        '/sub/?folder',
        '/sub/index.sh',
      ],
    );
  });

  it('fails on a status of 500, a bad header, and an error on stderr', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/a-status.sh': '#!/bin/sh\nprintf "Status: 503 Busy\\n\\n"\n',
      'cgi-bin/b-header.sh': '#!/bin/sh\necho oops\n',
      'cgi-bin/c-stderr.sh': '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nok\\n"\nno-such-program\n',
      'cgi-bin/d-warning.pl': '#!/usr/bin/perl -w\nmy $x; print "Content-Type: text/plain\\n\\n", "v$x\\n";\n',
      'cgi-bin/e-late.sh':
        '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nok\\n"\nexec >&-\nsleep 0.3\necho "Fatal: late" >&2\n',
    });
    const { code, results } = await smokeJson(t, folder);
    assert.equal(code, 1);
    const told = results.map(({ outcome, failures }) => [outcome, failures[0]?.kind, failures[0]?.summary ?? '']);
    assert.deepEqual(told[0], ['failed', 'status', 'the status is 503']);
    assert.deepEqual(told[1]?.slice(0, 2), ['failed', 'script']);
    assert.match(told[1]?.[2] ?? '', /Line 1 of the output of b-header\.sh/);
    assert.deepEqual(told[2]?.slice(0, 2), ['failed', 'stderr']);
    assert.match(told[2]?.[2] ?? '', /no-such-program/);
    assert.deepEqual(told[3], ['passed', undefined, '']);
    assert.deepEqual(told[4]?.slice(0, 2), ['failed', 'stderr']);
  });

  it('reads an NPH script whose lines end in LF, as browsers do, but no answer that is none', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/nph-a.sh': '#!/bin/sh\nprintf "HTTP/1.0 200 OK\\nContent-type: text/plain\\n\\nframe\\n"\n',
      'cgi-bin/nph-b.sh': '#!/bin/sh\nprintf "Content-type: text/plain\\n\\nno status line\\n"\n',
    });
    const { results } = await smokeJson(t, folder);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['passed', 'error'],
    );
  });

  it('leaves to the plans of the site what they test', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'cgi-bin/other.sh': HELLO,
      'tests/smoke/hello.yaml': '- name: hello\n  request: /cgi-bin/hello.sh?x\n',
    });
    const { code, results } = await smokeJson(t, folder);
    assert.equal(code, 0);
    assert.deepEqual(
      results.map(({ place, url }) => [place, url]),
      [
        ['tests/smoke/hello.yaml:2:12', '/cgi-bin/hello.sh?x'],
        ['cgi-bin/other.sh', '/cgi-bin/other.sh'],
      ],
    );
  });

  it('ends a script that never ends', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/for-ever.sh': '#!/bin/sh\nsleep 600\n', 'cgi-bin/hello.sh': HELLO });
    const { code, results } = await smokeJson(t, folder, ['--timeout', '0.5']);
    assert.equal(code, 1);
    assert.deepEqual(
      results.map(({ outcome, failures }) => [outcome, failures[0]?.summary]),
      [
        ['error', 'no answer within 0.5 s (--timeout)'],
        ['passed', undefined],
      ],
    );
  });

  it('says so when there is nothing to test', async (t) => {
    const folder = siteFolder(t, { 'public/index.html': 'a page' });
    const { code, stdout, stderr } = await smoke(t, folder);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(
      stderr,
      `error USAGE: Cannot test "${folder}": there is no script and no plan in it\n` +
        '  hint: name another folder with --site, or its script folders in cgi.scriptAlias\n',
    );
  });

  it('finds what is wrong with an old site as it is found', async (t) => {
    const folder = await copiedFolder(t, 'tests/fixtures/messy-site');
    const { code, results } = await smokeJson(t, folder);
    assert.equal(code, 1);
    const bad = results
      // What lies there is broken for doctor.
      .filter(({ outcome, url }) => outcome !== 'passed' && !url.startsWith('/cgi-bin/old/'))
      .map(({ url, failures }) => [url, failures[0]?.summary]);
    assert.deepEqual(
      bad.map(([url]) => url),
      ['debug.pl', 'formmail.pl', 'lib.pl', 'shop.pl', 'short.pl'].map((name) => `/cgi-bin/${name}`),
    );
    assert.match(
      results.find(({ url }) => url === '/cgi-bin/lib.pl')?.skipped ?? '',
      /^a library: .*cgi-bin\/(?:links|news)\.pl loads it$/,
    );
    assert.equal(bad[3]?.[1], 'The Perl module Shop::Basket::Gone is not installed');
  });

  it('passes on the sample site, with its plan', async (t) => {
    const project = resolve(import.meta.dirname, '../..');
    const { code, results } = await smokeJson(t, project);
    assert.equal(
      code,
      0,
      JSON.stringify(
        results.filter(({ outcome }) => outcome !== 'passed'),
        null,
        1,
      ),
    );
    assert.ok(results.some(({ url }) => url === '/cgi-bin/upload.py') && results.length >= 12);
  });
});
