// JUnit XML as GitLab, Jenkins and GitHub's reporters read it: classname = folder, a name of its own for each case,
// time in seconds, failure and error kept apart. Pure. Characters that XML 1.0 §2.2 forbids are replaced.
import { failureLines, notCheckedText, titleOf } from './report-text.ts';
import { type Counts, countsOf, type RequestResult, type SmokeResult } from './result.ts';

export function junitXml({ results, startedAt, milliseconds }: SmokeResult): string {
  const suites = Map.groupBy(results, ({ plan }) => plan ?? 'scripts found');
  const names = uniqueNames(results);
  const timestamp = new Date(startedAt).toISOString().slice(0, 19);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="cgibox smoke" ${numbers(results)} time="${seconds(milliseconds)}">`,
    ...[...suites].flatMap(([name, cases]) => [
      `  <testsuite name="${attribute(name)}" ${numbers(cases)} skipped="${countsOf(cases).skipped}" time="${seconds(sum(cases))}" timestamp="${timestamp}">`,
      ...cases.flatMap((each) => testcase(each, names.get(each) ?? '')),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function numbers(results: readonly RequestResult[]): string {
  const { failed, errors }: Counts = countsOf(results);
  return `tests="${results.length}" failures="${failed}" errors="${errors}"`;
}

/** A reader that finds two cases of one name shows one of them. */
function uniqueNames(results: readonly RequestResult[]): ReadonlyMap<RequestResult, string> {
  const used = new Set<string>();
  return new Map(
    results.map((result) => {
      const wanted = titleOf(result);
      const className = classNameOf(result);
      let name = wanted;
      for (let number = 2; used.has(`${className}\n${name}`); number += 1) name = `${wanted} #${number}`;
      used.add(`${className}\n${name}`);
      return [result, name] as const;
    }),
  );
}

/** The folder of the script; of the plan where no script answered. */
function classNameOf({ script, plan }: RequestResult): string {
  const file = script ?? plan ?? '';
  const end = file.lastIndexOf('/');
  return end <= 0 ? '.' : file.slice(0, end);
}

function testcase(result: RequestResult, name: string): readonly string[] {
  const file = result.script ?? result.plan;
  const place = file === undefined ? '' : ` file="${attribute(file)}"`;
  const open = `    <testcase classname="${attribute(classNameOf(result))}" name="${attribute(name)}"${place} time="${seconds(result.milliseconds)}"`;
  const inside = [
    ...verdict(result),
    ...stream('system-out', notCheckedText(result)),
    ...stream('system-err', result.stderr),
  ];
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, '    </testcase>'];
}

function verdict(result: RequestResult): readonly string[] {
  if (result.outcome === 'skipped') return [`      <skipped message="${attribute(result.skipped ?? '')}"/>`];
  const [first] = result.failures;
  if (first === undefined) return [];
  // One element only: what follows the first is not read.
  const element = result.outcome === 'error' ? 'error' : 'failure';
  const text = result.failures.map((failure) => failureLines(result, failure).join('\n')).join('\n\n');
  const message = result.failures.map(({ summary }) => summary).join('; ');
  return [`      <${element} type="${first.kind}" message="${attribute(message)}">${escaped(text)}</${element}>`];
}

function stream(element: string, text: string): readonly string[] {
  return text.trim() === '' ? [] : [`      <${element}>${escaped(text)}</${element}>`];
}

function sum(results: readonly RequestResult[]): number {
  return results.reduce((total, { milliseconds }) => total + milliseconds, 0);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML forbids is what it looks for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escaped(text: string): string {
  // A half of a surrogate pair is no character either.
  const lawful = text.toWellFormed().replace(FORBIDDEN, '\uFFFD');
  return lawful.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

function attribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
