// Known findings that are accepted: a file beside the site says how often each cause may be seen in each file.
// Lines are not kept, so that an edit above them changes nothing. Pure.
import { textOfBytes } from '../config/byte-string.ts';
import type { Examination } from './examine.ts';
import { type Finding, type Place, relativeTo } from './finding.ts';
import type { MissingModule } from './modules.ts';

export interface Accepted {
  readonly id: string;
  readonly title: string;
  /** Relative to the site's root. */
  readonly file: string;
  readonly count: number;
}

export type Baseline =
  | { readonly kind: 'baseline'; readonly accepted: readonly Accepted[] }
  | { readonly kind: 'malformed'; readonly reason: string };

export function readBaseline(text: string): Baseline {
  try {
    const value: unknown = JSON.parse(text);
    const entries = isRecord(value) && value.version === 1 ? value.accepted : undefined;
    if (!Array.isArray(entries)) return { kind: 'malformed', reason: 'it is no baseline of version 1' };
    const wrong = entries.findIndex((entry) => !isAccepted(entry));
    if (wrong >= 0) return { kind: 'malformed', reason: `accepted[${wrong}] needs id, title, file and count` };
    return { kind: 'baseline', accepted: entries.filter(isAccepted) };
  } catch {
    return { kind: 'malformed', reason: 'it is no JSON' };
  }
}

function isAccepted(value: unknown): value is Accepted {
  if (!isRecord(value)) return false;
  const texts = [value.id, value.title, value.file];
  return (
    texts.every((text) => typeof text === 'string') && Number.isSafeInteger(value.count) && Number(value.count) > 0
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a file that accepts all findings. */
export function baselineText({ findings, root }: Examination): string {
  const accepted = findings.flatMap((finding) => {
    const byFile = Map.groupBy(finding.places, (place) => fileOf(place, root));
    return [...byFile].map(([file, { length: count }]) => ({ id: finding.id, title: finding.title, file, count }));
  });
  return `${JSON.stringify({ version: 1, accepted }, null, 2)}\n`;
}

export interface Compared {
  readonly examination: Examination;
  /** Findings that are accepted whole. */
  readonly accepted: number;
  /** Entries of the baseline that nothing matches any more. */
  readonly gone: number;
}

/** Takes away what is accepted. A finding that has more places than are accepted keeps the later ones. */
export function compareWith(accepted: readonly Accepted[], examination: Examination): Compared {
  const left = new Map<string, number>();
  for (const { id, title, file, count } of accepted) {
    const key = keyOf(id, title, file);
    left.set(key, (left.get(key) ?? 0) + count);
  }
  const before = new Map(left);
  const findings = examination.findings.flatMap((finding) => withoutAccepted(finding, examination.root, left));
  return {
    examination: { ...examination, findings, missing: examination.missing.filter((each) => isTold(each, findings)) },
    accepted: examination.findings.length - findings.length,
    gone: [...left].filter(([key, count]) => count === before.get(key)).length,
  };
}

/** The list of packages is for what is still a finding. */
function isTold({ places }: MissingModule, findings: readonly Finding[]): boolean {
  const told = findings.filter(({ id }) => /-module-/.test(id)).flatMap((finding) => finding.places);
  return places.some(({ file, line }) => told.some((place) => place.file === file && place.line === line));
}

function withoutAccepted(finding: Finding, root: string, left: Map<string, number>): Finding[] {
  const places = finding.places.filter((place) => {
    const key = keyOf(finding.id, finding.title, fileOf(place, root));
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
  return places.length === 0 ? [] : [{ ...finding, places }];
}

function fileOf({ file }: Place, root: string): string {
  return textOfBytes(relativeTo(file, root));
}

function keyOf(...parts: readonly string[]): string {
  return parts.join('\0');
}
