// Ways to run: on a copy, with a frozen clock, again and again, beside another server, until a signal.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { copySite } from '../../server/smoke/site-files.ts';
import { startCgibox } from '../cli/cgibox-process.ts';
import { HELLO, siteFolder, smoke, smokeJson } from './smoking.ts';

const COUNT =
  '#!/bin/sh\nn=$(cat n 2>/dev/null || echo 0)\nn=$((n+1)); echo $n > n\nprintf "Content-Type: text/plain\\n\\n$n\\n"\n';
const COUNTS_TO_ONE = '- request: /cgi-bin/count.sh\n  expect: {body: {equals: "1\\n"}}\n';

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');

describe('--ephemeral', () => {
  it('leaves the site alone and begins anew with each plan', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/count.sh': COUNT, 'a.yaml': COUNTS_TO_ONE, 'b.yaml': COUNTS_TO_ONE });
    execFileSync('mkfifo', [join(folder, 'cgi-bin/pipe')]);
    const { code, results, report } = await smokeJson(t, folder, ['a.yaml', 'b.yaml', '--ephemeral']);
    assert.equal(code, 0, JSON.stringify(results, null, 1));
    assert.deepEqual(report.notes, []);
    assert.ok(!existsSync(join(folder, 'cgi-bin/n')));
  });

  it('copies names in any encoding, links as links, and modes and times', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/count.sh': COUNT, 'a.yaml': COUNTS_TO_ONE });
    writeFileSync(Buffer.from(`${folder}/caf\xe9.html`, 'latin1'), 'x');
    symlinkSync('nowhere', join(folder, 'dangling'));
    utimesSync(join(folder, 'cgi-bin'), 1e9, 1e9);
    const copy = await copySite(folder, tmpdir());
    t.after(() => copy.remove());
    const shape = (place: string) =>
      execFileSync('find', [place, '-printf', '%P %m %s %l %TY-%Tm-%Td\\n'], { encoding: 'latin1' });
    assert.deepEqual(shape(copy.folder).split('\n').toSorted(), shape(folder).split('\n').toSorted());
    assert.equal((await smoke(t, folder, ['a.yaml', '--ephemeral'])).code, 0);
  });

  it('reports files of the site, not of the copy that is gone', async (t) => {
    const parent = siteFolder(t, {
      "söp/o'ld shop/cgi-bin/empty.pl": '#!/usr/bin/perl\n',
      "söp/o'ld shop/cgi-bin/dies.pl": '#!/usr/bin/perl\nuse Absent::Module;\n',
    });
    const site = join(parent, "söp/o'ld shop");
    const reports = ['junit', 'tap', 'html'].flatMap((name) => [`--${name}`, join(parent, name)]);
    const { code, results } = await smokeJson(t, parent, ['--site', site, '--ephemeral', ...reports]);
    const { stdout } = await smoke(t, parent, ['--site', site, '--ephemeral']);
    assert.equal(code, 1);
    const shown = [JSON.stringify(results), stdout, ...['junit', 'tap', 'html'].map((name) => read(parent, name))];
    for (const report of shown) assert.doesNotMatch(report, /cgibox-smoke-|Ã/);
    const [dies, empty] = results;
    assert.match(dies?.stderr ?? '', new RegExp(`at ${site}/cgi-bin/dies\\.pl line 2`));
    assert.ok(empty?.failures[0]?.mend[0]?.startsWith(`cd '${parent}/söp/o'\\''ld shop/cgi-bin' && `), shown[0]);
  });

  it('gives each of several jobs a copy of its own', async (t) => {
    const plans = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`tests/smoke/${name}.yaml`, COUNTS_TO_ONE]));
    const folder = siteFolder(t, { 'cgi-bin/count.sh': COUNT, ...plans });
    const { code, results } = await smokeJson(t, folder, ['--ephemeral', '--jobs', '2']);
    assert.equal(code, 0, JSON.stringify(results, null, 1));
    assert.deepEqual(
      results.map(({ place }) => place?.split(':')[0]),
      Object.keys(plans),
    );
  });
});

