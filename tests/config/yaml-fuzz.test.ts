import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkFile } from '../../server/config/check.ts';
import { KEYS, SECTIONS } from '../../server/config/keys.ts';
import { type Problem, problemsError } from '../../server/config/problem.ts';

const words = [...SECTIONS, ...KEYS.map((key) => key.name), ...KEYS.map((key) => key.path), '/cgi-bin/', '.pl', 'x'];
const scalar = fc.oneof(
  fc.constantFrom('null', '~', '8000', '64kb', 'true', '.nan', '-.inf', '0x1F', '"a"', "'", '!!binary x', '*a', '&a b'),
  fc.string({ maxLength: 12 }),
  fc.double().map(String),
);
const line = fc
  .tuple(
    fc.constantFrom('', ' ', '  ', '    ', '\t', '- '),
    fc.constantFrom(...words),
    scalar,
    fc.constantFrom('', ' # c', '\r'),
  )
  .map(([indent, key, value, end]) => `${indent}${key}: ${value}${end}`);
const nearYaml = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
const fromMarks = fc
  .array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ' ',
      ',',
      '\n',
      '- ',
      '? ',
      '|',
      '>',
      '---',
      '"',
      '&a ',
      '*a',
      '<<',
      'cgi',
    ),
    {
      maxLength: 40,
    },
  )
  .map((marks) => marks.join(''));
const document = fc
  .dictionary(
    fc.constantFrom(...words),
    fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...words), fc.jsonValue())),
  )
  .map((value) => JSON.stringify(value));

/** Every problem stands in the text that it is about, and can be shown. */
function assertShown(problem: Problem, text: string): void {
  const { stretch } = problem;
  const lineText = (text.split('\n')[stretch.line - 1] ?? '').replace(/\r$/, '');
  assert.equal(stretch.text, lineText);
  assert.ok(stretch.column >= 1 && stretch.column <= lineText.length + 1, `column ${stretch.column}`);
  assert.ok(stretch.length >= 1);
  assert.ok(problem.what.length > 0 && problem.advice.length > 0);
  assert.ok(!problemsError([problem]).message.includes('undefined'), problemsError([problem]).message);
}

function check(text: string): void {
  const { config, problems } = checkFile(text, 'f.yaml');
  for (const problem of problems) assertShown(problem, text);
  if (problems.length === 0) assert.equal(typeof config.limits.bodyBytes, 'number');
}

describe('any text as a configuration file', () => {
  const runs = { seed: 20_261_122, numRuns: 700 };
  it('is a configuration or problems in their places: nearly lawful YAML', () => {
    fc.assert(fc.property(nearYaml, check), runs);
  });
  it('is a configuration or problems in their places: marks of YAML', () => {
    fc.assert(fc.property(fromMarks, check), runs);
  });
  it('is a configuration or problems in their places: lawful documents', () => {
    fc.assert(fc.property(document, check), runs);
  });
  it('is a configuration or problems in their places: any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), runs);
  });
});
