// Every cause of the table: a script, a request or an accident that brings it about, and the whole page that comes of it.
// CGIBOX_WRITE_EXPECTED=1 writes the pages anew, for review; never in CI.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cause } from '../../server/diagnosis/cause.ts';
import { untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { serveProcess, serveWrapped } from '../support/serve-process.ts';
import { type FileContent, type Overrides, sh, startSite, type TestSite } from '../support/start-site.ts';

const EXPECTED = join(import.meta.dirname, 'expected');
const WRITES = process.env.CGIBOX_WRITE_EXPECTED === '1' && process.env.CI === undefined;

interface Failing {
  readonly status: number;
  readonly content: FileContent;
  readonly overrides?: Overrides;
  readonly ask?: (site: TestSite) => Promise<Response>;
}

const STRICT: Overrides = { cgi: { tolerate: [] } };
const perl = (text: string) => `#!/usr/bin/perl\n${text}\n`;
const LIMITS = {
  timeoutSeconds: 60,
  requestHeaderBytes: 65_536,
  killAfterSeconds: 1,
  bodyBytes: 1000,
  headerBytes: 65_536,
  running: 32,
  waiting: 512,
};

/** Those that no script and no request can bring about are below: the compiler counts them. */
type Accident = 'stopping' | 'runnerLost' | 'spoolFailed';

const CAUSES: Readonly<Record<Exclude<Cause['kind'], Accident>, Failing>> = {
  notExecutable: { status: 500, content: { content: sh`echo`, mode: 0o644 }, overrides: STRICT },
  shebangMissing: { status: 500, content: { content: 'echo hello\n', mode: 0o755 }, overrides: STRICT },
  shebangCarriageReturn: { status: 500, content: '#!/bin/sh\r\necho\r\n', overrides: STRICT },
  shebangByteOrderMark: {
    status: 500,
    content: { content: '\ufeff#!/bin/sh\necho\n', mode: 0o755 },
    overrides: STRICT,
  },
  interpreterMissing: { status: 500, content: '#!/opt/nowhere/cobol\nDISPLAY\n' },
  couldNotStart: { status: 500, content: { content: Buffer.from('\x7fELF\0 but no program'), mode: 0o755 } },
  environmentTooLarge: {
    status: 431,
    content: sh`echo`,
    overrides: { limits: { ...LIMITS, requestHeaderBytes: 1024 * 1024 } },
    ask: (site) => site.get('/cgi-bin/failing', { headers: { 'x-long': 'x'.repeat(200_000) } }),
  },
  noOutput: {
    status: 500,
    content: sh`echo "cannot open data/guests" >&2; exit 3`,
    ask: (site) => site.get('/cgi-bin/failing?name=Alice&text=two%20words'),
  },
  headerIncomplete: { status: 500, content: perl('print "Content-Type: text/plain\\n"; kill 9, $$ if 0;') },
  headerMalformed: { status: 500, content: perl('print "Content-Type: text/plain\\nSet Cookie: a\\n\\nbody\\n";') },
  headerTooLarge: { status: 500, content: perl('print "X-Long: ", "x" x 70000, "\\n\\n";') },
  headerWithoutCgiField: { status: 500, content: perl('print "X-Powered-By: habit\\n\\nbody\\n";') },
  statusMalformed: { status: 500, content: perl('print "Status: fine\\nContent-Type: text/plain\\n\\n";') },
  locationMalformed: { status: 500, content: perl('print "Location: $undefined\\n\\n";') },
  localRedirectLoop: { status: 500, content: perl('print "Location: $ENV{SCRIPT_NAME}\\n\\n";') },
  timeLimit: { status: 504, content: sh`exec sleep 30`, overrides: { limits: { ...LIMITS, timeoutSeconds: 1 } } },
  queueFull: {
    status: 503,
    content: sh`sleep 2; echo "Content-Type: text/plain"; echo`,
    overrides: { limits: { ...LIMITS, running: 1, waiting: 0 } },
    ask: async (site) => {
      void site.get('/cgi-bin/failing').catch(() => {});
      await new Promise((settle) => setTimeout(settle, 500));
      return site.get('/cgi-bin/failing');
    },
  },
  bodyTooLarge: {
    status: 413,
    content: sh`echo`,
    overrides: { limits: LIMITS },
    ask: (site) => site.get('/cgi-bin/failing', { method: 'POST', body: 'x'.repeat(2000) }),
  },
};

interface Answered {
  readonly status: number;
  readonly id: string;
  readonly page: string;
}

async function answered(response: Response): Promise<Answered> {
  const id = response.headers.get('x-request-id') ?? 'no id';
  return { status: response.status, id, page: await response.text() };
}

/** Compares a whole page with expected/KIND.txt; what differs from run to run is replaced. */
function assertPage({ status, id, page }: Answered, expected: { kind: string; status: number; folder: string }): void {
  const steady = page
    .replaceAll(expected.folder, '/SITE')
    .replaceAll(id, 'ID')
    .replace(/^\s*\/SITE\/cgi-bin\/failing: line \d+:.*$/gm, '  (words of the shell)');
  assert.equal(status, expected.status, page);
  const file = join(EXPECTED, `${expected.kind}.txt`);
  if (WRITES) {
    mkdirSync(EXPECTED, { recursive: true });
    writeFileSync(file, steady);
  }
  assert.equal(steady, readFileSync(file, 'utf8'));
}

describe('the failure page of each cause', () => {
  for (const [kind, failing] of Object.entries(CAUSES)) {
    it(`says it: ${kind}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/failing': failing.content }, failing.overrides);
      if (kind === 'couldNotStart' && site.server.runner === 'direct')
        return t.skip('a spawn of Node hands what is no program to sh');
      const response = await (failing.ask?.(site) ?? site.get('/cgi-bin/failing'));
      assertPage(await answered(response), { kind, status: failing.status, folder: site.folder });
    });
  }
});

/** The helpers of this process, which start its scripts. */
async function forkServers(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const [stat, line] = await Promise.all(
      ['stat', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'latin1').catch(() => '')),
    );
    const [, parent] = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === process.pid && line?.includes('fork-server.py')) found.push(Number(name));
  }
  return found;
}

/** What is mounted by the command behind it is gone with it, and nobody else sees it (unshare(1)). */
const OWN_MOUNTS = ['unshare', '-rm'];

describe('the failure page of an accident of the server', () => {
  it('says it to a request that waits when SIGTERM comes: stopping', async (t) => {
    const script = sh`exec sleep 30`;
    const settings = { CGIBOX_SERVER_GRACE_SECONDS: '0.5', CGIBOX_LIMITS_KILL_AFTER_SECONDS: '1' };
    const { folder, child, port, ended } = await serveProcess(t, { failing: script }, settings);
    const answer = fetch(`http://127.0.0.1:${port}/cgi-bin/failing`);
    await untilProcessesIn(folder, 1);
    child.kill('SIGTERM');
    assertPage(await answered(await answer), { kind: 'stopping', status: 503, folder });
    assert.deepEqual(await ended, [0, null]);
  });

  it('says it to the launch that a helper was busy with when it was killed: runnerLost', async (t) => {
    const site = await startSite(t, { 'cgi-bin/failing': sh`echo "Content-Type: text/plain"; echo; echo fine` });
    if (site.server.runner !== 'forkserver') return t.skip(`there is no helper with ${site.server.runner}`);
    await sleep(500); // all helpers are there
    const helpers = await forkServers();
    assert.ok(helpers.length > 0);
    for (const pid of helpers) process.kill(pid, 'SIGSTOP');
    const answer = site.get('/cgi-bin/failing');
    while (site.server.history?.list()[0]?.recording.runs.length !== 1) await sleep(10);
    await sleep(200); // it is with a helper
    for (const pid of helpers) process.kill(pid, 'SIGKILL');
    assertPage(await answered(await answer), { kind: 'runnerLost', status: 500, folder: site.folder });
    // The other one dies in its own time, and what it is sent before that fails like this.
    while (helpers.some((pid) => existsSync(`/proc/${pid}`))) await sleep(10);
    assert.equal(await (await site.get('/cgi-bin/failing')).text(), 'fine\n', 'the next one is started by another');
  });

  it('says it to a script whose output was with its fork server: runnerLost', async (t) => {
    const site = await startSite(t, { 'cgi-bin/failing': sh`exec sleep 30` });
    if (site.server.runner !== 'forkserver') return t.skip(`there is no helper with ${site.server.runner}`);
    const answer = site.get('/cgi-bin/failing');
    await untilProcessesIn(site.folder, 1);
    for (const pid of await forkServers()) process.kill(pid, 'SIGKILL');
    assertPage(await answered(await answer), { kind: 'runnerLost', status: 500, folder: site.folder });
    await untilProcessesIn(site.folder, 0);
  });

  const CHUNKED = ['Transfer-Encoding: chunked'];
  const chunked = `200000\r\n${'x'.repeat(0x200000)}\r\n0\r\n\r\n`;
  async function sendChunked(port: number): Promise<Answered> {
    const client = await rawClient(port, requestText('POST /cgi-bin/failing', CHUNKED, chunked));
    const { status, fields, body } = await client.answer();
    assert.equal(fields.get('connection'), 'close', 'where the next request begins is not waited for');
    await client.over();
    return { status, id: fields.get('x-request-id') ?? 'no id', page: body };
  }

  it('says it where the temporary folder is not there: spoolFailed', async (t) => {
    const { folder, port } = await serveProcess(t, { failing: sh`cat` }, { TMPDIR: '/nowhere/at/all' });
    assertPage(await sendChunked(port), { kind: 'spoolFailed', status: 500, folder });
  });

  it('says it where the temporary folder is full: spoolFailed', async (t) => {
    const [program = '', ...words] = [...OWN_MOUNTS, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'];
    const refusal = spawnSync(program, words, { encoding: 'utf8' });
    if (refusal.status !== 0) return t.skip(`no file system of our own may be mounted here: ${refusal.stderr}`);
    const mounting = 'mount -t tmpfs -o size=1m tmpfs /mnt && exec "$@"';
    const wrapper = [...OWN_MOUNTS, 'sh', '-c', mounting, 'sh'];
    const { folder, port } = await serveWrapped(t, { failing: sh`cat` }, { settings: { TMPDIR: '/mnt' }, wrapper });
    assertPage(await sendChunked(port), { kind: 'spoolFailed-full', status: 500, folder });
    const short = await fetch(`http://127.0.0.1:${port}/cgi-bin/failing`, {
      method: 'POST',
      body: 'Status: 200\n\nok',
    });
    assert.equal(await short.text(), 'ok', 'the site goes on');
  });
});
