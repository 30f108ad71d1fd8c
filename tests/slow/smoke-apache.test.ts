// Old programs recorded from Apache mod_cgid and verified on cgibox: the path of a site that moves.
// Real programs of Debian: info2www and awstats (Perl), gitweb (Perl), man2html (C).
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { apache } from '../bench/contenders/apache.ts';
import { startCgibox } from '../cli/cgibox-process.ts';
import { smoke, smokeJson } from '../smoke/smoking.ts';
import { whyPackageIsMissing } from '../support/debian-package.ts';

const PROGRAMS = [
  ['/usr/lib/cgi-bin/info2www', ['info2www']],
  ['/usr/lib/cgi-bin/awstats.pl', ['awstats']],
  ['/usr/lib/cgi-bin/man/man2html', ['man2html']],
  ['/usr/share/gitweb/gitweb.cgi', ['gitweb', 'libcgi-pm-perl', 'git']],
] as const;
const skip =
  [['/usr/sbin/apache2', ['apache2']] as const, ...PROGRAMS]
    .map(([file, packages]) => whyPackageIsMissing(file, packages))
    .find((reason) => reason !== undefined) ?? false;

/** A folder that www-data may enter, as Apache's scripts must. */
function siteOfPrograms(t: TestContext): string {
  const folder = mkdtempSync('/tmp/cgibox-smoke-apache-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  for (const name of ['cgi-bin', 'public', 'apache']) mkdirSync(join(folder, name));
  for (const [file] of PROGRAMS) copyFileSync(file, join(folder, 'cgi-bin', file.split('/').at(-1) ?? ''));
  writeFileSync(join(folder, 'cgi-bin/greet.py'), GREET);
  chmodSync(join(folder, 'cgi-bin/greet.py'), 0o755);
  return folder;
}

const GREET = `#!/usr/bin/env python3
import os, sys
body = sys.stdin.read(int(os.environ.get("CONTENT_LENGTH") or 0))
print("Content-Type: text/plain; charset=utf-8\\nSet-Cookie: seen=1; Path=/\\n")
print(os.environ["REQUEST_METHOD"], os.environ["QUERY_STRING"], os.environ.get("HTTP_COOKIE"), body)
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startApache(t: TestContext, folder: string): Promise<string> {
  const port = await freePort();
  const processes = apache().start({ site: { folder } as never, port, folder: join(folder, 'apache') });
  t.after(() => Promise.all(processes.map((each) => each.stop())));
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return url;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Apache does not answer');
}

describe('programs of Debian', { skip }, () => {
  it('pass the smoke test that needs no file', async (t) => {
    const { code, results } = await smokeJson(t, siteOfPrograms(t));
    assert.equal(code, 0, JSON.stringify(results, null, 1));
    assert.equal(results.length, PROGRAMS.length + 1);
  });

  it('answer on cgibox as they were recorded from Apache', async (t) => {
    const folder = siteOfPrograms(t);
    const from = await startApache(t, folder);
    const words = ['smoke', '--site', folder, '--port', '0', '--record', 'apache.yaml', '--from', from];
    const recording = startCgibox(t, words, { folder });
    const [, proxy = ''] = await recording.saying(/open (http:\S+)\/ in a browser/, 'stdout');
    for (const path of ['info2www', 'man2html?man+1', 'gitweb.cgi?a=opml', 'awstats.pl?config=none', 'greet.py?a=b'])
      await (await fetch(`${proxy}/cgi-bin/${path}`)).text();
    await fetch(`${proxy}/cgi-bin/greet.py`, { method: 'POST', body: new URLSearchParams({ text: 'ü & x' }) });
    recording.child.kill('SIGINT');
    const { stdout } = await recording.ended;
    assert.match(stdout, /^6 requests are in apache\.yaml$/m);
    const verified = await smoke(t, folder, ['apache.yaml']);
    assert.equal(verified.code, 0, verified.stdout);
    const compared = await smoke(t, folder, ['apache.yaml', '--against', from]);
    assert.equal(compared.code, 0, compared.stdout);
  });
});
