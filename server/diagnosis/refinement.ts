// What a message on stderr adds to a cause: one row of the table of stderr-patterns.ts, and what its rows share.
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import { shellQuote } from './shell-quote.ts';
import { visibleLine } from './visible-text.ts';

export interface Refinement {
  /** What is wrong, on one line, without a final period. */
  readonly title: string;
  /** One to three sentences. */
  readonly why: string;
  /** Commands and configuration lines that can be pasted. */
  readonly mend: readonly string[];
  /** They mend nothing: nobody but the author knows how. They show the failure again, where one can look closer. */
  readonly repeats?: true;
}

export interface StderrPattern {
  /** Stable: the log, the API and doctor name it. */
  readonly id: string;
  /** Tried on stderr with lines cut at 2000 bytes; groups are bytes. Must take linear time: scripts write what it reads. */
  readonly pattern: RegExp;
  /** Whether the row is to be taken where its pattern matches; absent: always. */
  readonly fits?: (evidence: Evidence) => boolean;
  readonly refine: (groups: readonly ByteString[], evidence: Evidence) => Refinement;
}

/** A group as text on one line, at most 200 characters. */
export function said(groups: readonly ByteString[], index: number): string {
  return visibleLine(groups[index] ?? '', 200);
}

/** What stands above the commands, without a colon. */
export function mendHeading({ mend, repeats }: Pick<Refinement, 'mend' | 'repeats'>): string {
  if (repeats === true) return 'See it again in a shell';
  return mend.length > 1 ? 'Mend it, with what fits of these' : 'Mend it';
}

/** The command that installs a Debian package. */
export function install(debianPackage: string): string {
  return `apt-get install ${shellQuote(debianPackage)}`;
}

const CONFIGURATION = '# config/cgibox.yaml';

/** Lines for the configuration file, indented as YAML. */
export function configuration(...lines: readonly string[]): string {
  return [CONFIGURATION, ...lines].join('\n');
}

/** Where a mend is to be carried out. */
export interface Surroundings {
  /** The file in force, or the one that would be; absent where nobody knows it. */
  readonly configFile?: ByteString | undefined;
  /** Packages come with the build of the container image: its root cannot be written, and apt has no lists there. */
  readonly isInImage: boolean;
}

/** The mends as they are meant there. */
export function mendIn({ configFile, isInImage }: Surroundings, mend: readonly string[]): readonly string[] {
  return mend.map((text) => {
    const [, name] = /^apt-get install (\S+)$/.exec(text) ?? [];
    if (isInImage && name !== undefined)
      return `EXTRA_PACKAGES=${name} docker compose build   # with those that were named before`;
    if (configFile === undefined || !text.startsWith(`${CONFIGURATION}\n`)) return text;
    return `# ${visibleLine(configFile)}${text.slice(CONFIGURATION.length)}`;
  });
}
