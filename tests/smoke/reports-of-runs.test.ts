// What the reports say of whole runs: of one that cannot begin, of what could not be seen, of many failures.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startSite } from '../support/start-site.ts';
import { checkJunit } from './junit-shape.ts';
import { HELLO, siteFolder, smoke, smokeIn, smokeJson } from './smoking.ts';

describe('a run that cannot begin', () => {
  it('is in its reports, each problem at its place', async (t) => {
    const plan = '- request: /a\n  expcet: {}\n- request: b\n';
    const folder = siteFolder(t, { 'tests/smoke/p.yaml': plan, 'report.xml': 'of yesterday' });
    const { code, stdout, stderr } = await smoke(t, folder, ['--junit', 'report.xml', '--json', '--github']);
    assert.equal(code, 2);
    assert.equal(stderr.match(/^error PLAN_INVALID: /gm)?.length, 2);
    const [first, second] = checkJunit(readFileSync(join(folder, 'report.xml'), 'utf8'));
    assert.deepEqual([first?.attribs.file, second?.attribs.name], ['tests/smoke/p.yaml', 'the tests can begin #2']);
    assert.match(stderr, /^::error file=tests\/smoke\/p\.yaml,line=2,col=3,title=the tests can begin::/m);
    const report = JSON.parse(stdout);
    assert.deepEqual([report.ok, report.errors, report.results[0].place], [false, 2, 'tests/smoke/p.yaml:2:3']);
  });

  it('is told where there is no site', async (t) => {
    const folder = siteFolder(t, {});
    const { code } = await smoke(t, folder, ['--site', 'no/such', '--junit', 'report.xml']);
    assert.equal(code, 3);
    const [only] = checkJunit(readFileSync(join(folder, 'report.xml'), 'utf8'));
    assert.match(only?.attribs.name ?? '', /^the tests can begin$/);
  });
});

describe('what cannot be seen on a server that is not ours', () => {
  it('is told in every report, and is no failure', async (t) => {
    const site = await startSite(t, { 'cgi-bin/hello.sh': HELLO });
    const plan =
      '- request: /cgi-bin/hello.sh\n  env: {A: b}\n  expect: {stderr: "", mail: []}\n- request: /cgi-bin/hello.sh?b\n';
    const folder = siteFolder(t, { 'plan.yaml': plan, 'summary.md': '', 'cgi-bin/hello.sh': HELLO });
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const files = ['--junit', 'r.xml', '--tap', 'r.tap', '--html', 'r.html'];
    const words = ['plan.yaml', '--base-url', site.url, ...files];
    const { code, stdout } = await smokeIn(t, { folder, environment }, words);
    assert.equal(code, 0, stdout);
    const note = `1 request was checked in part: stderr, mail and env of scripts at ${site.url}/ cannot be seen or set`;
    assert.match(stdout, /1\/2 ok {4}GET \/cgi-bin\/hello\.sh {2}\d+ ms, not checked: stderr, mail, env\n/);
    assert.match(stdout, /2\/2 ok {4}GET \/cgi-bin\/hello\.sh\?b {2}\d+ ms\n/);
    assert.ok(stdout.includes(`\nnote: ${note}\n2 passed in`), stdout);
    assert.ok(stdout.includes(`::warning title=cgibox smoke::${note}\n`), stdout);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    assert.match(read('summary.md'), /^- <code>GET \/cgi-bin\/hello\.sh<\/code> not checked: stderr, mail, env$/m);
    checkJunit(read('r.xml'));
    assert.match(read('r.xml'), /<system-out>not checked: stderr, mail, env<\/system-out>/);
    assert.match(
      read('r.tap'),
      /^ok 1 - plan\.yaml: GET \S+\n {2}---\n {2}not_checked:\n {4}- stderr\n {4}- mail\n {4}- env\n {2}\.\.\.\nok 2/m,
    );
    assert.match(read('r.html'), /<span class="notes">not checked: stderr, mail, env<\/span>/);
  });

  it('stands in JSON, and is seen on our own', async (t) => {
    const site = await startSite(t, { 'cgi-bin/hello.sh': HELLO });
    const plan = '- request: /cgi-bin/hello.sh\n  expect: {stderr: ""}\n';
    const folder = siteFolder(t, { 'plan.yaml': plan, 'cgi-bin/hello.sh': HELLO });
    const elsewhere = await smokeJson(t, folder, ['plan.yaml', '--base-url', site.url]);
    assert.deepEqual(elsewhere.results[0]?.notChecked, ['stderr']);
    const own = await smokeJson(t, folder, ['plan.yaml']);
    assert.deepEqual([own.results[0]?.notChecked, own.report.notes], [[], []]);
    const found = await smokeJson(t, folder, ['--base-url', site.url]);
    assert.match(found.report.notes.join(), /^stderr of scripts at \S+ cannot be seen: those without a plan/);
  });
});

describe('the HTML report of many large pages', () => {
  it('shows the beginning of each, and stays of a size that a browser opens', async (t) => {
    const server = createServer((_, response) => response.setHeader('Connection', 'close').end('x'.repeat(70_000)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const folder = siteFolder(t, { 'plan.yaml': '- request: /a\n'.repeat(700) });
    const { code } = await smoke(t, folder, ['plan.yaml', '--base-url', url, '--html', 'r.html', '--quiet']);
    assert.equal(code, 0);
    const page = readFileSync(join(folder, 'r.html'), 'utf8');
    assert.ok(page.length > 30e6 && page.length < 36e6, String(page.length));
    assert.equal(page.split('\n… cut: 70000 characters').length, 701);
  });
});

describe('the report in the terminal', () => {
  it('ends with what failed, one line for each cause', async (t) => {
    const missing = '#!/usr/bin/perl\nuse No::Such::Module;\n';
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const folder = siteFolder(t, {
      ...Object.fromEntries(names.map((name) => [`cgi-bin/${name}.pl`, missing])),
      'cgi-bin/x.sh': '#!/bin/sh\n',
      'cgi-bin/hello.sh': HELLO,
    });
    const { stdout } = await smoke(t, folder);
    assert.match(
      stdout,
      /\nwhat failed:\n {2}7 × The Perl module No::Such::Module is not installed\n {6}cgi-bin\/[a-g]\.pl, .* and 2 more\n {6}mend: .*\n {2}cgi-bin\/x\.sh {2}x\.sh ended .*\n {6}mend: .*\n\n1 passed, 8 failed in /,
    );
  });

  it('cuts a long URL', async (t) => {
    const plan = `- request: /cgi-bin/hello.sh?${'a'.repeat(5000)}\n`;
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': plan });
    const { code, stdout } = await smoke(t, folder, ['plan.yaml']);
    assert.equal(code, 0);
    assert.match(stdout, /^ {2}1\/1 ok {4}GET \/cgi-bin\/hello\.sh\?a{482}… {2}\d+ ms$/m);
  });

  it('tells requests that were not asked in one line', async (t) => {
    const plan = `- request: /no\n  expect: {status: 200}\n${'- request: /cgi-bin/hello.sh\n'.repeat(50)}`;
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': plan });
    const { stdout } = await smoke(t, folder, ['plan.yaml', '--fail-fast']);
    assert.equal(stdout.match(/skip/g)?.length, 2, stdout);
    assert.match(stdout, /^ {2}skip 50 requests: not asked: a request before it failed \(--fail-fast\)$/m);
  });
});
