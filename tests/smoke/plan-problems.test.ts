// Bad plans: every mistake at once, at its place, with what to write instead; exit code 2 and nothing is asked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { CgiboxError } from '../../server/errors.ts';
import { planSchemaText } from '../../server/smoke/plan.ts';
import { readPlan } from '../../server/smoke/read-plan.ts';
import { HELLO, siteFolder, smoke } from './smoking.ts';

function problemsOf(text: string): string {
  try {
    readPlan(text, { file: '/x/plan.yaml', source: 'plan.yaml' });
  } catch (error) {
    assert.ok(error instanceof CgiboxError, String(error));
    assert.equal(error.code, 'PLAN_INVALID');
    return error.message;
  }
  return '';
}

describe('mistakes in a plan', () => {
  it('are told all at once, with place and advice', async (t) => {
    const plan =
      '- name: hello\n  reqest: GET /\n- request: GET /cgi-bin/hello.sh\n  expect:\n    staus: 200\n    time: soon\n';
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'plan.yaml': plan });
    const { code, stdout, stderr } = await smoke(t, folder, ['plan.yaml']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(
      stderr,
      `error PLAN_INVALID: Cannot read plan.yaml: requests[0].request is missing
  --> plan.yaml:1:3
 1 | - name: hello
   |   ^^^^^^^^^^^ add "request"

error PLAN_INVALID: Cannot read plan.yaml: "reqest" is not a key of requests[0]
  --> plan.yaml:2:3
 2 |   reqest: GET /
   |   ^^^^^^ did you mean "request"?

error PLAN_INVALID: Cannot read plan.yaml: "staus" is not a key of requests[1].expect
  --> plan.yaml:5:5
 5 |     staus: 200
   |     ^^^^^ did you mean "status"?

error PLAN_INVALID: Cannot read plan.yaml: requests[1].expect.time must be a time with its unit
  --> plan.yaml:6:11
 6 |     time: soon
   |           ^^^^ write for example 500ms or 2s
`,
    );
  });

  for (const [what, text, expected] of [
    [
      'an unknown key deep inside',
      '- request: {path: /, qeury: {a: 1}}',
      /"qeury" is not a key of requests\[0\]\.request\n.*plan\.yaml:1:22\n.*\n.*did you mean "query"\?/,
    ],
    ['a pattern that is none', '- request: /\n  expect: {body: {matches: "("}}', /must be a regular expression/],
    ['a name that nothing gives', '- request: /{{usr}}\nvariables: {user: a}', /lawful YAML|not a key/],
    [
      'a name that nothing gives, with a near one',
      'variables: {user: a}\nrequests:\n- request: /{{usr}}',
      /nothing gives \{\{usr\}\}\n.*plan\.yaml:3:12\n.*\n.*did you mean \{\{user\}\}\?/,
    ],
    [
      'a capture that comes too late',
      '- request: /{{a}}\n- request: /\n  capture: {a: x}',
      /\{\{a\}\} is captured by request 2, which comes later\n.*plan\.yaml:1:12/,
    ],
    [
      'captures that need each other',
      '- request: /{{b}}\n  capture: {a: x}\n- request: /{{a}}\n  capture: {b: x}',
      /\{\{b\}\} is captured by request 2, which needs \{\{a\}\} of this one: a circle/,
    ],
    [
      'a capture that needs itself',
      '- request: /{{a}}\n  capture: {a: x}',
      /captured by the very request that needs it: a circle/,
    ],
    [
      'variables made of each other',
      'variables: {a: "{{b}}", b: "{{a}}"}\nrequests: [{request: /}]',
      /\{\{b\}\} and \{\{a\}\} are made of each other: a circle/,
    ],
    ['no requests', 'requests: []', /requests must not be empty/],
    ['an empty file', '', /requests is missing/],
    ['YAML that is none', '- request: [', /bracket/],
    [
      'a golden file elsewhere',
      '- request: /\n  expect: {body: {golden: ../x}}',
      /golden must be true or the name of a file/,
    ],
  ] as const) {
    it(`are ${what}`, () => assert.match(problemsOf(text), expected));
  }

  it('are a plan that is not there, and one that is no text', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'binary.yaml': 'a\0b' });
    for (const [file, reason] of [
      ['absent.yaml', 'there is no such file'],
      ['binary.yaml', 'it is not text in UTF-8'],
      ['cgi-bin', 'it is a folder'],
    ] as const) {
      const { code, stderr } = await smoke(t, folder, [file]);
      assert.equal(code, 2);
      assert.equal(
        stderr,
        `error PLAN_UNREADABLE: Cannot read the plan "${file}": ${reason}\n  hint: give a file that is there and that you may read\n`,
      );
    }
  });
});

describe('config/smoke.schema.json', () => {
  it('is in step with the language of plans', () => {
    const file = resolve(import.meta.dirname, '../../config/smoke.schema.json');
    assert.ok(readFileSync(file, 'utf8') === planSchemaText(), 'run npm run schema');
  });
});
