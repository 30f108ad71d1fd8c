import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { startCgibox } from './cgibox-process.ts';

const SITE = {
  'index.html': 'hello',
  'cgi-bin/now.sh': '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nnow"\n',
  'cgi-bin/slow.sh': '#!/bin/sh\nsleep 1\nprintf "Content-Type: text/plain\\n\\nslow"\n',
  'cgibox.yaml': 'cgi: {runner: direct}\nsite: {headers: {X-Old: "1"}}\n',
};
const ADDRESS = /address {8}(http:\S+)\//;

describe('cgibox serve', () => {
  it('tells the address and the scripts on stderr, and logs on stdout', async (t) => {
    const cgibox = startCgibox(t, ['serve', temporaryFolder(t, SITE), '--port', '0', '--json']);
    const [, url] = await cgibox.saying(ADDRESS);
    await cgibox.saying(/2 found\n {4}\/cgi-bin\/now\.sh {3}\/\S*sh \(tolerated: notExecutable\)/);
    assert.equal(await (await fetch(`${url}/cgi-bin/now.sh`)).text(), 'now');
    await cgibox.saying(/now\.sh/, 'stdout');
    cgibox.child.kill('SIGTERM');
    const { code, stdout } = await cgibox.ended;
    assert.equal(code, 0);
    for (const line of stdout.trim().split('\n')) assert.equal(typeof JSON.parse(line), 'object');
  });

  it('lets a request in flight finish when it is stopped', async (t) => {
    const cgibox = startCgibox(t, ['serve', temporaryFolder(t, SITE), '--port', '0']);
    const [, url] = await cgibox.saying(ADDRESS);
    const answer = fetch(`${url}/cgi-bin/slow.sh`);
    await new Promise((go) => setTimeout(go, 400));
    cgibox.child.kill('SIGINT');
    assert.equal(await (await answer).text(), 'slow');
    assert.equal((await cgibox.ended).code, 0);
  });

  it('reads a changed file again, and keeps the old one when it is bad', async (t) => {
    const site = temporaryFolder(t, SITE);
    const cgibox = startCgibox(t, ['serve', site, '--port', '0']);
    const [, url] = await cgibox.saying(ADDRESS);
    const header = async () => (await fetch(`${url}/`)).headers.get('x-old');
    assert.equal(await header(), '1');
    writeFileSync(join(site, 'cgibox.yaml'), 'cgi: {runner: direct}\nsite: {headers: {X-Old: "2"}}\n');
    await cgibox.saying(/configuration read again \(the file has changed\)/);
    assert.equal(await header(), '2');
    writeFileSync(join(site, 'cgibox.yaml'), 'siet: 1\n');
    await cgibox.saying(/the old one stays in force/);
    assert.match(cgibox.stderr(), /did you mean "site"\?/);
    assert.equal(await header(), '2');
  });

  it('says nothing with --quiet', async (t) => {
    const cgibox = startCgibox(t, ['serve', temporaryFolder(t, { 'index.html': '' }), '--port', '0', '--quiet']);
    await new Promise((go) => setTimeout(go, 2000));
    cgibox.child.kill('SIGTERM');
    const { stdout, stderr } = await cgibox.ended;
    assert.deepEqual([stdout, stderr], ['', '']);
  });
});
