// Whole pages against expected files. To write them anew after a deliberate change, and then read the diff:
//   CGIBOX_WRITE_EXPECTED=1 node --test tests/http/failure-page.test.ts
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cause, Evidence } from '../../server/diagnosis/cause.ts';
import { explain } from '../../server/diagnosis/explain.ts';
import { type FailurePageInput, failurePage } from '../../server/http/failure-page.ts';
import { expectPage } from '../support/expected-page.ts';

const evidence: Evidence = {
  scriptFile: '/site/cgi-bin/form.pl',
  scriptName: '/cgi-bin/form.pl',
  stderr: '',
  output: '',
};
const page = (parts: Partial<FailurePageInput> & { cause: Cause }) =>
  failurePage({
    explanation: explain(parts.cause, parts.evidence ?? evidence),
    id: 'r-1',
    requestUri: '/cgi-bin/form.pl?name=Alice',
    evidence,
    detail: 'full',
    accept: undefined,
    inspectorUrl: 'http://127.0.0.1:8001/r/r-1',
    ...parts,
  });
const FORMS = [
  ['html', 'text/html,application/xhtml+xml,*/*;q=0.8'],
  ['txt', '*/*'],
  ['json', 'application/json'],
] as const;

const EVERY_CAUSE: readonly Cause[] = [
  { kind: 'notExecutable' },
  { kind: 'shebangMissing' },
  { kind: 'shebangCarriageReturn', interpreter: '/usr/bin/perl' },
  { kind: 'shebangByteOrderMark' },
  { kind: 'interpreterMissing', interpreter: '/usr/local/bin/perl5' },
  { kind: 'couldNotStart', errno: 'ENOEXEC' },
  { kind: 'environmentTooLarge' },
  { kind: 'noOutput', exit: { kind: 'killed', signal: 'SIGSEGV' } },
  { kind: 'headerIncomplete', exit: { kind: 'exited', code: 0 } },
  { kind: 'headerMalformed', line: 2, reason: 'the line has no colon' },
  { kind: 'headerTooLarge', limit: '65536 bytes' },
  { kind: 'headerWithoutCgiField' },
  { kind: 'statusMalformed', line: 1, value: 'fine' },
  { kind: 'locationMalformed', line: 1, value: 'next page' },
  { kind: 'localRedirectLoop', limit: 10 },
  { kind: 'timeLimit', seconds: 60 },
  { kind: 'queueFull', running: 32, waiting: 512 },
  { kind: 'bodyTooLarge', limitBytes: 104_857_600 },
  { kind: 'stopping' },
  { kind: 'runnerLost' },
  { kind: 'spoolFailed', errno: 'ENOSPC', folder: '/tmp' },
];
const OUTPUT: Readonly<Record<string, string>> = {
  headerIncomplete: 'Content-Type: text/html\n',
  headerMalformed: 'Content-Type: text/html\n  <h1>Hello, caf\xe9</h1>\nBye\n',
  headerWithoutCgiField: 'X-Powered-By: me\n\n<h1>Hello</h1>\n',
  statusMalformed: 'Status: fine\nContent-Type: text/plain\n\nx',
  locationMalformed: 'Location: next page\n\n',
};

describe('failure page as text, for every cause', () => {
  for (const cause of EVERY_CAUSE) {
    it(`explains ${cause.kind}`, () => {
      const shown = page({ cause, evidence: { ...evidence, output: OUTPUT[cause.kind] ?? '' } });
      expectPage(shown, `cause-${cause.kind}.txt`);
    });
  }
});

const MODULE_MISSING: Partial<FailurePageInput> & { cause: Cause } = {
  cause: { kind: 'noOutput', exit: { kind: 'exited', code: 2 } },
  evidence: {
    ...evidence,
    stderr:
      "Can't locate CGI.pm in @INC (you may need to install the CGI module) (@INC entries checked: /etc/perl /usr/share/perl5) at /site/cgi-bin/form.pl line 4.\nBEGIN failed--compilation aborted at /site/cgi-bin/form.pl line 4.\n",
  },
  source: {
    file: '/site/cgi-bin/form.pl',
    firstLine: 1,
    lines: ['#!/usr/bin/perl', '# Formular f\xfcr G\xe4ste', '', 'use CGI;', '', 'my $q = CGI->new;'],
    line: 4,
  },
};

const HOSTILE: Partial<FailurePageInput> & { cause: Cause } = {
  requestUri: '/cgi-bin/x?"><script>alert(1)</script>\x1b[2J',
  cause: { kind: 'headerMalformed', line: 1, reason: '<img src=x onerror=alert(2)>' },
  evidence: {
    scriptFile: `/site/cgi-bin/'"><script>alert(3)</script>.pl`,
    scriptName: '/cgi-bin/x',
    stderr:
      '</pre><script>alert(4)</script>\x1b]0;title\x07\r\n\xff\xfe\x00 at </pre><b>.pl line 3\n\xe2\x80\xaeevil\n',
    output: '\xff<script>alert(5)</script>\x00\x1b[31m\n</pre>--><!--\n',
  },
  source: {
    file: '/site/cgi-bin/</h2><script>x',
    firstLine: 9,
    lines: ['</pre><script>alert(6)</script>\x08'],
    line: 9,
  },
  inspectorUrl: 'http://127.0.0.1:8001/r/"><script>alert(7)</script>',
};

describe('failure page in its three forms', () => {
  for (const [form, accept] of FORMS) {
    it(`shows a missing module as ${form}`, () => {
      expectPage(page({ ...MODULE_MISSING, accept }), `module-missing.${form}`);
    });

    it(`shows a bad header line with a caret as ${form}`, () => {
      const cause: Cause = { kind: 'headerMalformed', line: 2, reason: 'the line has no colon' };
      const shown = page({ cause, accept, evidence: { ...evidence, output: OUTPUT.headerMalformed ?? '' } });
      expectPage(shown, `bad-header.${form}`);
    });

    it(`lets hostile bytes do nothing as ${form}`, () => {
      const shown = page({ ...HOSTILE, accept });
      expectPage(shown, `hostile.${form}`);
      const text = shown.body.toString('utf8');
      if (form === 'html') assert.doesNotMatch(text, /<script|<img|<b>|--><!--/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    });

    it(`tells no source, stderr, output or path when plain, as ${form}`, () => {
      const shown = page({ ...MODULE_MISSING, detail: 'plain', accept });
      expectPage(shown, `plain.${form}`);
      assert.doesNotMatch(shown.body.toString('utf8'), /CGI|perl|\/site|form|inspector|8001|exit/i);
    });

    it(`stays bounded as ${form}`, () => {
      const huge = 'x<&"\xff\n'.repeat(11_000);
      const shown = page({
        cause: { kind: 'headerMalformed', line: 400, reason: 'y'.repeat(1000) },
        requestUri: `/${'z'.repeat(60_000)}`,
        evidence: { ...evidence, stderr: `${'a'.repeat(60_000)}\n${huge}`, output: '<'.repeat(4096) },
        accept,
      });
      assert.ok(shown.body.length < 100_000, `${shown.body.length} bytes`);
    });
  }
});
