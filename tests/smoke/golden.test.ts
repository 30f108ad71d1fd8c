// Golden files: written when asked, compared after redaction, never written in CI (PRODUCT.md section 9).
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { redacted } from '../../server/smoke/redaction.ts';
import { HELLO, siteFolder, smoke, smokeIn, smokeJson } from './smoking.ts';

const PLAN = `
redact: [number]
requests:
  - name: Grüße an alle
    request: /cgi-bin/hello.sh?a1
    expect: { body: { golden: true } }
  - request: /cgi-bin/hello.sh?b
    expect: { body: { golden: other.txt } }
`;

describe('golden files', () => {
  it('are written with --update, each difference shown before', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': PLAN });
    const before = await smoke(t, folder, ['plan.yaml']);
    assert.equal(before.code, 1);
    assert.match(before.stdout, /there is no golden file plan\.golden\/other\.txt yet: --update writes it/);
    assert.ok(!existsSync(join(folder, 'plan.golden')));
    const written = await smoke(t, folder, ['plan.yaml', '--update']);
    assert.equal(written.code, 0, written.stdout);
    assert.match(written.stdout, /new: plan\.golden\/gru-e-an-alle\.txt\n {2}@@.*\n {2}\+hello a\[number\]\n/);
    assert.deepEqual(readdirSync(join(folder, 'plan.golden')), ['gru-e-an-alle.txt', 'other.txt']);
    assert.equal(readFileSync(join(folder, 'plan.golden/gru-e-an-alle.txt'), 'utf8'), 'hello a[number]\n');
    assert.equal((await smoke(t, folder, ['plan.yaml'])).code, 0);
    writeFileSync(join(folder, 'plan.golden/other.txt'), 'hello x\n');
    writeFileSync(join(folder, 'plan.golden/old.txt'), 'nobody reads me\n');
    const changed = await smoke(t, folder, ['plan.yaml']);
    assert.equal(changed.code, 1);
    assert.match(
      changed.stdout,
      /the body is not as in plan\.golden\/other\.txt\n.*plan\.yaml:8:31\n.*\n.*\n {2}@@.*\n {2}-hello x\n {2}\+hello b\n/,
    );
    assert.match(changed.stdout, /^note: plan\.golden\/old\.txt is obsolete: no request compares itself with it$/m);
  });

  it('are no files that the scripts changed', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/count.sh': `${HELLO}echo >> count.txt\n`,
      'plan.yaml': PLAN.replaceAll('hello.sh', 'count.sh'),
    });
    const { code, report } = await smokeJson(t, folder, ['plan.yaml', '--update']);
    assert.equal(code, 0);
    assert.deepEqual(report.notes, [
      'plan.yaml changed files of the site: cgi-bin/count.txt; --ephemeral keeps the site as it is',
    ]);
  });

  it('are not written where CI is set', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': PLAN });
    const { code, stderr } = await smokeIn(t, { folder, environment: { CI: 'true' } }, ['plan.yaml', '--update']);
    assert.equal(code, 1);
    assert.match(stderr, /^warning: --update is ignored where CI is set: nothing was written\n$/);
    assert.ok(!existsSync(join(folder, 'plan.golden')));
  });

  it('that cannot be read are an error of their own', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': PLAN });
    mkdirSync(join(folder, 'plan.golden/other.txt'), { recursive: true });
    const { code, stdout } = await smoke(t, folder, ['plan.yaml', '--junit', 'report.xml']);
    assert.equal(code, 1);
    assert.match(stdout, /Cannot read the golden file "plan\.golden\/other\.txt": it is a folder/);
    assert.match(readFileSync(join(folder, 'report.xml'), 'utf8'), /<testsuites [^>]*failures="1" errors="1"/);
  });
});

const TOKEN =
  '#!/bin/sh\nprintf "Content-Type: text/html\\n\\n<input name=token value=\\"$$+&amp;\\"><a href=\\"?t=$$%%2B%%26\\">$QUERY_STRING</a>\\n"\n';
const TOKEN_PLAN = `
redact: [{ pattern: 't={{token}}', as: 't=[token]' }, { pattern: '{{token}}', as: '[token]' }]
requests:
  - request: /cgi-bin/token.sh?first
    capture: { token: { html: input, attribute: value } }
    expect: { body: { golden: first.html } }
  - request: /cgi-bin/hello.sh?{{token}}
    expect: { body: 'hello {{token}}' }
`;

describe('what was captured', () => {
  it('is hidden in golden files by a redaction that names it', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/token.sh': TOKEN, 'cgi-bin/hello.sh': HELLO, 'plan.yaml': TOKEN_PLAN });
    await smoke(t, folder, ['plan.yaml', '--update']);
    assert.equal(
      readFileSync(join(folder, 'plan.golden/first.html'), 'utf8'),
      '<input name=token value="[token]"><a href="?t=[token]">first</a>\n',
    );
    const again = await smoke(t, folder, ['plan.yaml']);
    assert.equal(again.code, 0, again.stdout);
    const compared = await smoke(t, folder, ['plan.yaml', '--against', 'warm']);
    assert.equal(compared.code, 0, compared.stdout);
    assert.doesNotMatch(compared.stdout, /obsolete/);
  });

  it('must be captured by a request of the plan', async (t) => {
    const folder = siteFolder(t, { 'plan.yaml': TOKEN_PLAN.replace("pattern: '{{token}}'", "pattern: '{{tokem}}'") });
    const { code, stderr } = await smoke(t, folder, ['plan.yaml']);
    assert.equal(code, 2);
    assert.match(stderr, /nothing gives \{\{tokem\}\}\n {2}--> plan\.yaml:2:\d+[\s\S]*did you mean \{\{token\}\}\?/);
  });
});

describe('redactions', () => {
  for (const [name, given, expected] of [
    [
      'date',
      '2026-11-22T13:11:09.123Z, 22-Nov-2026, Sun, 22 Nov 2026, Sun Nov 22 13:11:09 UTC 2026, 22.11.2026, 11/22/99',
      '[date], [date], [date], [date], [date], [date]',
    ],
    ['time', 'at 13:11, 13:11:09 and 1:05 pm', 'at [time], [time] and [time]'],
    [
      'time',
      '127.0.0.1:80 1:43105 ::1:43 1:22:33:44 [22/Nov/2026:13:11:09 +0000]',
      '127.0.0.1:80 1:43105 ::1:43 1:22:33:44 [22/Nov/2026:[time] +0000]',
    ],
    ['timestamp', '1700000000 1700000000123 42', '[timestamp] [timestamp] 42'],
    ['uuid', '0b2f7c1e-3c59-4f0e-9d1b-7f6d3c1f5a11', '[uuid]'],
    ['ip', 'from 127.0.0.1 v1.2', 'from [ip] v1.2'],
    ['port', 'http://127.0.0.1:45678/ localhost:80', 'http://127.0.0.1:[port]/ localhost:[port]'],
    ['hex', 'id 9f86d081884c7d65 cafe', 'id [hex] cafe'],
    ['number', 'visitor 1,999 of 3', 'visitor [number] of [number]'],
  ] as const) {
    it(`replace a ${name} in ${given}`, () => assert.equal(redacted(given, [name]), expected));
  }

  it('by pattern work on the bytes of a page', () => {
    const page = Buffer.from('Besucher: 5 für Zürich').toString('latin1');
    const result = redacted(page, [{ pattern: 'für Z\\S+', as: 'für […]' }]);
    assert.equal(Buffer.from(result, 'latin1').toString(), 'Besucher: 5 für […]');
  });
});
