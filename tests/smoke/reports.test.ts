// The reports: each in the shape that its readers expect, whatever scripts write into it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseDocument } from 'htmlparser2';
import { parse } from 'yaml';
import { githubAnnotations, githubSummary } from '../../server/smoke/report-github.ts';
import { htmlReport } from '../../server/smoke/report-html.ts';
import { junitXml } from '../../server/smoke/report-junit.ts';
import { tapReport } from '../../server/smoke/report-tap.ts';
import { TerminalReport } from '../../server/smoke/report-terminal.ts';
import type { RequestResult, SmokeResult } from '../../server/smoke/result.ts';
import { startSite } from '../support/start-site.ts';
import { HELLO, siteFolder, smoke, smokeIn, smokeJson } from './smoking.ts';

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

interface Element {
  readonly name: string;
  readonly attribs: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly type: string;
}

function elements(parent: Pick<Element, 'children'>): readonly Element[] {
  return parent.children.filter(({ type }) => type === 'tag' || type === 'script' || type === 'style');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** The shape that the published schemas of JUnit (Jenkins, GitLab, testmoapp) agree on. */
function checkJunit(xml: string): readonly Element[] {
  assert.doesNotMatch(xml, FORBIDDEN);
  assert.ok(xml.isWellFormed());
  assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
  const [suites] = elements(parseDocument(xml, { xmlMode: true }) as unknown as Element);
  assert.equal(suites?.name, 'testsuites');
  const cases: Element[] = [];
  for (const suite of elements(suites)) {
    assert.equal(suite.name, 'testsuite');
    const ofSuite = elements(suite);
    const count = (name: string) =>
      ofSuite.filter((each) => elements(each).some((inside) => inside.name === name)).length;
    for (const [attribute, number] of [
      ['tests', ofSuite.length],
      ['failures', count('failure')],
      ['errors', count('error')],
      ['skipped', count('skipped')],
    ] as const)
      assert.equal(suite.attribs[attribute], String(number), attribute);
    assert.match(suite.attribs.timestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    for (const testcase of ofSuite) {
      assert.equal(testcase.name, 'testcase');
      assert.deepEqual(
        Object.keys(testcase.attribs).filter((name) => !['classname', 'name', 'time', 'file'].includes(name)),
        [],
      );
      assert.match(testcase.attribs.time ?? '', /^\d+\.\d{3}$/);
      assert.ok(testcase.attribs.classname);
      const inside = elements(testcase).map(({ name }) => name);
      assert.ok(
        /^(?:(?:failure|error|skipped),?)?(?:system-out,?)?(?:system-err)?$/.test(inside.join()),
        inside.join(),
      );
      cases.push(testcase);
    }
  }
  const names = cases.map(({ attribs }) => `${attribs.classname} ${attribs.name}`);
  assert.equal(new Set(names).size, names.length, 'names are unique');
  return cases;
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

  it('that cannot be written is an error, after the others', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO });
    const { code, stderr } = await smoke(t, folder, ['--junit', 'no/such/report.xml', '--tap', 'report.tap']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^error REPORT_UNWRITABLE: Cannot write the report "no\/such\/report\.xml": there is no such folder\n/,
    );
    assert.match(readFileSync(join(folder, 'report.tap'), 'utf8'), /^ok 1 - /m);
  });
});

describe('the TAP report', () => {
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

describe('what cannot be seen on a server that is not ours', () => {
  it('is told in every report, and is no failure', async (t) => {
    const site = await startSite(t, { 'cgi-bin/hello.sh': HELLO });
    const plan =
      '- request: /cgi-bin/hello.sh\n  env: {A: b}\n  expect: {stderr: "", mail: []}\n- request: /cgi-bin/hello.sh?b\n';
    const folder = siteFolder(t, { 'plan.yaml': plan, 'summary.md': '', 'cgi-bin/hello.sh': HELLO });
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const files = ['--junit', 'r.xml', '--tap', 'r.tap', '--html', 'r.html'];
    const words = ['plan.yaml', '--base-url', site.url, ...files];
    const { code, stdout } = await smokeIn(t, { folder, environment }, words);
    assert.equal(code, 0, stdout);
    const note = `1 request was checked in part: stderr, mail and env of scripts at ${site.url}/ cannot be seen or set`;
    assert.match(stdout, /1\/2 ok {4}GET \/cgi-bin\/hello\.sh {2}\d+ ms, not checked: stderr, mail, env\n/);
    assert.match(stdout, /2\/2 ok {4}GET \/cgi-bin\/hello\.sh\?b {2}\d+ ms\n/);
    assert.ok(stdout.includes(`\nnote: ${note}\n2 passed in`), stdout);
    assert.ok(stdout.includes(`::warning title=cgibox smoke::${note}\n`), stdout);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    assert.match(read('summary.md'), /^- <code>GET \/cgi-bin\/hello\.sh<\/code> not checked: stderr, mail, env$/m);
    checkJunit(read('r.xml'));
    assert.match(read('r.xml'), /<system-out>not checked: stderr, mail, env<\/system-out>/);
    assert.match(
      read('r.tap'),
      /^ok 1 - plan\.yaml: GET \S+\n {2}---\n {2}not_checked:\n {4}- stderr\n {4}- mail\n {4}- env\n {2}\.\.\.\nok 2/m,
    );
    assert.match(read('r.html'), /<span class="notes">not checked: stderr, mail, env<\/span>/);
  });

  it('stands in JSON, and is seen on our own', async (t) => {
    const site = await startSite(t, { 'cgi-bin/hello.sh': HELLO });
    const plan = '- request: /cgi-bin/hello.sh\n  expect: {stderr: ""}\n';
    const folder = siteFolder(t, { 'plan.yaml': plan, 'cgi-bin/hello.sh': HELLO });
    const elsewhere = await smokeJson(t, folder, ['plan.yaml', '--base-url', site.url]);
    assert.deepEqual(elsewhere.results[0]?.notChecked, ['stderr']);
    const own = await smokeJson(t, folder, ['plan.yaml']);
    assert.deepEqual([own.results[0]?.notChecked, own.report.notes], [[], []]);
    const found = await smokeJson(t, folder, ['--base-url', site.url]);
    assert.match(found.report.notes.join(), /^stderr of scripts at \S+ cannot be seen: those without a plan/);
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
