// Every cause that a script or a request can bring about: a script that does it, and the whole page that it gets.
// CGIBOX_WRITE_EXPECTED=1 writes the pages anew, for review; never in CI. (Causes that only the server itself can bring
// about, stopping, runnerLost and spoolFailed, have their pages in tests/http/expected.)
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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

const CAUSES: Readonly<Record<string, Failing>> = {
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

/** What differs from run to run, replaced. */
function steady(page: string, site: TestSite, response: Response): string {
  return page
    .replaceAll(site.folder, '/SITE')
    .replaceAll(response.headers.get('x-request-id') ?? 'no id', 'ID')
    .replace(/^\s*\/SITE\/cgi-bin\/failing: line \d+:.*$/gm, '  (words of the shell)');
}

describe('the failure page of each cause', () => {
  for (const [kind, failing] of Object.entries(CAUSES)) {
    it(`says it: ${kind}`, async (t) => {
      const site = await startSite(t, { 'cgi-bin/failing': failing.content }, failing.overrides);
      if (kind === 'couldNotStart' && site.server.runner === 'direct')
        return t.skip('a spawn of Node hands what is no program to sh');
      const response = await (failing.ask?.(site) ?? site.get('/cgi-bin/failing'));
      const page = steady(await response.text(), site, response);
      assert.equal(response.status, failing.status, page);
      const file = join(EXPECTED, `${kind}.txt`);
      if (WRITES) {
        mkdirSync(EXPECTED, { recursive: true });
        writeFileSync(file, page);
      }
      assert.equal(page, readFileSync(file, 'utf8'));
    });
  }
});
