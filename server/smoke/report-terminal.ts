// The report for people, as it comes: one line for each request, failures at once with their place (as Hurl shows them).
// Pure: text goes to whoever writes it.

import { failureSummary } from './failure-summary.ts';
import type { GoldenChange } from './golden.ts';
import { countsText, failureLines, notCheckedText, printable, secondsText, titleOf } from './report-text.ts';
import { countsOf, type RequestResult, type SmokeResult } from './result.ts';

export interface TerminalOptions {
  readonly write: (text: string) => void;
  readonly inColour: boolean;
  /** Only failures and the end. */
  readonly isQuiet: boolean;
  /** How many requests there will be. */
  readonly total: number;
}

const WORDS = { passed: 'ok', failed: 'FAIL', error: 'ERROR', skipped: 'skip' } as const;
const COLOURS = { passed: 32, failed: 31, error: 31, skipped: 33 } as const;

export class TerminalReport {
  readonly #options: TerminalOptions;
  #plan: string | undefined = '';
  #count = 0;
  /** Reason → how many requests were not asked for it. */
  readonly #notAsked = new Map<string, number>();

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  result(result: RequestResult): void {
    this.#count += 1;
    // Thousands of lines would push away what failed before.
    if (result.wasNotAsked === true) {
      const reason = result.skipped ?? '';
      this.#notAsked.set(reason, (this.#notAsked.get(reason) ?? 0) + 1);
      return;
    }
    const isBad = result.outcome === 'failed' || result.outcome === 'error';
    if (this.#options.isQuiet && !isBad) return;
    this.#heading(result);
    this.#options.write(`${this.#line(result)}\n`);
    for (const failure of result.failures) {
      const [summary = '', ...lines] = failureLines(result, failure);
      this.#options.write(`${this.#paint(31, 'error')}: ${summary}\n`);
      for (const line of lines) this.#options.write(`${this.#diffPainted(line)}\n`);
    }
    if (isBad) this.#options.write('\n');
  }

  /** A golden file is about to be written. */
  golden({ file, isNew, diff }: GoldenChange): void {
    this.#options.write(`${this.#paint(33, isNew ? 'new' : 'changed')}: ${printable(file)}\n`);
    for (const line of diff) this.#options.write(`${this.#diffPainted(printable(`  ${line}`))}\n`);
  }

  end({ results, notes, milliseconds }: SmokeResult): void {
    for (const [reason, count] of this.#notAsked)
      this.#options.write(`  ${this.#paint(33, 'skip')} ${count} ${count === 1 ? 'request' : 'requests'}: ${reason}\n`);
    const [heading, ...failures] = failureSummary(results);
    if (heading !== undefined) this.#options.write(`${this.#paint(31, heading)}\n${failures.join('\n')}\n\n`);
    for (const note of notes) this.#options.write(`${this.#paint(33, 'note')}: ${printable(note)}\n`);
    const { failed, errors } = countsOf(results);
    const text = `${countsText(results)} in ${secondsText(milliseconds)}`;
    this.#options.write(`${this.#paint(failed + errors > 0 ? 31 : 32, text)}\n`);
  }

  #heading({ plan }: RequestResult): void {
    if (plan === this.#plan) return;
    this.#plan = plan;
    this.#options.write(`${plan === undefined ? 'scripts found' : printable(plan)}\n`);
  }

  #line(result: RequestResult): string {
    const width = String(this.#options.total).length;
    const count = `${String(this.#count).padStart(width)}/${this.#options.total}`;
    const word = this.#paint(COLOURS[result.outcome], WORDS[result.outcome].padEnd(5));
    const attempts = result.attempts > 1 ? `, attempt ${result.attempts}` : '';
    const rest = result.skipped === undefined ? `${secondsText(result.milliseconds)}${attempts}` : result.skipped;
    const unseen = result.notChecked.length === 0 ? '' : `, ${this.#paint(33, notCheckedText(result))}`;
    return `  ${count} ${word} ${printable(titleOf(result)).replaceAll('\n', ' ')}  ${printable(rest).replaceAll('\n', ' ')}${unseen}`;
  }

  #diffPainted(line: string): string {
    if (/^ {2}-(?!->)/.test(line)) return this.#paint(31, line);
    return /^ {2}\+/.test(line) ? this.#paint(32, line) : line;
  }

  #paint(colour: number, text: string): string {
    return this.#options.inColour ? `\u001b[${colour}m${text}\u001b[39m` : text;
  }
}
