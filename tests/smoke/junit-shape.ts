// The shape that readers of JUnit XML agree on, checked on a whole report.
import assert from 'node:assert/strict';
import { parseDocument } from 'htmlparser2';

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
export const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** The shape that the published schemas of JUnit (Jenkins, GitLab, testmoapp) agree on; gives the cases. */
export function checkJunit(xml: string): readonly Element[] {
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
