// The findings as text for a person: errors first, each with its places, its reason and the command that mends it.
// Pure. Nothing of the site can steer the terminal: names and texts are spelt out.

import { type DebianPackage, familyName } from '../diagnosis/debian-lists.ts';
import { visibleLine } from '../diagnosis/visible-text.ts';
import type { Examination } from './examine.ts';
import { type Finding, type Place, relativeTo, SEVERITIES, type Severity } from './finding.ts';
import { type Dependency, dependencies } from './packages.ts';

export interface ReportOptions {
  readonly inColour: boolean;
  /** Findings that the baseline accepts: counted, not shown. */
  readonly accepted: number;
}

const MAX_PLACES = 6;
const COLOURS: Readonly<Record<Severity, string>> = { error: '\u001b[31m', warning: '\u001b[33m', note: '\u001b[36m' };
const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const PLAIN = '\u001b[0m';

/** Text with its line ends. */
export function reportText(examination: Examination, { inColour, accepted }: ReportOptions): string {
  const paint = (text: string, colour: string): string => (inColour ? `${colour}${text}${PLAIN}` : text);
  const { findings, root } = examination;
  const blocks = findings.map((finding) => findingText(finding, root, paint));
  const hint = findings.length === 0 ? [] : [paint(`Commands are for a shell in ${visibleLine(root)}.`, DIM), ''];
  return [...blocks, ...packageLines(examination), ...hint, paint(summary(examination, accepted), BOLD), ''].join('\n');
}

type Paint = (text: string, colour: string) => string;

function findingText({ id, severity, title, why, mend, places }: Finding, root: string, paint: Paint): string {
  const shown = places.slice(0, MAX_PLACES).map((place) => `  --> ${placeText(place, root)}`);
  const more = places.length > MAX_PLACES ? [`  --> … and ${places.length - MAX_PLACES} more`] : [];
  const commands = mend.flatMap((command) => command.split('\n')).map((line) => `      ${line}`);
  return [
    `${paint(severity, COLOURS[severity])} ${paint(title, BOLD)} ${paint(`[${id}]`, DIM)}`,
    ...shown,
    ...more,
    `  ${why}`,
    ...(commands.length > 0 ? ['  mend:', ...commands] : []),
    '',
  ].join('\n');
}

/** "cgi-bin/links.pl:2" */
function placeText({ file, line }: Place, root: string): string {
  const name = visibleLine(relativeTo(file, root));
  return line === undefined ? name : `${name}:${line}`;
}

function packageLines(examination: Examination): readonly string[] {
  const { modules, ofInterpreters, packages } = dependencies(examination);
  if (modules.length === 0 && packages.length === 0) return [];
  const rows = [...Map.groupBy(modules, rowOf)].map(
    ([row, members]) =>
      [members.length === 1 ? nameOf(members[0]) : row, packageText(members[0]?.debianPackage)] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const list = packages.join(' ');
  const lines = [
    `On this machine:  apt-get install ${list}`,
    `In the image:     EXTRA_PACKAGES="${list}" docker compose build`,
  ];
  return [
    ...(modules.length > 0 ? ['Modules that are missing, and their Debian packages:'] : []),
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(ofInterpreters.length > 0
      ? [`Debian packages of the interpreters that are missing: ${ofInterpreters.join(' ')}`]
      : []),
    ...(packages.length > 0 ? lines : []),
    '',
  ];
}

/** Modules that one program brought, and no package, are one row: "perl Munin::…". */
function rowOf(dependency: Dependency): string {
  const { language, module, debianPackage } = dependency;
  const isFamily = language === 'perl' && debianPackage === undefined;
  return isFamily ? `perl ${visibleLine(familyName(module), 80)}::…` : nameOf(dependency);
}

function nameOf(dependency: Dependency | undefined): string {
  return dependency === undefined ? '' : `${dependency.language} ${visibleLine(dependency.module, 80)}`;
}

function packageText(found: DebianPackage | undefined): string {
  if (found === undefined) return 'no package of Debian';
  if (found.source === 'guess') return `perhaps ${found.name}`;
  return found.source === 'listed' ? found.name : `${found.name}, most likely`;
}

export interface Counts {
  readonly error: number;
  readonly warning: number;
  readonly note: number;
}

export function countsOf(findings: readonly Finding[]): Counts {
  const count = (wanted: Severity): number => findings.filter(({ severity }) => severity === wanted).length;
  return { error: count('error'), warning: count('warning'), note: count('note') };
}

/** "12 scripts: 1 error, 2 warnings" */
export function summary({ scripts, findings, unanswered, isCut, ranOpen }: Examination, accepted: number): string {
  return [
    `${plural(scripts, 'script')}: ${countsText(findings)}`,
    ...(accepted > 0 ? [`${plural(accepted, 'finding')} accepted by the baseline`] : []),
    ...unanswered.map((language) => `modules of ${language} could not be checked: its interpreter is not here`),
    ...(ranOpen ? ['perl -c ran without a sandbox, which this system does not offer'] : []),
    ...(isCut ? ['there are more files than are looked at'] : []),
  ].join('; ');
}

/** "1 error, 2 warnings", or "nothing found" */
export function countsText(findings: readonly Finding[]): string {
  const counts = countsOf(findings);
  const found = SEVERITIES.filter((severity) => counts[severity] > 0);
  return found.map((severity) => plural(counts[severity], severity)).join(', ') || 'nothing found';
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
