// Random URLs against a site full of traps: whatever is asked for, nothing leaves the roots, and nothing that may
// never be served is sent (fast-check, seeded).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { requestTarget } from '../../server/site/request-target.ts';
import { listingPage } from '../../server/static/listing.ts';
import { type TemporarySite, temporarySite } from './temporary-site.ts';

const SECRET = 'SECRET';
const SH = `#!/bin/sh\n# ${SECRET}\n`;
const FILES = {
  'secret.txt': SECRET,
  'cgibox.yaml': SECRET,
  'public/index.html': 'page',
  'public/page.txt': 'page',
  'public/sub/page.txt': 'page',
  'public/sub/x.pl': SH,
  'public/sub/x.pl~': SECRET,
  'public/sub/plain': SH,
  'public/.git/config': SECRET,
  'public/.htpasswd': SECRET,
  'public/members/.htaccess': 'Deny from all',
  'public/members/list.txt': SECRET,
  'public/data/x.txt': SECRET,
  'public/old.bak/page.txt': SECRET,
  'public/cgi-bin/fake': SECRET,
  'public/tools/prog': SECRET,
  'cgi-bin/x.pl': SH,
  'cgi-bin/data.txt': SECRET,
  'cgi-bin/sub/tool': SH,
};
const NAMES = Object.keys(FILES).flatMap((name) => name.split('/'));
const ODD = [
  '',
  '.',
  '..',
  '...',
  '%2e%2e',
  '.%2E',
  '%252e',
  '%2f',
  '%5c',
  '\\',
  '..\\',
  '%00',
  '%',
  ';',
  '::$DATA',
  '%20',
  '~',
  '+',
  '?',
  '#',
  '\u00e9',
  '%e9',
  '%0a',
  'out',
  'up',
  'link.txt',
  'CGI-BIN',
  'X.PL',
];

const segment = fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...ODD), fc.string({ maxLength: 3 }));
const spelt = fc
  .tuple(segment, fc.constantFrom('', '', '', '.', '%20', '~', '/', '::$DATA', '.bak', '%2e'))
  .map((parts) => parts.join(''));
const encodedOnce = spelt.map((text) => text.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`));
const url = fc
  .tuple(fc.constantFrom('/', '//', '/../', 'http://h/', ''), fc.array(fc.oneof(spelt, encodedOnce), { maxLength: 6 }))
  .map(([start, segments]) => start + segments.join('/'));

function trap(t: Parameters<typeof temporarySite>[0], followSymlinks: 'inside' | 'never'): TemporarySite {
  const site = temporarySite(t, FILES, {
    site: { deny: ['/data/**'], followSymlinks },
    cgi: { scriptAlias: { '/cgi-bin/': 'cgi-bin', '/run/': 'public/tools' } },
  });
  const link = (target: string, name: string) => fs.symlinkSync(target, path.join(site.root, 'public', name));
  link('..', 'up');
  link('/', 'out');
  link('members/list.txt', 'link.txt');
  link('../cgi-bin', 'sub/cgi-bin');
  return site;
}

async function expectHarmless({ root, site }: TemporarySite, received: string): Promise<void> {
  const outcome = requestTarget(received);
  if (outcome.kind !== 'target') return;
  const resource = site.resolve(outcome.target);
  if (resource.kind === 'file') {
    assert.ok(resource.file.file.startsWith(`${root}/public/`), received);
    assert.ok(!fs.readFileSync(resource.file.file, 'latin1').includes(SECRET), received);
  }
  if (resource.kind === 'directory') {
    assert.ok(`${resource.folder.folder}/`.startsWith(`${root}/public/`), received);
    const page = (await listingPage(resource.folder, site)).body.toString('latin1');
    assert.doesNotMatch(page, /\.git|htpasswd|members|"\.\/data|bak|~|fake|prog|link\.txt|out/, received);
  }
  if (resource.kind === 'movedTo') assert.match(resource.location, /^\/(?:[\w%.:()$!*+,;=@~-]+\/)+(?:\?|$)/, received);
  if (resource.kind === 'script')
    assert.match(resource.place.scriptFile.slice(root.length), /^\/(cgi-bin|public)\//, received);
}

describe('any URL at all', () => {
  for (const followSymlinks of ['inside', 'never'] as const) {
    it(`never throws and never leaks (followSymlinks: ${followSymlinks})`, async (t) => {
      const site = trap(t, followSymlinks);
      await fc.assert(
        fc.asyncProperty(url, (received) => expectHarmless(site, received)),
        { seed: 3875, numRuns: 3000 },
      );
    });
  }
});
