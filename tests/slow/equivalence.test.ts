// Every perl and python3 script of the project, and CGI programs of Debian, answer the same however they are run
// (PRODUCT.md section 7). Compared: status, header, body, stderr, exit; the environment where a script prints it.
import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { whyPackageIsMissing } from '../support/debian-package.ts';
import { startFolder, type TestSite, temporaryFolder } from '../support/start-site.ts';

const RUNNERS = {
  direct: { runner: 'direct', warm: [] },
  forkserver: { runner: 'forkserver', warm: [] },
  warm: { runner: 'forkserver', warm: ['perl', 'python3'] },
} as const;
type Runner = keyof typeof RUNNERS;

const PROJECT = resolve(import.meta.dirname, '../..');
/** They wait for minutes, or show the time itself. */
const LEFT_OUT = /sleep|forever|clock|stream|never-ends|endless/;
/** The time, and how the body is framed: with its length where all of it came within a moment, else in chunks. */
const OF_ONE_ANSWER = /^(date|x-request-id|etag|last-modified|content-length|transfer-encoding)$/;
const DEBIAN = [
  { file: '/usr/share/gitweb/gitweb.cgi', packages: ['gitweb', 'libcgi-pm-perl'] },
  { file: '/usr/lib/cgi-bin/awstats.pl', packages: ['awstats'] },
  { file: '/usr/share/mailgraph/mailgraph.cgi', packages: ['mailgraph'] },
];
// A wrapper on PATH, such as pyenv's, is never run warm.
process.env.PATH = `/usr/bin:/bin:${process.env.PATH}`;
const QUERIES = ['', '?name=Alice&n=3', '?one+two'];

describe('equivalence of the runners (PRODUCT.md section 7)', () => {
  it('holds for each script of the project', async (t) => {
    const scripts = await scriptsOf(['cgi-bin', 'tests/fixtures']);
    assert.ok(scripts.length > 20, `${scripts.length} scripts`);
    await compare(t, scripts);
  });

  for (const { file, packages } of DEBIAN) {
    it(`holds for ${basename(file)} of Debian`, async (t) => {
      const why = whyPackageIsMissing(file, packages);
      if (why !== undefined) return t.skip(why);
      await compare(t, [file]);
    });
  }
});

async function scriptsOf(folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(join(PROJECT, folder), { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (!entry.isFile() || LEFT_OUT.test(entry.name)) continue;
      if (/^(\xef\xbb\xbf)?#!.*(perl|python)/.test((await readFile(file, 'latin1')).slice(0, 200))) found.push(file);
    }
  }
  return found;
}

/** Each runner has a copy of its own: scripts write files. */
async function compare(t: TestContext, scripts: readonly string[]): Promise<void> {
  const sites = new Map<Runner, TestSite>();
  for (const runner of Object.keys(RUNNERS) as Runner[]) sites.set(runner, await siteOf(t, scripts, RUNNERS[runner]));
  await untilWarm(sites.get('warm'), scripts);
  const differing: string[] = [];
  let warmRuns = 0;
  for (const name of scripts.map((file, index) => nameOf(file, index))) {
    for (const [query, method] of [...QUERIES.map((text) => [text, 'GET']), ['', 'POST']] as const) {
      const url = `/cgi-bin/${name}${query}`;
      const answers = new Map<Runner, string>();
      for (const [runner, site] of sites) {
        const { text, ranAs } = await answerOf(site, url, method);
        answers.set(runner, text);
        if (ranAs === 'warm') warmRuns += 1;
      }
      const forked = answers.get('forkserver');
      if (forked !== answers.get('direct'))
        differing.push(`${method} ${url}: direct\n${answers.get('direct')}\n--\n${forked}`);
      if (forked !== answers.get('warm'))
        differing.push(`${method} ${url}: warm\n${answers.get('warm')}\n--\n${forked}`);
    }
  }
  assert.equal(differing.join('\n\n'), '');
  assert.ok(warmRuns > 0, 'nothing was run warm');
}

function nameOf(file: string, index: number): string {
  return `${index}-${basename(file)}`;
}

async function siteOf(t: TestContext, scripts: readonly string[], cgi: object): Promise<TestSite> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'cgi-bin'));
  for (const [index, file] of scripts.entries()) await copyFile(file, join(folder, 'cgi-bin', nameOf(file, index)));
  await cp(join(PROJECT, 'public'), join(folder, 'public'), { recursive: true });
  return startFolder(t, folder, { cgi });
}

/** Residents are started by the first request for their language. */
async function untilWarm(site: TestSite | undefined, scripts: readonly string[]): Promise<void> {
  for (const [index, file] of scripts.entries()) await (await site?.get(`/cgi-bin/${nameOf(file, index)}`))?.text();
  await new Promise((settle) => setTimeout(settle, 3000));
}

async function answerOf(site: TestSite, url: string, method: string): Promise<{ text: string; ranAs: unknown }> {
  const from = site.log.length;
  const response = await site.get(url, {
    method,
    redirect: 'manual',
    ...(method === 'POST' && {
      body: 'name=Alice&text=%E9+x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  });
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const lines = await logLines(site, from);
  const run = lines.find((line) => 'exit' in line) ?? {};
  const stderr = lines.map((line) => line.stderr ?? '').join('\n');
  const fields = [...response.headers].filter(([name]) => !OF_ONE_ANSWER.test(name));
  const seen = [response.status, JSON.stringify(fields), body, stderr, JSON.stringify([run.exit, run.cause])];
  return { text: masked(seen.join('\n'), site), ranAs: run.runner };
}

async function logLines(site: TestSite, from: number): Promise<readonly Record<string, unknown>[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const lines = site.log.slice(from).map((line) => JSON.parse(line) as Record<string, unknown>);
    if (lines.some((line) => 'exit' in line)) return lines;
    await new Promise((settle) => setTimeout(settle, 20));
  }
  return [];
}

/** What is another in each run: folder, ports, times, numbers of processes and objects. */
function masked(text: string, site: TestSite): string {
  return (
    text
      .replaceAll(site.folder, '/site')
      .replaceAll(String(site.port), 'PORT')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
      .replace(/\b\d\d:\d\d(:\d\d)?\b/g, 'TIME')
      .replace(/(REMOTE_PORT\D{0,40}?)\d+/g, '$1N')
      .replace(/\b0x[0-9a-f]+\b/g, '0x')
      // Session ids and form tokens of the fixture that has them.
      .replace(/\b[0-9a-f]{16}\b|\b[0-9a-f]{12}\+\/=&quot;[0-9a-f]{8}\b/g, 'RANDOM')
      .replace(/\b\d{9,}(\.\d+)?\b/g, 'N')
      .replace(/\b(pid|PID|process)([ =:]+)\d+/g, '$1$2N')
  );
}
