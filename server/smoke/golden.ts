// Golden files: the answer as it was, kept beside the plan in PLAN.golden/ (the way of insta).
// The door to them. Nothing is written but with `mayWrite`, and never before the difference was shown.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOfBytes } from '../config/byte-string.ts';
import { reasonOf, reasonOfWriting } from '../config/read-file.ts';
import { headerValues, isText } from './answer-text.ts';
import type { Answer } from './client.ts';
import { diffLines } from './matching.ts';
import type { Redaction } from './plan.ts';
import { redacted } from './redaction.ts';
import type { Failure } from './result.ts';

/** A golden file that is about to be written. */
export interface GoldenChange {
  /** Display path. */
  readonly file: string;
  readonly isNew: boolean;
  readonly diff: readonly string[];
}

export interface GoldenRules {
  readonly redactions: readonly Redaction[];
  /** --update, outside CI. */
  readonly mayWrite: boolean;
  /** Told before the file is written. */
  readonly onChange: (change: GoldenChange) => void;
}

export interface GoldenOutcome {
  readonly failure: Failure | undefined;
  /** The file could not be read or written: an error, not a difference. */
  readonly isError: boolean;
}

const AS_EXPECTED: GoldenOutcome = { failure: undefined, isError: false };

/** The folder of one plan. */
export class GoldenFolder {
  readonly #folder: string;
  readonly #shown: string;
  readonly #used = new Set<string>();

  /** `plan`: absolute path of the plan; `source`: as it is shown. */
  constructor(plan: string, source: string) {
    this.#folder = folderOf(plan);
    this.#shown = folderOf(source);
  }

  /** Compares an answer with its golden file; writes the file where it may. */
  compare(answer: Answer, name: string, rules: GoldenRules): GoldenOutcome {
    this.#used.add(name);
    const found = redacted(answer.body.toString('latin1'), rules.redactions);
    const file = `${this.#shown}/${name}`;
    const golden = this.#read(name);
    if (golden.kind === 'unreadable')
      return failed(`Cannot read the golden file "${file}": ${golden.reason}`, [], true);
    if (golden.kind === 'read') {
      const expected = redacted(golden.bytes.toString('latin1'), rules.redactions);
      if (expected === found) return AS_EXPECTED;
      const diff = shownDifference(expected, found);
      return rules.mayWrite
        ? this.#write(name, found, { rules, diff, isNew: false })
        : failed(`the body is not as in ${file}`, diff);
    }
    const diff = shownDifference('', found);
    if (rules.mayWrite) return this.#write(name, found, { rules, diff, isNew: true });
    return failed(`there is no golden file ${file} yet: --update writes it`, diff.slice(0, 12));
  }

  /** Display paths of the files that no request compared itself with. */
  obsolete(): readonly string[] {
    return filesIn(this.#folder)
      .filter((name) => !this.#used.has(name))
      .map((name) => `${this.#shown}/${name}`);
  }

  #read(name: string): Read {
    try {
      return { kind: 'read', bytes: readFileSync(join(this.#folder, name)) };
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      return isAbsent ? { kind: 'absent' } : { kind: 'unreadable', reason: reasonOf(error) };
    }
  }

  #write(name: string, content: string, { rules, diff, isNew }: Writing): GoldenOutcome {
    const file = `${this.#shown}/${name}`;
    rules.onChange({ file, isNew, diff });
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(join(this.#folder, name), Buffer.from(content, 'latin1'));
      return AS_EXPECTED;
    } catch (error) {
      return failed(`Cannot write the golden file "${file}": ${reasonOfWriting(error)}`, [], true);
    }
  }
}

type Read =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string };

interface Writing {
  readonly rules: GoldenRules;
  readonly diff: readonly string[];
  readonly isNew: boolean;
}

function failed(summary: string, detail: readonly string[], isError = false): GoldenOutcome {
  return { failure: { kind: 'golden', summary, detail }, isError };
}

function shownDifference(expected: string, found: string): readonly string[] {
  if (!isText(Buffer.from(found, 'latin1')) || !isText(Buffer.from(expected, 'latin1')))
    return [`expected ${expected.length} bytes, found ${found.length}; they are no text`];
  return diffLines(textOfBytes(expected), textOfBytes(found));
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // No golden file was ever written.
    return [];
  }
}

function folderOf(plan: string): string {
  return `${plan.replace(/\.ya?ml$/i, '')}.golden`;
}

const EXTENSIONS: readonly (readonly [type: RegExp, extension: string])[] = [
  [/^text\/html|^application\/xhtml/i, '.html'],
  [/^application\/(?:\w+\+)?json/i, '.json'],
  [/^(?:text|application)\/(?:\w+\+)?xml/i, '.xml'],
  [/^text\/css/i, '.css'],
  [/^text\/csv/i, '.csv'],
  [/^text\//i, '.txt'],
];

/** File name for `golden: true`: the request's name, made fit for every file system, and what the answer is. */
export function goldenName(title: string, answer: Answer): string {
  const [type = ''] = headerValues(answer.fields, 'content-type');
  const extension = EXTENSIONS.find(([pattern]) => pattern.test(type))?.[1] ?? '.bin';
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `${words.slice(0, 100) || 'answer'}${extension}`;
}
