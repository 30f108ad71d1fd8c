// log.level: debug and --verbose: each step of a request, as it happens, and what a new configuration changes.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startCgibox } from '../cli/cgibox-process.ts';
import { sh, startSite, temporaryFolder } from '../support/start-site.ts';

const FILES = {
  'cgi-bin/there': sh`echo "Location: /page.txt?x"; echo`,
  'cgi-bin/plain.sh': { content: sh`echo "Content-Type: text/plain"; echo; exit 3`, mode: 0o644 },
  'public/page.txt': 'page',
};

describe('log.level: debug', () => {
  it('tells each step of a request', async (t) => {
    const site = await startSite(t, FILES, { log: { level: 'debug', format: 'auto' } });
    for (const url of ['/cgi-bin/there', '/cgi-bin/plain.sh/info', '/.git']) await (await site.get(url)).text();
    const { id } = await site.logged('/cgi-bin/plain.sh/info');
    const lines = site.log.map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
    const steps = lines.flatMap(({ debug }) => debug?.replaceAll(site.folder, 'SITE') ?? []);
    for (const step of [
      /^\/cgi-bin\/there is the script SITE\/cgi-bin\/there$/,
      /^started by \w+ as process \d+ in SITE\/cgi-bin: SITE\/cgi-bin\/there$/,
      /^ended with exit status 0$/,
      /^\/page\.txt\?x is the file SITE\/public\/page\.txt$/,
      /^\/cgi-bin\/plain\.sh\/info is the script SITE\/cgi-bin\/plain\.sh, PATH_INFO \/info$/,
      /^tolerated: notExecutable$/,
      /^ended with exit status 3$/,
      /^\/\.git is refused: dotFile$/,
    ])
      assert.ok(
        steps.some((text) => step.test(text)),
        `${step} in\n${steps.join('\n')}`,
      );
    const tolerated = lines.find(({ debug }) => debug === 'tolerated: notExecutable');
    assert.deepEqual([tolerated?.level, tolerated?.id], ['debug', id]);
  });

  it('is silent with info', async (t) => {
    const site = await startSite(t, FILES);
    await (await site.get('/cgi-bin/there')).text();
    await site.logged('/cgi-bin/there');
    assert.equal(site.log.length, 1);
  });
});

describe('--verbose', () => {
  it('tells the steps, and which keys a new configuration changes', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'index.html'), 'page');
    const file = join(folder, 'cgibox.yaml');
    await writeFile(file, 'site: { documentRoot: . }\n');
    const cgibox = startCgibox(t, ['serve', folder, '--port', '0', '--verbose']);
    const [, url] = await cgibox.saying(/address +(http:\S+)\//);
    await cgibox.saying(/inspector/);
    await (await fetch(`${url}/`)).text();
    await cgibox.saying(/"debug":"\/ is the file \S+\/index\.html"/, 'stdout');
    await writeFile(file, 'site: { documentRoot: ., listing: false }\n');
    await cgibox.saying(/configuration read again \(the file has changed\)\n {2}changed: site\.listing\n/);
  });
});
