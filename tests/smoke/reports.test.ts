// The reports: each in the shape that its readers expect, whatever scripts write into it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { githubAnnotations, githubSummary } from '../../server/smoke/report-github.ts';
import { htmlReport } from '../../server/smoke/report-html.ts';
import { junitXml } from '../../server/smoke/report-junit.ts';
import { tapReport } from '../../server/smoke/report-tap.ts';
import { TerminalReport } from '../../server/smoke/report-terminal.ts';
import type { RequestResult, SmokeResult } from '../../server/smoke/result.ts';
import { checkJunit, FORBIDDEN } from './junit-shape.ts';
import { HELLO, siteFolder, smoke, smokeIn } from './smoking.ts';

const NASTY = ']]>\u0000\u001b[31m"<&>\ud800\uffff\r\nend';

function result(given: Partial<RequestResult> = {}): RequestResult {
  return {
    plan: undefined,
    name: '',
    method: 'GET',
    url: '/cgi-bin/a.pl',
    place: undefined,
    tags: [],
    script: 'cgi-bin/a.pl',
    runner: undefined,
    outcome: 'passed',
    skipped: undefined,
    failures: [],
    notChecked: [],
    milliseconds: 1234,
    attempts: 1,
    stderr: '',
    exchange: undefined,
    ...given,
  };
}

const FAILED = result({
  outcome: 'failed',
  failures: [{ kind: 'status', summary: `the status is ${NASTY}`, detail: [NASTY], mend: ['chmod +x a.pl'] }],
  stderr: NASTY,
  exchange: {
    request: { head: `GET /${NASTY}`, body: '' },
    answer: { status: 500, fields: [['X', NASTY]], body: `<script>${NASTY}` },
  },
});
const MIXED: SmokeResult = {
  results: [
    result(),
    result(),
    FAILED,
    result({
      outcome: 'error',
      plan: 'p.yaml',
      name: 'b, c: d',
      place: { line: 3, column: 5, length: 2, text: 'x: yz' },
      failures: [{ kind: 'noAnswer', summary: 'no answer', detail: [] }],
    }),
    result({ outcome: 'skipped', skipped: 'not # now', script: undefined }),
  ],
  notes: ['a note'],
  startedAt: 0,
  milliseconds: 2000,
};

function whyNoTapParser(): string | false {
  return spawnSync('perl', ['-MTAP::Parser', '-e', '1']).status === 0 ? false : 'there is no TAP::Parser here';
}

describe('the JUnit report', () => {
  it('has the shape that its readers know', () => {
    const cases = checkJunit(junitXml(MIXED));
    assert.deepEqual(
      cases.map(({ attribs }) => [attribs.classname, attribs.name, attribs.file]),
      [
        ['cgi-bin', 'GET /cgi-bin/a.pl', 'cgi-bin/a.pl'],
        ['cgi-bin', 'GET /cgi-bin/a.pl #2', 'cgi-bin/a.pl'],
        ['cgi-bin', 'GET /cgi-bin/a.pl #3', 'cgi-bin/a.pl'],
        ['.', 'GET /cgi-bin/a.pl', undefined],
        ['cgi-bin', 'GET /cgi-bin/a.pl (b, c: d)', 'cgi-bin/a.pl'],
      ],
    );
  });

  it('is written when a site fails, and when the run is ended', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/a.sh': `#!/bin/sh\nprintf 'a\\0b\\033c' >&2\n`,
      'cgi-bin/hello.sh': HELLO,
    });
    const { code } = await smoke(t, folder, ['--junit', 'report.xml', '--tap', 'report.tap', '--html', 'report.html']);
    assert.equal(code, 1);
    assert.equal(checkJunit(readFileSync(join(folder, 'report.xml'), 'utf8')).length, 2);
    assert.match(readFileSync(join(folder, 'report.tap'), 'utf8'), /^TAP version 14\n1\.\.2\nnot ok 1 - /);
    assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /<h1 class="bad">1 passed, 1 failed<\/h1>/);
  });

  it('that cannot be written is an error before anything is asked, which the others tell', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const { code, stdout, stderr } = await smoke(t, folder, ['--junit', 'no/such/report.xml', '--tap', 'report.tap']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^error REPORT_UNWRITABLE: Cannot write the report "no\/such\/report\.xml": there is no such folder\n/,
    );
    const tap = readFileSync(join(folder, 'report.tap'), 'utf8');
    assert.match(tap, /^not ok 1 - the tests can begin\n[\s\S]*no\/such\/report\.xml/m);
  });

  for (const [file, reason] of [
    ['cgi-bin', 'it is a folder'],
    ['cgi-bin/hello.sh/report.xml', 'a part of its path is a file, not a folder'],
  ] as const)
    it(`is not written where ${reason}`, async (t) => {
      const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
      const { code, stdout, stderr } = await smoke(t, folder, ['--html', file]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.startsWith(`error REPORT_UNWRITABLE: Cannot write the report "${file}": ${reason}\n`), stderr);
    });
});

