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
    [
      'a row that lacks what others give',
      'data: [{x: a}, {y: b}]\nrequests:\n- request: /{{x}}',
      /row 2 of the data gives no \{\{x\}\}\n.*plan\.yaml:1:16\n/,
    ],
    [
      'a selector that is none',
      '- request: /\n  expect: {body: {html: {"li[": 1}}}',
      /the key "li\[" of requests\[0\]\.expect\.body\.html must be a CSS selector\n.*plan\.yaml:2:26\n/,
    ],
    [
      'a path into JSON that is none',
      '- request: /\n  expect: {body: {json: {"items[0": 1}}}',
      /the key "items\[0" of requests\[0\]\.expect\.body\.json must be a path into JSON\n.*plan\.yaml:2:26\n/,
    ],
    ['captures by them', '- request: /\n  capture: {a: {html: "li["}}', /capture\.a\.html must be a CSS selector\n/],
    [
      'flags that are none',
      '- request: /\n  expect: {body: {matches: "/a/zz"}}',
      /matches\[0\] must have no other flags than i, m, s and u\n/,
    ],
    ['flags of another language', '- request: /\n  capture: {a: "/id=(.*)/gi"}', /must have no other flags than/],
    [
      'two bodies',
      '- request: {method: POST, path: /, form: {a: 1}, body: b}',
      /requests\[0\]\.request\.body is a second body beside form: leave one of them out\n.*plan\.yaml:1:56\n/,
    ],
    ['files beside JSON', '- request: {path: /, files: {a: b.txt}, json: {}}', /json is a second body beside files/],
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

  for (const [what, text] of [
    ['a pattern that is a path', '- request: /\n  expect: {body: {matches: [/usr/bin, /cgi-bin/form]}}'],
    ['a row that lacks what variables give', 'variables: {x: c}\ndata: [{x: a}, {y: b}]\nrequests:\n- request: /{{x}}'],
    [
      'names that templates make',
      '- request: /\n  expect: {body: {html: {"li[{{env.A}}": 1}, json: {"a[{{env.A}}": 1}}}',
    ],
  ] as const)
    it(`are not ${what}`, () => assert.doesNotMatch(problemsOf(text), /./));

  it('are the files that it names and that cannot be read, all at once', async (t) => {
    const folder = siteFolder(t, {
      'cgi-bin/hello.sh': HELLO,
      'plan.yaml':
        '- request: {path: /cgi-bin/hello.sh, files: {up: no.txt}}\n' +
        '- request: {path: /cgi-bin/hello.sh, body: {file: cgi-bin}}\n' +
        '- request: {path: /cgi-bin/hello.sh, body: {file: no.bin}}\n  skip: later\n',
    });
    const { code, stdout, stderr } = await smoke(t, folder, ['plan.yaml']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(
      stderr,
      `error PLAN_UNREADABLE: Cannot read plan.yaml: its file "no.txt": there is no such file
  --> plan.yaml:1:50
 1 | - request: {path: /cgi-bin/hello.sh, files: {up: no.txt}}
   |                                                  ^^^^^^ give a file that is there and that you may read

error PLAN_UNREADABLE: Cannot read plan.yaml: its file "cgi-bin": it is a folder
  --> plan.yaml:2:51
 2 | - request: {path: /cgi-bin/hello.sh, body: {file: cgi-bin}}
   |                                                   ^^^^^^^ give a file that is there and that you may read
`,
    );
  });

  it('are a folder: the hint says how a site is named', async (t) => {
    const folder = siteFolder(t, { 'old site/cgi-bin/hello.sh': HELLO });
    const { code, stderr } = await smoke(t, folder, ['./old site']);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `error PLAN_UNREADABLE: Cannot read the plan "./old site": it is a folder\n  hint: write --site './old site' to test the site in it, or name plans in it\n`,
    );
  });

  it('are a plan that is not there, and one that is no text', async (t) => {
    const folder = siteFolder(t, { 'cgi-bin/hello.sh': HELLO, 'binary.yaml': 'a\0b' });
    for (const [file, reason] of [
      ['absent.yaml', 'there is no such file'],
      ['binary.yaml', 'it is not text in UTF-8'],
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
