// The findings as annotations of GitHub Actions ("Workflow commands for GitHub Actions": error, warning, notice).
// Pure. One for each finding, errors first: GitHub shows ten of a kind and drops the rest.
import { posix } from 'node:path';
import { bytesOfText, textOfBytes } from '../config/byte-string.ts';
import { spellHidden } from '../diagnosis/visible-text.ts';
import type { Examination } from './examine.ts';
import type { Finding, Severity } from './finding.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** @param folder where the checkout is: GitHub finds files by their path in it. */
export function annotations({ findings }: Examination, folder: string): string {
  return findings.map((finding) => annotation(finding, bytesOfText(folder))).join('');
}

function annotation({ id, severity, title, why, mend, places }: Finding, folder: string): string {
  const [first] = places;
  if (first === undefined) return '';
  const more = places.length > 1 ? [`and at ${places.length - 1} more places`] : [];
  const message = [why, ...mend, ...more].map((text) => text.split('\n').map(spellHidden).join('\n')).join('\n');
  const properties = [
    `file=${property(textOfBytes(posix.relative(folder, first.file)))}`,
    ...(first.line === undefined ? [] : [`line=${first.line}`]),
    `title=${property(`${title} (${id})`)}`,
  ];
  return `::${COMMANDS[severity]} ${properties.join(',')}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