describe('the TAP report', () => {
  it('is read by the parser of Perl', { skip: whyNoTapParser() }, () => {
    // That parser knows the version before; the lines are the same.
    const tap = tapReport({ ...MIXED, results: [...MIXED.results, { ...FAILED, stderr: '  blanks first\n' }] });
    const program =
      'local $/; my $p = TAP::Parser->new({ tap => scalar <STDIN> }); while ($_ = $p->next) { print "?", $_->as_string if $_->is_unknown } print join ";", $p->tests_run, $p->failed, $p->parse_errors';
    const { stdout } = spawnSync('perl', ['-MTAP::Parser', '-e', program], {
      input: tap.replace(/^TAP version 14/, 'TAP version 13'),
      encoding: 'utf8',
    });
    assert.equal(stdout, '6;3;4;6');
  });

  it('is TAP 14: a plan, test points, YAML blocks', () => {
    const lines = tapReport(MIXED).split('\n');
    assert.deepEqual(lines.slice(0, 2), ['TAP version 14', '1..5']);
    assert.deepEqual(
      lines.filter((line) => /^(?:not )?ok /.test(line)),
      [
        'ok 1 - GET /cgi-bin/a.pl',
        'ok 2 - GET /cgi-bin/a.pl',
        'not ok 3 - GET /cgi-bin/a.pl',
        'not ok 4 - p.yaml: GET /cgi-bin/a.pl (b, c: d)',
        'ok 5 - GET /cgi-bin/a.pl # SKIP not # now',
      ],
    );
    const block = lines.slice(lines.indexOf('  ---') + 1, lines.indexOf('  ...')).map((line) => line.slice(2));
    assert.equal(parse(block.join('\n')).at, 'cgi-bin/a.pl');
  });
});

describe('the annotations for GitHub', () => {
  it('are commands of one line, at most ten, one of each cause first', () => {
    const many = Array.from({ length: 20 }, (_, index) => result({ ...FAILED, url: `/${index}` }));
    const text = githubAnnotations({ ...MIXED, results: [...many, ...MIXED.results] });
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.filter((line) => line.startsWith('::error ')).length, 10);
    assert.match(
      lines[1] ?? '',
      /^::error file=p\.yaml,line=3,col=5,title=GET \/cgi-bin\/a\.pl \(b%2C c%3A d\)::no answer%0A/,
    );
    assert.equal(lines.at(-1), '::warning title=cgibox smoke::a note');
    assert.ok(githubSummary({ ...MIXED, results: many }).split('<details>').length === 21);
  });

  it('come by themselves in GitHub Actions, with the summary', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/a.sh': '#!/bin/sh\n', 'summary.md': '' });
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const { stdout } = await smokeIn(t, { folder, environment });
    assert.match(
      stdout,
      /^::error file=cgi-bin\/a\.sh,title=GET \/cgi-bin\/a\.sh::a\.sh ended with exit status 0 and wrote nothing/m,
    );
    assert.match(readFileSync(join(folder, 'summary.md'), 'utf8'), /^## ❌ cgibox smoke: 0 passed, 1 failed/);
  });
});

describe('the HTML report', () => {
  it('is one page that shows what scripts wrote as text', () => {
    const page = htmlReport(MIXED);
    assert.doesNotMatch(page, /<script|<img|<link|src=|href=/);
    assert.doesNotMatch(page, FORBIDDEN);
    assert.equal(page.match(/<details class="(?:failed|error)" open>/g)?.length, 2);
    assert.ok(page.includes('&lt;script&gt;'));
  });
});

describe('the report in the terminal', () => {
  it('cannot be steered by a script', () => {
    const parts: string[] = [];
    const report = new TerminalReport({
      write: (part) => void parts.push(part),
      inColour: false,
      isQuiet: false,
      total: 1,
    });
    report.result(FAILED);
    const text = parts.join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
    assert.match(text, /^ {2}mend: chmod \+x a\.pl$/m);
  });
});