describe('--clock', () => {
  const isThere = existsSync('/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1');
  const folderWithClock = {
    'cgi-bin/now.sh': '#!/bin/sh\necho "Content-Type: text/plain"; echo; date "+%Y-%m-%d %H:%M:%S"\n',
  };

  it('stands still for the scripts', { skip: isThere ? false : 'libfaketime is not here' }, async (t) => {
    const plan = '- request: /cgi-bin/now.sh\n  expect: {body: {equals: "1999-12-31 23:59:59\\n"}}\n';
    const folder = siteFolder(t, { ...folderWithClock, 'plan.yaml': plan });
    const { code, stdout } = await smoke(t, folder, ['plan.yaml', '--clock', '1999-12-31 23:59:59']);
    assert.equal(code, 0, stdout);
  });

  for (const time of ['noon', '1999-02-30', '1999-12-31 24:00', '1999-13-01'])
    it(`takes a date and time only, not ${time}`, async (t) => {
      const { code, stderr } = await smoke(t, siteFolder(t, folderWithClock), ['--clock', time]);
      assert.equal(code, 2);
      assert.ok(stderr.startsWith(`error USAGE: Cannot set the clock to "${time}": it is no date and time\n`), stderr);
    });
});

describe('--against', () => {
  it('tells what differs from another server, after redaction', async (t) => {
    const other = createServer((request, response) => {
      response.setHeader('Content-Type', 'TEXT/plain');
      response.setHeader('Connection', 'close');
      if (request.url?.endsWith('?b') === true) response.statusCode = 404;
      response.end(`hello ${request.url?.split('?')[1] ?? ''}\n${request.url?.endsWith('?c') ? 'more\n' : ''}`);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const plan = ['a', 'b', 'c'].map((query) => `- request: /cgi-bin/hello.sh?${query}\n`).join('');
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': plan });
    const { code, results } = await smokeJson(t, folder, ['plan.yaml', '--against', url]);
    assert.equal(code, 1);
    assert.deepEqual(
      results.map(({ outcome, failures }) => [outcome, failures[0]?.summary]),
      [
        ['passed', undefined],
        ['failed', 'the status is 200 here and 404 there'],
        ['failed', 'the body differs: "-" is there, "+" is here'],
      ],
    );
    assert.ok(results[2]?.failures[0]?.detail.includes('-more'));
  });

  it('compares with the same site kept warm', async (t) => {
    const perl = '#!/usr/bin/perl\nprint "Content-Type: text/plain\\n\\nhello $0\\n";\n';
    const folder = siteFolder(t, { 'cgi-bin/a.pl': perl, 'public/index.html': '<a href="/cgi-bin/a.pl?again">' });
    const { code, results, report } = await smokeJson(t, folder, ['--against', 'warm']);
    assert.equal(code, 0, JSON.stringify(results, null, 1));
    assert.equal(results.length, 2);
    assert.match(report.notes.join(), /^[12] of 2 runs were warm$/);
  });
});

describe('a run that goes on', () => {
  it('runs again when a script changes', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const running = startCgibox(t, ['smoke', '--site', folder, '--watch'], { folder });
    await running.saying(/1 passed in/, 'stdout');
    // The notice of a change begins a moment after the report.
    for (let attempt = 0; attempt < 20 && !/has changed/.test(running.stdout()); attempt += 1) {
      writeFileSync(join(folder, 'cgi-bin/hello.sh'), '#!/bin/sh\n');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await running.saying(/cgi-bin\/hello\.sh has changed\n[\s\S]*1 failed in/, 'stdout');
    running.child.kill('SIGINT');
    assert.equal((await running.ended).code, 0);
  });

  it('reports what it knows when it is ended', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'cgi-bin/slow.sh': '#!/bin/sh\nsleep 60\n',
      'plan.yaml': '- request: /cgi-bin/hello.sh\n- request: /cgi-bin/slow.sh\n- request: /cgi-bin/hello.sh\n',
    });
    const running = startCgibox(t, ['smoke', '--site', folder, 'plan.yaml', '--junit', 'report.xml'], { folder });
    await running.saying(/1\/3 ok/, 'stdout');
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    assert.match(stdout, /2\/3 ERROR GET \/cgi-bin\/slow\.sh .*\nerror: interrupted\n/);
    assert.match(
      stdout,
      /\n {2}skip 1 request: interrupted\nwhat failed:|\n {2}skip 1 request: interrupted\n1 passed, 1 error, 1 skipped in /,
    );
    assert.match(readFileSync(join(folder, 'report.xml'), 'utf8'), /<skipped message="interrupted"\/>/);
  });
});
