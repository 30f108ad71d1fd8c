// The process that looks for findings beside the server (start-findings.ts): a question on stdin, its answer on stdout as JSON.
import { text } from 'node:stream/consumers';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import { examineSite } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { countsText } from '../doctor/report.ts';

export interface FindingsQuestion {
  readonly config: Config;
  readonly configFile: string;
  readonly environment: Environment;
}

export interface FindingsAnswer {
  /** "2 errors, 1 warning" */
  readonly counts: string;
  readonly findings: readonly Finding[];
}

/** As many as the list of scripts looks at. */
const MAX_ENTRIES = 5000;

const question = JSON.parse(await text(process.stdin)) as FindingsQuestion;
const { findings } = await examineSite({ ...question, compiles: 'none', maxEntries: MAX_ENTRIES });
const answer: FindingsAnswer = { counts: countsText(findings), findings };
process.stdout.write(JSON.stringify(answer));
