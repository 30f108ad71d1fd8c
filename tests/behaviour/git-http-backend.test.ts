// git's own CGI program behind cgibox, with a real git client: git-http-backend(1), gitprotocol-http(5).
// Small packets in both directions, bodies of unknown length, compressed requests, PATH_INFO, Status.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Config } from '../../server/config/schema.ts';
import { createGitClient, type GitClient, whyGitIsMissing } from '../support/git-client.ts';
import { startSite } from '../support/start-site.ts';

const BRANCHES = 60;
const LARGE_BYTES = 3_000_000;
// The smallest buffer that git accepts: a longer body is sent chunked.
const SMALL_BUFFER = ['-c', 'http.postBuffer=65536'];

describe('git http-backend (git-http-backend(1))', { skip: whyGitIsMissing() ?? false }, () => {
  it('gives a whole clone', async (t) => {
    const { client, url } = await startRepository(t);
    await client.git('.', 'clone', '-q', url, 'copy');
    assert.equal(readFileSync(join(client.folder, 'copy/page.txt'), 'utf8'), 'second\n');
    assert.equal(await client.git('copy', 'rev-list', '--count', 'HEAD'), '2\n');
  });

  it('gives a shallow clone, and its past afterwards', async (t) => {
    const { client, url } = await startRepository(t);
    await client.git('.', 'clone', '-q', '--depth=1', url, 'shallow');
    assert.equal(await client.git('shallow', 'rev-list', '--count', 'HEAD'), '1\n');
    await client.git('shallow', 'fetch', '-q', '--unshallow');
    assert.equal(await client.git('shallow', 'rev-list', '--count', 'HEAD'), '2\n');
  });

  it('takes a compressed request', async (t) => {
    const { client, url, bare, trace } = await startRepository(t);
    await addBranches(client, bare);
    await client.git('.', 'clone', '-q', url, 'copy');
    assert.equal(
      (await client.git('copy', 'branch', '-r', '--list', 'origin/topic-*')).trim().split('\n').length,
      BRANCHES,
    );
    assert.match(trace(), /=> Send header: Content-Encoding: gzip/);
  });

  it('takes a push of 3 MB in chunks, and gives it to a fetch', async (t) => {
    const { client, url, trace } = await startRepository(t);
    await client.git('.', 'clone', '-q', url, 'pusher');
    await client.git('.', 'clone', '-q', url, 'fetcher');
    const large = randomBytes(LARGE_BYTES);
    writeFileSync(join(client.folder, 'pusher/large.bin'), large);
    await client.git('pusher', 'add', 'large.bin');
    await client.git('pusher', 'commit', '-q', '-m', 'large');
    await client.git('pusher', ...SMALL_BUFFER, 'push', '-q', 'origin', 'HEAD:main');
    assert.match(trace(), /=> Send header: Transfer-Encoding: chunked/);
    await client.git('fetcher', 'fetch', '-q');
    await client.git('fetcher', 'merge', '-q', '--ff-only', 'origin/main');
    assert.ok(
      large.equals(readFileSync(join(client.folder, 'fetcher/large.bin'))),
      'the fetched file is the pushed one',
    );
  });

  it('is the one script of an alias, and speaks every version of the protocol', async (t) => {
    const backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
    const { client, bare, site } = await startRepository(t, { scriptAlias: { '/git/': backend } });
    for (const key of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant'])
      await client.git('.', '-C', bare, 'config', key, 'true');
    for (const version of ['0', '1', '2']) {
      const words = ['-c', `protocol.version=${version}`, 'clone', '-q', '--filter=blob:none'];
      await client.git('.', ...words, `${site.url}/git/old.git`, `part-${version}`);
      assert.equal(readFileSync(join(client.folder, `part-${version}/page.txt`), 'utf8'), 'second\n');
      assert.match(await client.git(`part-${version}`, 'show', 'HEAD~1:page.txt'), /^first$/m);
    }
  });

  it('tells the client of a repository that is not there', async (t) => {
    const { client, url } = await startRepository(t);
    await assert.rejects(client.git('.', 'clone', '-q', `${url}-gone`, 'copy'), /not found/);
  });
});

/** A site whose /cgi-bin/git serves one repository with two commits. */
async function startRepository(t: TestContext, keys: Partial<Config['cgi']> = {}) {
  const environment = { GIT_PROJECT_ROOT: '${SITE}/repositories', GIT_HTTP_EXPORT_ALL: '1' };
  const files = { 'cgi-bin/git': '#!/bin/sh\nexec git http-backend\n', 'repositories/readme': 'bare repositories\n' };
  const site = await startSite(t, files, { cgi: { environment, ...keys } });
  const traceFile = join(site.folder, 'trace');
  const client = createGitClient(t, { GIT_TRACE_CURL: traceFile, GIT_TRACE_CURL_NO_DATA: '1' });
  const bare = join(site.folder, 'repositories/old.git');
  await client.git('.', 'init', '-q', '--bare', bare);
  await client.git('.', '-C', bare, 'config', 'http.receivepack', 'true');
  await client.git('.', 'init', '-q', 'origin');
  for (const text of ['first\n', 'second\n']) {
    writeFileSync(join(client.folder, 'origin/page.txt'), text);
    await client.git('origin', 'add', 'page.txt');
    await client.git('origin', 'commit', '-q', '-m', text.trim());
  }
  await client.git('origin', 'push', '-q', bare, 'main');
  return { client, bare, site, url: `${site.url}/cgi-bin/git/old.git`, trace: () => readFileSync(traceFile, 'utf8') };
}

// Each with a commit of its own: the client's list of wants is then longer than what it sends uncompressed.
async function addBranches(client: GitClient, bare: string): Promise<void> {
  for (let branch = 0; branch < BRANCHES; branch += 1) {
    const commit = await client.git('origin', 'commit-tree', '-p', 'HEAD', '-m', `topic ${branch}`, 'HEAD^{tree}');
    await client.git('origin', 'branch', `topic-${branch}`, commit.trim());
  }
  await client.git('origin', 'push', '-q', '--all', bare);
}
