// What a plan may expect, and what it is told when it is not so: each with its place in the plan.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../server/smoke/client.ts';
import { expectationFailures } from '../../server/smoke/expectations.ts';
import { readPlan } from '../../server/smoke/read-plan.ts';
import type { Witness } from '../../server/smoke/server-under-test.ts';

interface Given {
  readonly status?: number;
  readonly fields?: Answer['fields'];
  readonly body?: string | Buffer;
  readonly milliseconds?: number;
  readonly witness?: Partial<Witness>;
}

const WITNESS: Witness = {
  script: 'x',
  runner: undefined,
  stderr: '',
  fault: undefined,
  isServersPage: false,
  mend: [],
  mails: [],
};

/** "line:column summary" for each failure; `expect` is YAML in flow style, and begins at 2:11. */
function told(
  expect: string,
  { status = 200, fields = [], body = '', milliseconds = 1, witness }: Given,
): readonly string[] {
  const { plan, placeOf } = readPlan(`- request: /\n  expect: ${expect}\n`, { file: '/p.yaml', source: 'p.yaml' });
  const answer: Answer = { kind: 'answer', status, fields, body: Buffer.from(body), milliseconds, localPort: 0 };
  const observed = { answer, witness: witness === undefined ? undefined : { ...WITNESS, ...witness } };
  return expectationFailures(observed, plan.requests[0]?.expect ?? {}, (path) =>
    placeOf(['requests', 0, 'expect', ...path]),
  ).map(({ summary, place }) => `${place?.line}:${place?.column} ${summary}`);
}

describe('expectations that are met', () => {
  for (const [expect, given] of [
    ['{status: 404}', { status: 404 }],
    ['{status: [302, 2xx]}', { status: 204 }],
    ['{header: {content-TYPE: text/html}}', { fields: [['Content-Type', 'text/html']] }],
    [
      '{header: {Set-Cookie: {contains: b=2}}}',
      {
        fields: [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ],
      },
    ],
    ['{header: {X-Old: {absent: true}}}', {}],
    ['{body: hello}', { body: 'well, hello' }],
    ['{body: ""}', { body: '' }],
    ['{body: {contains: [a, b], not: c, matches: /^A/i}}', { body: 'ab' }],
    ['{body: {contains: Zürich}}', { body: Buffer.from('Z\xfcrich', 'latin1') }],
    [
      '{body: {contains: 日本}}',
      { body: Buffer.from([0x93, 0xfa, 0x96, 0x7b]), fields: [['Content-Type', 'text/html; charset=Shift_JIS']] },
    ],
    [
      '{body: {json: {"$.a[1].b": 2, $.c: {matches: "^x"}, $.a.length: 2, $.none: {absent: true}, $.d: {e: [1]}}}}',
      { body: '{"a":[0,{"b":2}],"c":"xy","d":{"e":[1]}}' },
    ],
    [
      '{body: {html: {h1: Hello, "td": 2, "a.x": {attribute: href, equals: /y}, "b.none": 0}}}',
      { body: '<H1>Hello\n you</H1><TABLE><TR><TD>1<TD>2</TABLE><A CLASS=x HREF=/y>z' },
    ],
    ['{stderr: ""}', { witness: { stderr: '' } }],
    ['{stderr: warned}', { witness: { stderr: 'I warned you\n' } }],
    ['{mail: []}', { witness: {} }],
    [
      '{mail: {to: bob@x, subject: Hi}}',
      { witness: { mails: [{ from: 'a@x', to: 'Bob <bob@x>', subject: 'Hi!', text: '' }] } },
    ],
    ['{time: 2s}', { milliseconds: 1999 }],
    ['{stderr: x, mail: {to: x}}', {}],
  ] as const satisfies readonly (readonly [string, Given])[]) {
    it(expect, () => assert.deepEqual(told(expect, given), []));
  }
});

describe('expectations that are not met', () => {
  for (const [expect, given, expected] of [
    ['{status: 200}', { status: 302 }, ['2:20 the status is 302, not 200']],
    [
      '{status: [2xx, 404]}',
      { status: 500, witness: { fault: 'no output' } },
      ['2:20 the status is 500, not 2xx or 404: no output'],
    ],
    ['{header: {X-A: b}}', { fields: [['x-a', 'c']] }, ['2:26 the field X-A is "c", not "b"']],
    ['{header: {X-A: b}}', {}, ['2:26 the answer has no field X-A']],
    ['{header: {X-A: {absent: true}}}', { fields: [['X-A', 'c']] }, ['2:26 there is a field X-A: "c"']],
    ['{body: {contains: [a, b]}}', { body: 'a' }, ['2:29 the body does not contain "b"']],
    ['{body: {not: {matches: "[0-9]+"}}}', { body: 'a1' }, ['2:34 the body matches "[0-9]+"']],
    ['{body: {equals: a}}', { body: 'b' }, ['2:27 the body is "b", not "a"']],
    ['{body: {json: {$.a: 1}}}', { body: '{"a":2}' }, ['2:31 $.a is 2, not 1']],
    ['{body: {json: {$.b: 1}}}', { body: '{"a":2}' }, ['2:31 the JSON has no $.b']],
    ['{body: {json: {$.b: 1}}}', { body: '<html>' }, [/^2:25 the body is not JSON: /]],
    ['{body: {html: {h1: x}}}', { body: '<p>' }, ['2:30 the page has no h1']],
    ['{body: {html: {td: 2}}}', { body: '<td>' }, ['2:30 td selects 1 elements, not 2']],
    ['{body: {html: {"a[{{env.X}}": x}}}', { body: '' }, ['2:41 "a[{{env.X}}" is no CSS selector']],
    ['{stderr: ""}', { witness: { stderr: 'oops\n' } }, ['2:20 stderr is "oops", not ""']],
    [
      '{mail: []}',
      { witness: { mails: [{ from: '', to: '', subject: '', text: '' }] } },
      ['2:18 1 mail was sent, not 0'],
    ],
    [
      '{mail: {to: x}}',
      { witness: { mails: [{ from: '', to: 'y', subject: '', text: '' }] } },
      ['2:18 no mail is as expected: its to does not contain "x"'],
    ],
    ['{time: 500ms}', { milliseconds: 700 }, ['2:18 the answer took 700 ms, more than 500 ms']],
  ] as const satisfies readonly (readonly [string, Given, readonly (string | RegExp)[]])[]) {
    it(`${expect}: ${expected[0]}`, () => {
      const found = told(expect, given);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, wanted] of expected.entries())
        if (typeof wanted === 'string') assert.equal(found[index], wanted);
        else assert.match(found[index] ?? '', wanted);
    });
  }
});
